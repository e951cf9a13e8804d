"""What all pages share: form parts, tags for days, moments and states, parsers, middleware."""
