"""Verifying the log compared with bare hashing of the same bytes: by the clock, and in processor time."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg

from audit.models import Entry
from audit.rules.canonical import canonical_json
from audit.rules.leaves import body_text, head_text, moment_text
from audit.verification.chunks import verify_chunk
from audit.verification.connecting import database_address
from audit.verification.differences import CHUNK, connect
from bench.figures import clocked, ratio

RUNS = 11
MOST_PIECES = 16


def bytes_of(entries: int) -> list[bytes]:
    """The bytes that verifying these entries hashes: head, body, leaf, and one inner node for each leaf."""
    ready: list[bytes] = []
    for entry in Entry.objects.filter(kind="claim.moved").order_by("pk")[:entries]:
        body, recorded = canonical_json(entry.body), moment_text(entry.recorded_at)
        ready.append(bytes(entry.head_salt) + head_text(kind=entry.kind, stream=entry.stream).encode())
        ready.append(bytes(entry.body_salt) + body_text(actor=entry.actor, body=body, recorded=recorded).encode())
        ready.append(b"\x00" + bytes(entry.leaf))
        ready.append(b"\x01" + bytes(entry.leaf))  # an inner node is of the same length
    return ready


def bare(ready: list[bytes]) -> tuple[float, float]:
    """Seconds an entry to hash these bytes, ready in memory; and as one long stream."""
    whole, entries = b"".join(ready), len(ready) // 4
    apart = statistics.median(clocked(lambda: _hash_all(ready)) for _ in range(RUNS))
    streamed = statistics.median(clocked(lambda: sha256(whole).digest()) for _ in range(RUNS))
    return apart / entries, streamed / entries


def processor_times(ready: list[bytes], size: int) -> dict[str, Any]:
    """Microseconds of processor time an entry: verifying, in Python and in PostgreSQL, and bare hashing between.

    A machine that is busy with other things stretches the clock, but hardly this. Empty where PostgreSQL's own time
    can't be read: on another machine, or without /proc. The speed is that of a process for each of two free cores.
    """
    pieces = [(at, at + CHUNK) for at in range(0, size - CHUNK + 1, CHUNK)][:MOST_PIECES] or [(0, size)]
    python = postgres = 0.0
    gc.disable()  # as in the processes of a verification
    hashing = [_processor_seconds(lambda: _hash_all(ready))]
    with connect(database_address()) as connection:
        for start, end in pieces:
            before = _server_seconds(connection)
            python += _processor_seconds(lambda start=start, end=end: verify_chunk(connection, start, end))  # type: ignore[misc]
            after = _server_seconds(connection)
            if before is None or after is None:
                return {}
            postgres += after - before
            hashing.append(_processor_seconds(lambda: _hash_all(ready)))
    gc.enable()
    entries = sum(end - start for start, end in pieces)
    bare_each, verified_each = statistics.median(hashing) / (len(ready) // 4), (python + postgres) / entries
    return {
        "python_us": round(python / entries * 1e6, 2),
        "postgres_us": round(postgres / entries * 1e6, 2),
        "bare_hashing_us": round(bare_each * 1e6, 2),
        "speed_of_bare_hashing_on_two_cores": ratio(2 * bare_each, verified_each),
    }


def _hash_all(ready: list[bytes]) -> None:
    for one in ready:
        sha256(one).digest()


def _processor_seconds(act: Callable[[], object]) -> float:
    started = time.process_time()
    act()
    return time.process_time() - started


def _server_seconds(connection: psycopg.Connection[Any]) -> float | None:
    """The processor time of the server's process for this connection, if it runs on this machine."""
    try:
        told = Path(f"/proc/{connection.info.backend_pid}/stat").read_text()
    except OSError:
        return None
    if not told.partition("(")[2].startswith("postgres"):
        return None
    user, system = told.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
