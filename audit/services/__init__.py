"""Writing the log, giving its entries their place, and signing what it has become."""

from audit.services.entries import NotInTransaction, append

__all__ = ["NotInTransaction", "append"]
