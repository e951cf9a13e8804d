"""Pages: check access, read the form, call one service, redirect or render."""
