"""Commands of the allocation app."""
