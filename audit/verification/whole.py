"""The whole log: pieces in order, the tree over them, every checkpoint's root and signature, nothing left out."""

from __future__ import annotations

import datetime as dt
import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import psycopg

from audit.rules.merkle import Frontier, subtrees
from audit.rules.notes import CheckpointText, NoteMalformed, NoteRefused, SignedNote, VerifierKey
from audit.rules.tiles import TILE_HEIGHT, TILE_WIDTH, subtree_root
from audit.verification.chunks import KEY_STREAM, tile_difference, verify_chunk
from audit.verification.completeness import left_out
from audit.verification.cosignatures import Cosignatures
from audit.verification.differences import CHUNK, ChunkReport, Difference, connect, short
from audit.verification.watching import COSIGNED_WITHIN, Missing, Refusal, missing_cosignatures, open_refusals

CHUNK_HEIGHT = 2 * TILE_HEIGHT
KEY_RETIRED = "log.key_retired"
Progress = Callable[[int, int], None]

_KEYS_BEFORE = """
SELECT leaf.leaf_index, entry.kind, entry.body ->> 'key'
FROM audit_entry AS entry JOIN audit_leaf AS leaf ON leaf.entry_id = entry.id
WHERE entry.stream = %s AND leaf.leaf_index < %s ORDER BY leaf.leaf_index
"""
_CHECKPOINTS = "SELECT size, root, note, key_id FROM audit_checkpoint WHERE size > %s AND size <= %s ORDER BY size"


class NoSuchCheckpoint(LookupError):
    """There is no checkpoint of that size to begin from."""


@dataclass
class Verified:
    """What a verification came to: the tables by themselves, and what the witnesses say of them."""

    origin: str
    start: int = 0
    size: int = 0
    checkpoints: int = 0
    cosignatures: int = 0
    difference: Difference | None = None
    refusals: list[Refusal] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """What to verify: where, from which checkpoint (0: all), in how many processes, signed under which name.

    `trusted` are keys known from elsewhere: one of them must have signed the last checkpoint. Empty: not asked.
    `witnesses` are those of the settings: their keys count in addition to those that the log names, and each must have
    cosigned what is older than `within`; each of `cosigners` must have cosigned the last checkpoint.
    """

    address: dict[str, Any]
    origin: str
    since: int = 0
    processes: int = 1
    trusted: tuple[VerifierKey, ...] = ()
    witnesses: tuple[VerifierKey, ...] = ()
    cosigners: tuple[VerifierKey, ...] = ()
    within: dt.timedelta = COSIGNED_WITHIN


def verify_log(wanted: Wanted, progress: Progress = lambda _done, _size: None) -> Verified:
    """Recompute the log as it is at this moment. Raises NoSuchCheckpoint."""
    with connect(wanted.address) as connection:
        return _Verification(connection, wanted).run(progress)


class _Verification:
    def __init__(self, connection: psycopg.Connection[Any], wanted: Wanted) -> None:
        self.connection, self.wanted = connection, wanted
        self.size = self._one("SELECT COALESCE(max(leaf_index) + 1, 0) FROM audit_leaf")
        since = wanted.since
        if since and not self._one("SELECT count(*) FROM audit_checkpoint WHERE size = %s", since):
            raise NoSuchCheckpoint(f"there is no checkpoint of the size {since}")
        # The piece that ends in that checkpoint is recomputed too, so that its root is compared.
        start = max(0, min(since, self.size) - 1) // CHUNK * CHUNK
        self.frontier = Frontier()
        self.keys: list[VerifierKey] = []
        self.rows: dict[int, list[bytes]] = {}
        """Per level from 2: the hashes of the tile that isn't full yet."""
        self.last_note: tuple[int, SignedNote] | None = None
        self.result = Verified(wanted.origin, start=start, size=self.size)
        self.cosignatures = Cosignatures(connection, wanted.witnesses, wanted.cosigners)
        self._resume(start)

    def run(self, progress: Progress) -> Verified:
        """All pieces in order, then what no piece can see."""
        for report in self._reports():
            found = self._take(report)
            if found:
                self.result.difference = found
                return self.result
            progress(report.end, self.size)
        self.result.cosignatures = self.cosignatures.count
        self.result.refusals = open_refusals(self.connection)
        self.result.missing = missing_cosignatures(self.connection, self.wanted.witnesses, self.wanted.within)
        self.result.difference = (
            left_out(self.connection, self.size)
            or self._beyond_the_end()
            or self.cosignatures.orphan(self.result.start, self.size)
            or self._untrusted()
            or self._not_cosigned()
        )
        return self.result

    def _resume(self, start: int) -> None:
        """Take over the tree up to `start` from its tiles: the checkpoint that it begins from vouches for them."""
        roots = self.connection.execute(
            "SELECT root FROM audit_tile WHERE level = 1 AND tile_index < %s ORDER BY tile_index", [start // CHUNK]
        )
        for (root,) in roots:
            self.frontier.append(root, CHUNK_HEIGHT)
            self._grow_row(2, root)
        for _index, kind, text in self.connection.execute(_KEYS_BEFORE, [KEY_STREAM.decode(), start]):
            self._take_key(kind, text)

    def _reports(self) -> Iterator[ChunkReport]:
        pieces = [(at, min(at + CHUNK, self.size)) for at in range(self.result.start, self.size, CHUNK)]
        if self.wanted.processes < 2 or len(pieces) < 2:
            yield from (verify_chunk(self.connection, *piece) for piece in pieces)
            return
        (snapshot,) = self.connection.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        pool = ProcessPoolExecutor(
            min(self.wanted.processes, len(pieces)),
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(self.wanted.address, snapshot),
        )
        with pool:
            # Only a few pieces are under way at a time, so that memory stays flat.
            running: deque[Future[ChunkReport]] = deque()
            try:
                for piece in pieces:
                    running.append(pool.submit(_verify, *piece))
                    if len(running) > 2 * self.wanted.processes:
                        yield running.popleft().result()
                while running:
                    yield running.popleft().result()
            finally:
                pool.shutdown(cancel_futures=True)

    def _take(self, report: ChunkReport) -> Difference | None:
        """Check the checkpoints within the piece, then let the tree grow by it; the first difference in its order."""
        found = report.difference
        limit = found.at if found else report.end
        changes = deque(report.keys)
        sizes = list(self.connection.execute(_CHECKPOINTS, [report.start, limit]))
        for size, root, note, key_id in sizes:
            while changes and changes[0][0] < size:
                self._take_key(*changes.popleft()[1:])
            differs = self._checkpoint_differs(size, bytes(root), note, key_id, report)
            if differs:
                return differs
            self.result.checkpoints += 1
        for _index, kind, text in changes:
            self._take_key(kind, text)
        if found:
            return found
        return self._grow(report)

    def _checkpoint_differs(
        self, size: int, root: bytes, note: str, key_id: str, report: ChunkReport
    ) -> Difference | None:
        grown = self.frontier.copy()
        for (level, _index), subtree in zip(subtrees(0, size - report.start), report.at_checkpoints[size], strict=True):
            grown.append(subtree, level)
        expected = grown.root()

        def differs(found: str, wanted: str) -> Difference:
            return Difference(size - 1, "audit_checkpoint", str(size), found, wanted)

        if root != expected:
            return differs(f"the root {short(root)}", f"{short(expected)}, computed from the leaves")
        try:
            signed = SignedNote.parse(note)
            body = CheckpointText.parse(signed.text)
            by = signed.verified_by(self.keys)
        except (NoteMalformed, NoteRefused) as error:
            names = ", ".join(key.text for key in self.keys) or "none yet"
            return differs(f"a note that is refused ({error})", f"a note signed by a key of the log ({names})")
        if body != CheckpointText(self.wanted.origin, size, expected):
            return differs(f"a note that says {str(body).split()}", f"{self.wanted.origin}, {size}, {short(expected)}")
        if by[0].hash.hex() != key_id:
            return differs(f"the key {key_id}", f"{by[0].hash.hex()}, which signed first")
        self.last_note = (size, signed)
        return self.cosignatures.difference(size, signed.text)

    def _grow(self, report: ChunkReport) -> Difference | None:
        for (level, _index), subtree in zip(subtrees(0, report.end - report.start), report.subtrees, strict=True):
            self.frontier.append(subtree, level)
        if report.end - report.start < CHUNK:
            return None
        return self._tile_differs(1, report.start // CHUNK, None, report.subtrees[0]) or self._grow_row(
            2, report.subtrees[0], report.start // CHUNK
        )

    def _grow_row(self, level: int, root: bytes, position: int | None = None) -> Difference | None:
        """Add a full tile's root to the row above; when that is full, compare the tile (not while resuming)."""
        row = self.rows.setdefault(level, [])
        row.append(root)
        if len(row) < TILE_WIDTH:
            return None
        self.rows[level] = []
        above = subtree_root(row)
        if position is None:
            return self._grow_row(level + 1, above)
        index = position // TILE_WIDTH
        return self._tile_differs(level, index, row, above) or self._grow_row(level + 1, above, index)

    def _tile_differs(self, level: int, index: int, hashes: list[bytes] | None, root: bytes) -> Difference | None:
        with self.connection.cursor(binary=True) as cursor:
            cursor.execute("SELECT hashes, root FROM audit_tile WHERE level = %s AND tile_index = %s", [level, index])
            kept = cursor.fetchone()
            if hashes is None:
                # The roots of the tiles below have been compared with what the leaves gave.
                cursor.execute(
                    "SELECT root FROM audit_tile WHERE level = %s AND tile_index >= %s AND tile_index < %s"
                    " ORDER BY tile_index",
                    [level - 1, index * TILE_WIDTH, (index + 1) * TILE_WIDTH],
                )
                hashes = [one for (one,) in cursor]
        return tile_difference(level, index, hashes, root, kept)

    def _take_key(self, kind: str, text: str) -> None:
        try:
            key = VerifierKey.parse(text)
        except NoteMalformed:
            return  # no key at all: nothing can be signed with it
        self.keys = [one for one in self.keys if one != key]
        if kind != KEY_RETIRED:
            self.keys.insert(0, key)

    def _beyond_the_end(self) -> Difference | None:
        """Checkpoints of more leaves than there are, and tiles that can't be full yet."""
        row = self.connection.execute(
            "SELECT size FROM audit_checkpoint WHERE size > %s ORDER BY size LIMIT 1", [self.size]
        ).fetchone()
        if row:
            found = f"a signature over {row[0]} leaves"
            return Difference(self.size, "audit_checkpoint", str(row[0]), found, f"at most the {self.size} there are")
        for level, index in self.connection.execute(
            "SELECT level, max(tile_index) FROM audit_tile GROUP BY level ORDER BY level"
        ):
            full = self.size >> (TILE_HEIGHT * (level + 1))
            if index >= full:
                row_name = f"{level}/{index}"
                return Difference(self.size, "audit_tile", row_name, "a tile", f"none: only {full} are full")
        return None

    def _untrusted(self) -> Difference | None:
        """The last checkpoint must be signed by a key that is known from elsewhere."""
        if not self.wanted.trusted or self.last_note is None:
            return None
        size, note = self.last_note
        try:
            note.verified_by(self.wanted.trusted)
        except NoteRefused:
            names = _names(self.wanted.trusted)
            row = str(size)
            return Difference(size - 1, "audit_checkpoint", row, "signatures by other keys", f"one by {names}")
        return None

    def _not_cosigned(self) -> Difference | None:
        """The last checkpoint must be cosigned by every witness that is asked for."""
        if self.wanted.cosigners and self.last_note is None:
            first = self.wanted.cosigners[0]
            return Difference(self.size, "audit_checkpoint", "the last", "none", f"one that {first.text} cosigned")
        return self.cosignatures.missing(self.last_note[0], self.last_note[1].text) if self.last_note else None

    def _one(self, sql: str, *parameters: int) -> int:
        row = self.connection.execute(sql.encode(), parameters).fetchone()
        return int(row[0]) if row else 0


def _names(keys: Collection[VerifierKey]) -> str:
    return " or ".join(key.text for key in keys)


_worker: list[psycopg.Connection[Any]] = []
"""The one connection of a process that verifies pieces."""


def _begin(address: dict[str, Any], snapshot: str) -> None:
    # Rows hold no cycles: looking for some after every few hundred of them takes a twentieth of the time.
    gc.disable()
    _worker.append(connect(address, snapshot))


def _verify(start: int, end: int) -> ChunkReport:
    report = verify_chunk(_worker[0], start, end)
    gc.collect()
    return report
