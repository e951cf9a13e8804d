"""What a verification finds, and where it reads from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.types.string import ByteaBinaryLoader

CHUNK = 65_536
"""Leaves that are verified in one piece: as many as one full tile of level 1 covers."""


@dataclass(frozen=True)
class Difference:
    """The first place where the tables aren't what they should be. `at` orders differences: a leaf's index."""

    at: int
    table: str
    row: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.table} {self.row}: found {self.found}; expected {self.expected}"


@dataclass
class ChunkReport:
    """What one piece came to. The lists hold hashes of complete subtrees, left to right, largest first."""

    start: int
    end: int
    difference: Difference | None = None
    subtrees: list[bytes] = field(default_factory=list)
    at_checkpoints: dict[int, list[bytes]] = field(default_factory=dict)
    keys: list[tuple[int, str, str]] = field(default_factory=list)
    """Entries about the log's keys: leaf index, kind, the key's text."""


def connect(address: dict[str, Any], snapshot: str | None = None) -> psycopg.Connection[Any]:
    """A connection that reads one moment of the database: this one, or that of an exported snapshot."""
    connection: psycopg.Connection[Any] = psycopg.connect(**address, autocommit=False)
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    if snapshot:
        # The name comes from pg_export_snapshot(); the statement takes no parameter.
        connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'".encode())
    # For each piece: two ranges by index, merged; never a look-up for each row, nor a scan of all of the log.
    connection.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_hashjoin = off; SET LOCAL jit = off")
    connection.execute("SET LOCAL work_mem = '64MB'")
    for name in ("text", "varchar", "json", "timestamptz"):
        connection.adapters.register_loader(name, ByteaBinaryLoader)
    return connection


def short(value: bytes | None) -> str:
    """Bytes for a message: in hexadecimal, cut after a hash's length."""
    if value is None:
        return "nothing"
    return value.hex() if len(value) <= 32 else f"{value[:32].hex()}… ({len(value)} bytes)"
