"""Reasons to refuse an act on claims and what belongs to them: one module for each noun."""
