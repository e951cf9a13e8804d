"""The sequencer: committed entries get their places in the tree, without a gap, however many processes write or die."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from audit.locks import AdvisoryLock, wait_for
from audit.models import Tile
from audit.rules.tiles import TILE_WIDTH, split_hashes, subtree_root
from audit.selectors.log import tree_size
from audit.services.entries import append_fillers

BATCH = 10_000

# Set-based, and never planned as a scan of the whole log: LIMIT 1 keeps each look-up an index probe.
_PLACE = """
WITH taken AS (
    DELETE FROM audit_pending WHERE entry_id = ANY ({entries}) RETURNING entry_id
), placed AS (
    INSERT INTO audit_leaf (leaf_index, entry_id, leaf_hash)
    SELECT (SELECT COALESCE(max(leaf_index) + 1, 0) FROM audit_leaf) + row_number() OVER (ORDER BY taken.entry_id) - 1,
           taken.entry_id, sha256('\\x00'::bytea || entry.leaf)
    FROM taken
    CROSS JOIN LATERAL (SELECT leaf FROM audit_entry WHERE id = taken.entry_id LIMIT 1) AS entry
    LEFT JOIN LATERAL (SELECT leaf_index FROM audit_leaf WHERE entry_id = taken.entry_id LIMIT 1) AS known ON TRUE
    WHERE known.leaf_index IS NULL
    RETURNING leaf_index
)
SELECT count(*) FROM placed
"""
_PLACE_PENDING = _PLACE.format(entries="ARRAY(SELECT entry_id FROM audit_pending ORDER BY entry_id LIMIT %s)")
_PLACE_THESE = _PLACE.format(entries="%s")
_GROWN = "SELECT COALESCE(max(leaf_index) + 1, 0) FROM audit_leaf"
_FULL = "SELECT COALESCE(max(tile_index) + 1, 0) FROM audit_tile WHERE level = %s"
_LEAF_ROWS = """
SELECT leaf_index / 256, string_agg(leaf_hash, ''::bytea ORDER BY leaf_index) FROM audit_leaf
WHERE leaf_index >= %s AND leaf_index < %s GROUP BY 1 ORDER BY 1
"""
_ROOT_ROWS = """
SELECT tile_index / 256, string_agg(root, ''::bytea ORDER BY tile_index) FROM audit_tile
WHERE level = %s AND tile_index >= %s AND tile_index < %s GROUP BY 1 ORDER BY 1
"""


def hold_the_log() -> None:
    """Wait until nobody else changes the tree, and keep others from it until the transaction ends."""
    wait_for(AdvisoryLock.LOG)


def sequence(*, limit: int = BATCH) -> int:
    """Assign the next places to up to `limit` waiting entries, oldest first, and keep each tile that became full.

    All or nothing in one transaction: if it is killed anywhere, the entries keep waiting. An entry that commits
    late comes later; within a stream, whose writers hold its row, the order is the order of the acts. Returns how
    many were placed.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # Two sequencers at once would both give the place after the same last leaf.
        hold_the_log()
        cursor.execute("SET LOCAL jit = off")
        cursor.execute(_PLACE_PENDING, [limit])
        placed = int(cursor.fetchone()[0])
        if placed:
            _keep_full_tiles(cursor)
    return placed


def sequence_all() -> int:
    """Place whatever waits now, batch by batch. Returns how many were placed."""
    total = 0
    while placed := sequence():
        total += placed
        if placed < BATCH:
            break
    return total


def fill_up(multiple: int) -> int:
    """Fill the tree up to a multiple of so many leaves with sealed entries that say nothing, in the caller's
    transaction.

    From outside they look as every other leaf, so that the tree's growth shows how much happened only roughly. The
    caller holds the log: nothing else is placed meanwhile. Returns how many were added.
    """
    missing = -tree_size() % multiple
    if missing:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL jit = off")
            cursor.execute(_PLACE_THESE, [append_fillers(missing)])
            _keep_full_tiles(cursor)
    return missing


def _keep_full_tiles(cursor: CursorWrapper) -> None:
    """Write the tiles that became full, level by level; a tile without news has none above it."""
    cursor.execute(_GROWN)
    known = int(cursor.fetchone()[0])
    level = 0
    while True:
        cursor.execute(_FULL, [level])
        first, end = int(cursor.fetchone()[0]), known // TILE_WIDTH
        if first >= end:
            return
        bounds = [first * TILE_WIDTH, end * TILE_WIDTH]
        cursor.execute(_ROOT_ROWS if level else _LEAF_ROWS, [level - 1, *bounds] if level else bounds)
        Tile.objects.bulk_create(
            Tile(level=level, tile_index=index, hashes=bytes(row), root=subtree_root(split_hashes(bytes(row))))
            for index, row in cursor.fetchall()
        )
        known, level = end, level + 1
