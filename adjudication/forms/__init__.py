"""Forms: the shape of the input; no business checks."""
