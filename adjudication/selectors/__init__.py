"""Queries of claims, starting from what the user may see."""
