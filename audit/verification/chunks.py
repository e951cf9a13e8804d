"""One piece of the log: entries against their leaves, leaves against their hashes, hashes against their tiles."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import psycopg

from audit.rules.merkle import HASH_BYTES, Frontier
from audit.rules.tiles import TILE_HEIGHT, TILE_WIDTH, subtree_root
from audit.verification.differences import ChunkReport, Difference, short

TILES_AT_ONCE = 16
KEY_STREAM = "log:keys"

_ROWS = """
SELECT leaf.leaf_index, leaf.entry_id, leaf.leaf_hash, entry.leaf, entry.head_salt, entry.body_salt,
       entry.kind, entry.stream, entry.actor, entry.body::text, entry.recorded_at
FROM audit_leaf AS leaf LEFT JOIN audit_entry AS entry ON entry.id = leaf.entry_id
WHERE leaf.leaf_index >= %s AND leaf.leaf_index < %s ORDER BY leaf.leaf_index
"""
_TILES = "SELECT tile_index, hashes, root FROM audit_tile WHERE level = %s AND tile_index >= %s AND tile_index < %s"
_CHECKPOINTS = "SELECT size FROM audit_checkpoint WHERE size > %s AND size <= %s ORDER BY size"
_DATABASE_EPOCH = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - everything here is in UTC
_MINUTE = 60_000_000
Row = tuple[int, int, bytes, bytes, bytes, bytes, str, str, str, str, bytes]
"""Moments come as the database keeps them: writing a datetime out would cost more than all the hashing."""


def verify_chunk(connection: psycopg.Connection[Any], start: int, end: int) -> ChunkReport:
    """Recompute the leaves from `start` (a multiple of CHUNK) to before `end`, at most one CHUNK.

    Stops at the first difference. Flat in memory: some thousand rows at a time.
    """
    piece = _Piece(connection, start, end)
    piece.run()
    return piece.report


class _Piece:
    def __init__(self, connection: psycopg.Connection[Any], start: int, end: int) -> None:
        self.connection = connection
        self.report = ChunkReport(start, end)
        first, after = start // TILE_WIDTH, end // TILE_WIDTH
        with connection.cursor(binary=True) as cursor:
            cursor.execute(_TILES, [0, first, after])
            self.tiles = {index: (hashes, root) for index, hashes, root in cursor}
            cursor.execute(_CHECKPOINTS, [start, end])
            self.sizes = [size for (size,) in cursor]
        self.roots: list[bytes] = []
        """Of the full tiles so far."""

    def run(self) -> None:
        """Tile by tile; the last may be partial."""
        hashes: list[bytes] = []
        index = self.report.start
        for hashes in self._hashes():
            index += len(hashes)
            self._note_checkpoints(index, hashes)
            if self.report.difference:
                return
            if len(hashes) == TILE_WIDTH:
                self._close_tile(index // TILE_WIDTH - 1, hashes)
                if self.report.difference:
                    return
        if index < self.report.end:
            self._differs(index, "audit_leaf", str(index), "no such row", "the leaf that follows the one before")
            return
        rest = hashes if len(hashes) < TILE_WIDTH else []
        self.report.subtrees = _frontier(self.roots, rest).hashes

    def _hashes(self) -> Iterator[list[bytes]]:
        """The recomputed leaf hashes, a tile's worth at a time; what precedes a difference comes last."""
        done: list[bytes] = []
        with self.connection.cursor(name="audit_verification", binary=True) as cursor:
            cursor.execute(_ROWS, [self.report.start, self.report.end])
            index = self.report.start
            while rows := cursor.fetchmany(TILE_WIDTH * TILES_AT_ONCE):
                for at in range(0, len(rows), TILE_WIDTH):
                    done = self._recomputed(index, rows[at : at + TILE_WIDTH])
                    yield done
                    index += len(done)
                    if self.report.difference:
                        return

    def _recomputed(self, index: int, rows: list[Row]) -> list[bytes]:
        """The hashes of one tile's leaves from what their entries say, as far as everything agrees."""
        quoted, hashes, minute, prefix = json.encoder.encode_basestring, [], None, ""
        for found, entry_id, leaf_hash, leaf, head_salt, body_salt, kind, stream, actor, body, raw in rows:
            if found != index or leaf is None:
                self._is_missing(index, found, entry_id)
                break
            # audit.rules.leaves says the same in words; here it is written out, being most of the work.
            head = f'{{"kind":{quoted(kind)},"stream":{quoted(stream)}}}'
            this, rest = divmod(int.from_bytes(raw, "big", signed=True), _MINUTE)
            if this != minute:
                minute, prefix = this, _minute_text(this)
            micro = f"{rest:08}"
            tail = f'{{"actor":{quoted(actor)},"body":{body},"recorded_at":"{prefix}{micro[:2]}.{micro[2:]}Z"}}'
            data = sha256(head_salt + head.encode()).digest() + sha256(body_salt + tail.encode()).digest()
            hashed = sha256(b"\x00" + data).digest()
            if leaf != data:
                self._entry_differs(index, entry_id, leaf, data)
                break
            if leaf_hash != hashed:
                self._differs(index, "audit_leaf", str(index), short(leaf_hash), short(hashed))
                break
            if stream == KEY_STREAM:
                self.report.keys.append((index, kind, str(json.loads(body).get("key"))))
            hashes.append(hashed)
            index += 1
        return hashes

    def _is_missing(self, index: int, found: int, entry_id: int) -> None:
        if found != index:
            self._differs(index, "audit_leaf", str(index), "no such row", "no gap")
        else:
            self._differs(index, "audit_entry", str(entry_id), "no such row", f"the entry of leaf {index}")

    def _entry_differs(self, index: int, entry_id: int, leaf: bytes, data: bytes) -> None:
        what, at = ("kind or stream", 0) if leaf[:HASH_BYTES] != data[:HASH_BYTES] else ("actor, body or moment", 32)
        self._differs(
            index,
            "audit_entry",
            str(entry_id),
            f"the digest {short(leaf[at : at + 32])} kept with its {what}",
            f"{short(data[at : at + 32])}, computed from them (leaf {index})",
        )

    def _note_checkpoints(self, index: int, hashes: list[bytes]) -> None:
        """Keep what the roots of the checkpoints within these leaves are made of."""
        first = index - len(hashes)
        while self.sizes and self.sizes[0] <= index:
            size = self.sizes.pop(0)
            self.report.at_checkpoints[size] = _frontier(self.roots, hashes[: size - first]).hashes

    def _close_tile(self, index: int, hashes: list[bytes]) -> None:
        root = subtree_root(hashes)
        self.roots.append(root)
        self.report.difference = tile_difference(0, index, hashes, root, self.tiles.get(index))

    def _differs(self, at: int, table: str, row: str, found: str, expected: str) -> None:
        self.report.difference = Difference(at, table, row, found, expected)


def tile_difference(
    level: int, index: int, hashes: list[bytes], root: bytes, kept: tuple[bytes, bytes] | None
) -> Difference | None:
    """How a full tile as kept differs from the hashes that belong into it, if it does."""
    at = (index + 1) * TILE_WIDTH ** (level + 1) - 1
    row = f"{level}/{index}"
    if kept is None:
        return Difference(at, "audit_tile", row, "no such row", "a full tile")
    found, found_root = kept
    for number, expected in enumerate(hashes):
        one = found[number * HASH_BYTES : (number + 1) * HASH_BYTES]
        if one != expected:
            return Difference(at, "audit_tile", f"{row}, hash {number}", short(one), short(expected))
    if len(found) != TILE_WIDTH * HASH_BYTES:
        return Difference(at, "audit_tile", row, f"{len(found)} bytes", f"{TILE_WIDTH * HASH_BYTES} bytes")
    if found_root != root:
        return Difference(at, "audit_tile", f"{row}, root", short(found_root), short(root))
    return None


def _minute_text(minute: int) -> str:
    """The beginning of a moment's text, up to its seconds."""
    try:
        return (_DATABASE_EPOCH + dt.timedelta(minutes=minute)).isoformat()[:17]
    except OverflowError:  # no moment that was ever digested: the database's "infinity"
        return "never"


def _frontier(roots: list[bytes], rest: list[bytes]) -> Frontier:
    """The subtrees over full tiles and the leaves after them, as if the piece were a tree of its own."""
    grown = Frontier()
    for root in roots:
        grown.append(root, TILE_HEIGHT)
    for leaf in rest:
        grown.append(leaf)
    return grown
