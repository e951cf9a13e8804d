"""Nothing left out: every entry has one place or waits for one."""

from __future__ import annotations

from typing import Any

import psycopg

from audit.verification.differences import Difference

_WITHOUT_PLACE = """
SELECT entry.id FROM audit_entry AS entry
WHERE NOT EXISTS (SELECT 1 FROM audit_leaf AS leaf WHERE leaf.entry_id = entry.id)
  AND NOT EXISTS (SELECT 1 FROM audit_pending AS pending WHERE pending.entry_id = entry.id)
ORDER BY entry.id LIMIT 1
"""
_COUNTS = """
SELECT (SELECT count(*) FROM audit_leaf),
       (SELECT count(*) FROM audit_entry AS entry
        WHERE EXISTS (SELECT 1 FROM audit_leaf AS leaf WHERE leaf.entry_id = entry.id))
"""
_TWICE = """
SELECT entry_id, min(leaf_index), max(leaf_index) FROM audit_leaf
GROUP BY entry_id HAVING count(*) > 1 ORDER BY min(leaf_index) LIMIT 1
"""
_STRAY = "SELECT leaf_index FROM audit_leaf WHERE leaf_index < 0 ORDER BY leaf_index LIMIT 1"


def left_out(connection: psycopg.Connection[Any], size: int) -> Difference | None:
    """An entry that has neither a place nor waits for one, or has two; a leaf outside the tree."""
    # Each asks about the whole log at once: here a scan is the fastest way.
    connection.execute("SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on")
    if row := connection.execute(_STRAY).fetchone():
        return Difference(size, "audit_leaf", str(row[0]), "a leaf before the first", "none")
    if row := connection.execute(_WITHOUT_PLACE).fetchone():
        return Difference(size, "audit_entry", str(row[0]), "no leaf, and not pending", "a leaf or a pending row")
    leaves, entries = connection.execute(_COUNTS).fetchone() or (0, 0)
    if leaves != entries and (row := connection.execute(_TWICE).fetchone()):
        entry_id, first, last = row
        return Difference(size, "audit_leaf", str(last), f"entry {entry_id} again", f"it at leaf {first} only")
    return None
