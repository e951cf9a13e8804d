"""Reasons to refuse an act of the jury: one module for each noun."""
