"""Nothing left out: every entry has one place or waits for one."""

from __future__ import annotations

from typing import Any

import psycopg

from audit.verification.differences import Difference

_COUNTS = """
SELECT (SELECT count(*) FROM audit_entry), (SELECT count(*) FROM audit_leaf),
       (SELECT count(*) FROM audit_pending AS pending JOIN audit_entry AS entry ON entry.id = pending.entry_id
        WHERE NOT EXISTS (SELECT 1 FROM audit_leaf AS leaf WHERE leaf.entry_id = entry.id)),
       (SELECT count(*) FROM pg_index AS one JOIN pg_attribute AS the
           ON the.attrelid = one.indrelid AND the.attname = 'entry_id' AND one.indkey::text = the.attnum::text
        WHERE one.indrelid = 'audit_leaf'::regclass AND one.indisunique AND one.indisvalid)
"""
_WITHOUT_PLACE = """
SELECT entry.id FROM audit_entry AS entry
WHERE NOT EXISTS (SELECT 1 FROM audit_leaf AS leaf WHERE leaf.entry_id = entry.id)
  AND NOT EXISTS (SELECT 1 FROM audit_pending AS pending WHERE pending.entry_id = entry.id)
ORDER BY entry.id LIMIT 1
"""
_WITHOUT_ENTRY = """
SELECT leaf.leaf_index, leaf.entry_id FROM audit_leaf AS leaf
WHERE NOT EXISTS (SELECT 1 FROM audit_entry AS entry WHERE entry.id = leaf.entry_id)
ORDER BY leaf.leaf_index LIMIT 1
"""
_TWICE = """
SELECT entry_id, min(leaf_index), max(leaf_index) FROM audit_leaf
GROUP BY entry_id HAVING count(*) > 1 ORDER BY min(leaf_index) LIMIT 1
"""
_STRAY = "SELECT leaf_index FROM audit_leaf WHERE leaf_index < 0 ORDER BY leaf_index LIMIT 1"


def left_out(connection: psycopg.Connection[Any], size: int) -> Difference | None:
    """An entry that has neither a place nor waits for one, or has two; a leaf outside the tree or without entry.

    While entry_id is unique, counting says whether all is well; rows are compared only when the counts disagree.
    """
    if row := connection.execute(_STRAY).fetchone():
        return Difference(size, "audit_leaf", str(row[0]), "a leaf before the first", "none")
    connection.execute("SET LOCAL enable_hashjoin = on; SET LOCAL enable_nestloop = on")
    entries, leaves, waiting, unique = connection.execute(_COUNTS).fetchone() or (0, 0, 0, 0)
    if unique and entries == leaves + waiting:
        return None
    if row := connection.execute(_WITHOUT_PLACE).fetchone():
        return Difference(size, "audit_entry", str(row[0]), "no leaf, and not pending", "a leaf or a pending row")
    if row := connection.execute(_TWICE).fetchone():
        entry_id, first, last = row
        return Difference(size, "audit_leaf", str(last), f"entry {entry_id} again", f"it at leaf {first} only")
    if row := connection.execute(_WITHOUT_ENTRY).fetchone():
        return Difference(row[0], "audit_entry", str(row[1]), "no such row", f"the entry of leaf {row[0]}")
    return None
