"""Reads of periods, shares and payments."""
