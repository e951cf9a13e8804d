"""The claims of a demonstration, in several states, each brought there by the real services."""
