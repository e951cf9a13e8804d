"""Tables of the audit log."""

from audit.models.entries import Entry
from audit.models.log import Checkpoint, Cosignature, Leaf, Pending, Tile

__all__ = ["Checkpoint", "Cosignature", "Entry", "Leaf", "Pending", "Tile"]
