"""Reads of the jury: visibility first."""
