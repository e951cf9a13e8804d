"""Whether the log has signed what a test waits for."""

from __future__ import annotations

from audit.models import Checkpoint, Entry, Leaf


def is_signed(entry: Entry) -> bool:
    """Whether the entry has its place in the tree, and a signed checkpoint covers it."""
    place = Leaf.objects.filter(entry=entry).values_list("leaf_index", flat=True).first()
    return place is not None and Checkpoint.objects.filter(size__gt=place).exists()
