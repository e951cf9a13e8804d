"""Recomputing the whole log from its tables, in pieces that several processes can share."""
