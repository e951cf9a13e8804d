"""One piece of the log: entries against their leaves, leaves against their hashes, hashes against their tiles."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import psycopg

from audit.rules.leaves import LEAF_BYTES
from audit.rules.merkle import HASH_BYTES, Frontier
from audit.rules.tiles import TILE_HEIGHT, TILE_WIDTH, subtree_root
from audit.verification.differences import ChunkReport, Difference, short

FETCH = 4096
KEY_STREAM = "log:keys"

_ROWS = """
SELECT leaf.leaf_index, leaf.entry_id, leaf.leaf_hash, entry.leaf, entry.head_salt, entry.body_salt,
       entry.kind, entry.stream, entry.actor, entry.body::text, entry.recorded_at
FROM audit_leaf AS leaf LEFT JOIN audit_entry AS entry ON entry.id = leaf.entry_id
WHERE leaf.leaf_index >= %s AND leaf.leaf_index < %s ORDER BY leaf.leaf_index
"""
_TILES = "SELECT tile_index, hashes, root FROM audit_tile WHERE level = %s AND tile_index >= %s AND tile_index < %s"
_CHECKPOINTS = "SELECT size FROM audit_checkpoint WHERE size > %s AND size <= %s ORDER BY size"
Row = tuple[int, int, bytes, bytes, bytes, bytes, str, str, str, str, dt.datetime]


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
        expected_index = self.report.start
        row_hashes: list[bytes] = []
        with self.connection.cursor(name="audit_verification", binary=True) as cursor:
            cursor.execute(_ROWS, [self.report.start, self.report.end])
            while rows := cursor.fetchmany(FETCH):
                for row in rows:
                    hashed = self._recomputed(expected_index, row)
                    if hashed is None:
                        yield row_hashes
                        return
                    row_hashes.append(hashed)
                    expected_index += 1
                    if len(row_hashes) == TILE_WIDTH:
                        yield row_hashes
                        row_hashes = []
        if row_hashes:
            yield row_hashes

    def _recomputed(self, expected_index: int, row: Row) -> bytes | None:
        """The leaf's hash from what its entry says; None and a difference when anything disagrees."""
        index, entry_id, leaf_hash, leaf, head_salt, body_salt, kind, stream, actor, body, recorded_at = row
        if index != expected_index:
            self._differs(expected_index, "audit_leaf", str(expected_index), "no such row", "no gap")
            return None
        if leaf is None:
            self._differs(index, "audit_entry", str(entry_id), "no such row", f"the entry of leaf {index}")
            return None
        # audit.rules.leaves says the same in words; here it is written out, being most of the work.
        recorded = recorded_at.isoformat(timespec="microseconds")[:26]
        head = head_salt + f'{{"kind":{_quoted(kind)},"stream":{_quoted(stream)}}}'.encode()
        tail = body_salt + f'{{"actor":{_quoted(actor)},"body":{body},"recorded_at":"{recorded}Z"}}'.encode()
        data = sha256(head).digest() + sha256(tail).digest()
        if leaf != data:
            self._entry_differs(index, entry_id, leaf, data)
            return None
        hashed = sha256(b"\x00" + data).digest()
        if leaf_hash != hashed:
            self._differs(index, "audit_leaf", str(index), short(leaf_hash), short(hashed))
            return None
        if stream == KEY_STREAM:
            self.report.keys.append((index, kind, str(json.loads(body).get("key"))))
        self.report.hashed_bytes += len(head) + len(tail) + LEAF_BYTES + HASH_BYTES * 2 + 2
        return hashed

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


def _frontier(roots: list[bytes], rest: list[bytes]) -> Frontier:
    """The subtrees over full tiles and the leaves after them, as if the piece were a tree of its own."""
    grown = Frontier()
    for root in roots:
        grown.append(root, TILE_HEIGHT)
    for leaf in rest:
        grown.append(leaf)
    return grown


_quoted = json.encoder.encode_basestring
