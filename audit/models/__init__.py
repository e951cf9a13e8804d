"""Tables of the audit log."""

from audit.models.entries import Entry

__all__ = ["Entry"]
