"""Tables of the audit log, and of the sweeps that keep it and everything else going."""

from audit.models.entries import Entry
from audit.models.log import Checkpoint, Cosignature, Leaf, Pending, Tile
from audit.models.sweeps import SweepFault, SweepRun

__all__ = ["Checkpoint", "Cosignature", "Entry", "Leaf", "Pending", "SweepFault", "SweepRun", "Tile"]
