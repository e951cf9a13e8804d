"""Pages: access, form, one service, redirect or render."""
