"""One piece of the log: entries against their leaves, leaves against their hashes, hashes against their tiles."""

from __future__ import annotations

import datetime as dt
import json
import struct
from collections.abc import Callable, Iterator
from hashlib import sha256
from operator import add
from typing import Any, TypeVar

import psycopg

from audit.rules.leaves import leaf_data, moment_text
from audit.rules.merkle import HASH_BYTES, Frontier, leaf_hash
from audit.rules.tiles import TILE_HEIGHT, TILE_WIDTH, subtree_root
from audit.verification.differences import ChunkReport, Difference, short

TILES_AT_ONCE = 4
"""So few that the rows are still near the processor when they are hashed."""
KEY_STREAM = b"log:keys"
MOST_READY = 20_000

# "+ 0": or the smallest would be looked for along the index of all ids.
_IDS = """
SELECT min(entry_id + 0), max(entry_id + 0) FROM audit_leaf WHERE leaf_index >= %s AND leaf_index < %s
"""
# Bounded on both sides, so that two ranges are merged: a look-up for each entry would take half as long again.
_ROWS = """
SELECT leaf.leaf_index, leaf.leaf_hash, entry.leaf, entry.head_salt, entry.body_salt,
       entry.kind, entry.stream, entry.actor, entry.body, entry.recorded_at
FROM audit_leaf AS leaf LEFT JOIN audit_entry AS entry ON entry.id = leaf.entry_id AND entry.id BETWEEN %s AND %s
WHERE leaf.leaf_index >= %s AND leaf.leaf_index < %s ORDER BY leaf.leaf_index
"""
_TILES = "SELECT tile_index, hashes, root FROM audit_tile WHERE level = %s AND tile_index >= %s AND tile_index < %s"
_CHECKPOINTS = "SELECT size FROM audit_checkpoint WHERE size > %s AND size <= %s ORDER BY size"
_DATABASE_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_SECOND = 1_000_000
Key = TypeVar("Key", bytes, int)
Row = tuple[int, bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes, bytes]
"""Index, then everything as the bytes in the database: to read a text or a moment only to write it out again would
cost more than to hash it."""


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
        self.heads, self.tails, self.actors = _Ready(_head_of), _Ready(_tail_of), _Ready(_actor_of)
        self.seconds = _Ready(_second_of)

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
        index = self.report.start
        with self.connection.cursor(binary=True) as cursor:
            bounds = cursor.execute(_IDS, [index, self.report.end]).fetchone() or (0, 0)
        with self.connection.cursor(name="audit_verification", binary=True) as cursor:
            cursor.execute(_ROWS, [*bounds, index, self.report.end])
            while rows := cursor.fetchmany(TILE_WIDTH * TILES_AT_ONCE):
                for at in range(0, len(rows), TILE_WIDTH):
                    done = self._recomputed(index, rows[at : at + TILE_WIDTH])
                    yield done
                    index += len(done)
                    if self.report.difference:
                        return

    def _recomputed(self, index: int, rows: list[Row]) -> list[bytes]:
        """The hashes of one tile's leaves from what their entries say, as far as everything agrees."""
        return self._all_agreeing(index, rows) or self._agreeing(index, rows)

    def _all_agreeing(self, index: int, rows: list[Row]) -> list[bytes]:
        """The hashes if all rows agree, else nothing: column by column, for this is nearly all of the work.

        Says in bytes what audit.rules.leaves says in words.
        """
        places, leaf_hashes, leaves, head_salts, body_salts, kinds, streams, actors, bodies, moments = zip(
            *rows, strict=True
        )
        if None in leaves or places != tuple(range(index, index + len(rows))):
            return []
        heads, tails, actor_of, second_of = self.heads, self.tails, self.actors, self.seconds
        micros = struct.unpack(f">{len(rows)}q", b"".join(moments))
        head_digests = [
            sha256(salt + heads[kind] + tails[stream]).digest()
            for salt, kind, stream in zip(head_salts, kinds, streams, strict=True)
        ]
        body_digests = [
            sha256(
                b"".join((salt, actor_of[actor], body, second_of[at // _SECOND], b'%06dZ"}' % (at % _SECOND)))
            ).digest()
            for salt, actor, body, at in zip(body_salts, actors, bodies, micros, strict=True)
        ]
        data = tuple(map(add, head_digests, body_digests))
        hashes = [sha256(b"\x00" + one).digest() for one in data]
        if data != leaves or tuple(hashes) != leaf_hashes:
            return []
        if KEY_STREAM in streams:
            for row in rows:
                self._note_key(row)
        for cache in (heads, tails, actor_of, second_of):
            cache.keep_small()
        return hashes

    def _agreeing(self, index: int, rows: list[Row]) -> list[bytes]:
        """The same row by row, up to the first difference, which it names."""
        hashes: list[bytes] = []
        for row in rows:
            found, kept_hash, leaf, head_salt, body_salt, kind, stream, actor, body, moment = row
            if found != index or leaf is None:
                self._is_missing(index, found)
                break
            data = leaf_data(
                kind=kind.decode(),
                stream=stream.decode(),
                actor=actor.decode(),
                body=body.decode(),
                recorded=_moment_text(int.from_bytes(moment, "big", signed=True)),
                head_salt=head_salt,
                body_salt=body_salt,
            )
            if leaf != data:
                self._entry_differs(index, leaf, data)
                break
            hashed = leaf_hash(data)
            if kept_hash != hashed:
                self._differs(index, "audit_leaf", str(index), short(kept_hash), short(hashed))
                break
            self._note_key(row)
            hashes.append(hashed)
            index += 1
        return hashes

    def _note_key(self, row: Row) -> None:
        """Keep what an entry says about the log's keys."""
        index, kind, stream, body = row[0], row[5], row[6], row[8]
        if stream == KEY_STREAM:
            self.report.keys.append((index, kind.decode(), str(json.loads(body).get("key"))))

    def _is_missing(self, index: int, found: int) -> None:
        if found != index:
            self._differs(index, "audit_leaf", str(index), "no such row", "no gap")
        else:
            self._differs(index, "audit_entry", self._entry_of(index), "no such row", f"the entry of leaf {index}")

    def _entry_differs(self, index: int, leaf: bytes, data: bytes) -> None:
        what, at = ("kind or stream", 0) if leaf[:HASH_BYTES] != data[:HASH_BYTES] else ("actor, body or moment", 32)
        self._differs(
            index,
            "audit_entry",
            self._entry_of(index),
            f"the digest {short(leaf[at : at + 32])} kept with its {what}",
            f"{short(data[at : at + 32])}, computed from them (leaf {index})",
        )

    def _entry_of(self, index: int) -> str:
        row = self.connection.execute("SELECT entry_id FROM audit_leaf WHERE leaf_index = %s", [index]).fetchone()
        return str(row[0]) if row else "unknown"

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
    """How a full tile as stored differs from the hashes that belong in it, if it does."""
    at = (index + 1) * TILE_WIDTH ** (level + 1) - 1
    row = f"{level}/{index}"
    if kept is None:
        return Difference(at, "audit_tile", row, "no such row", "a full tile")
    found, found_root = kept
    if found == b"".join(hashes) and found_root == root:
        return None
    for number, expected in enumerate(hashes):
        one = found[number * HASH_BYTES : (number + 1) * HASH_BYTES]
        if one != expected:
            return Difference(at, "audit_tile", f"{row}, hash {number}", short(one), short(expected))
    if len(found) != TILE_WIDTH * HASH_BYTES:
        return Difference(at, "audit_tile", row, f"{len(found)} bytes", f"{TILE_WIDTH * HASH_BYTES} bytes")
    if found_root != root:
        return Difference(at, "audit_tile", f"{row}, root", short(found_root), short(root))
    return None


class _Ready(dict[Key, bytes]):
    """Parts of what is digested, as they stand in it, each looked up again and again."""

    def __init__(self, make: Callable[[Key], bytes]) -> None:
        super().__init__()
        self._make: Callable[[Key], bytes] = make

    def __missing__(self, key: Key) -> bytes:
        self[key] = found = self._make(key)
        return found

    def keep_small(self) -> None:
        """Empty it before it holds much of the log."""
        if len(self) > MOST_READY:
            self.clear()


def _head_of(kind: bytes) -> bytes:
    return b'{"kind":%b,"stream":' % _quoted(kind)


def _tail_of(stream: bytes) -> bytes:
    return b"%b}" % _quoted(stream)


def _actor_of(actor: bytes) -> bytes:
    return b'{"actor":%b,"body":' % _quoted(actor)


def _second_of(second: int) -> bytes:
    return b',"recorded_at":"%b.' % _moment_text(second * _SECOND)[:19].encode()


def _quoted(text: bytes) -> bytes:
    return json.encoder.encode_basestring(text.decode()).encode()


def _moment_text(micro: int) -> str:
    """The moment so many microseconds after the database's epoch, as it is digested."""
    try:
        return moment_text(_DATABASE_EPOCH + dt.timedelta(microseconds=micro))
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
