"""The claims of a demonstration in several states, each reached through the real services."""
