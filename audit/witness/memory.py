"""What a witness remembers: of each log the newest checkpoint that it cosigned, and what it refused."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS began (at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS cosigned (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL, at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS refused (
    origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL, why TEXT NOT NULL, known_size INTEGER NOT NULL,
    note TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (origin, size, root, why)
);
"""
FORK, BAD_PROOF = "fork", "bad proof"
MOST_BAD_PROOFS = 10_000
"""Anybody may send a wrong proof with a public checkpoint, so they aren't kept without end; forks are."""


@dataclass(frozen=True)
class Known:
    """The newest checkpoint of a log that the witness cosigned."""

    size: int
    root: bytes
    note: str
    at: int


@dataclass(frozen=True)
class Refused:
    """A checkpoint with the log's own signature that doesn't continue what the witness knew then."""

    size: int
    root: bytes
    why: str
    known_size: int
    note: str
    at: int


class Memory:
    """An SQLite file whose every change is on the disk before `change` ends, whatever becomes of the process."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        # EXTRA also syncs the folder after each change: a power cut can't bring the old memory back.
        self._file.execute("PRAGMA synchronous = EXTRA")
        self._file.executescript(_SCHEMA)
        with self.change():
            is_new = self._file.execute("SELECT 1 FROM began").fetchone() is None
            if is_new:
                self._file.execute("INSERT INTO began VALUES (?)", (int(time.time()),))
        self.is_new = is_new

    @contextlib.contextmanager
    def change(self) -> Iterator[None]:
        """Exclusive access to the memory, also across processes; on leaving, all changes are on the disk or none."""
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._file.execute("COMMIT")
            except BaseException:
                if self._file.in_transaction:
                    self._file.execute("ROLLBACK")
                raise

    def began_at(self) -> int:
        """The second of the epoch at which this memory began; what a log did before, it can't know."""
        return int(self._file.execute("SELECT min(at) FROM began").fetchone()[0])

    def known(self, origin: str) -> Known | None:
        """What it knows of a log; None before its first checkpoint."""
        row = self._file.execute("SELECT size, root, note, at FROM cosigned WHERE origin = ?", (origin,)).fetchone()
        return Known(*row) if row else None

    def remember(self, origin: str, known: Known) -> None:
        """Replace what it knows of a log; only inside `change`."""
        self._file.execute(
            "INSERT OR REPLACE INTO cosigned VALUES (?, ?, ?, ?, ?)",
            (origin, known.size, known.root, known.note, known.at),
        )

    def remember_refusal(self, origin: str, one: Refused) -> None:
        """Keep the proof of a log's misbehaviour, once; only inside `change`."""
        if one.why == BAD_PROOF:
            count = self._file.execute("SELECT count(*) FROM refused WHERE why = ?", (BAD_PROOF,)).fetchone()[0]
            if count >= MOST_BAD_PROOFS:
                return
        self._file.execute(
            "INSERT OR IGNORE INTO refused VALUES (?, ?, ?, ?, ?, ?, ?)",
            (origin, one.size, one.root, one.why, one.known_size, one.note, one.at),
        )

    def refusals(self, origin: str, limit: int = 20) -> list[Refused]:
        """What it refused of a log, newest first, forks before the rest."""
        rows = self._file.execute(
            "SELECT size, root, why, known_size, note, at FROM refused WHERE origin = ?"
            " ORDER BY why = ? DESC, at DESC, size DESC LIMIT ?",
            (origin, FORK, limit),
        )
        return [Refused(*row) for row in rows.fetchall()]

    def close(self) -> None:
        """Close the file."""
        self._file.close()
