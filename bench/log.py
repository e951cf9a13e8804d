"""The audit log: what an entry adds to the act it records, and what a long log costs to place, prove and verify."""

from __future__ import annotations

import os
import random
import resource
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from django.db import connection, transaction

from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry, Leaf
from audit.selectors import configured_origin, entry_proof, log_keys
from audit.services import append, publish, sequence
from audit.verification.connecting import database_address
from audit.verification.whole import Verified, Wanted, verify_log
from bench.crowd import add_members, make_plan, tidy
from bench.entries import insert_entries
from bench.figures import Spread, clocked, ratio
from bench.hashing import bare, bytes_of, processor_times
from members.models import Membership
from members.models.memberships import EndReason
from members.services.memberships import end_membership

WARM_UP = 20
AT_ONCE = 200_000
SAMPLE = 20_000
PROOFS = 300
_ENTRIES = insert_entries("""
    SELECT 'claim.moved' AS kind, 'claim:C26-' || lpad(to_hex(n / 20), 6, '0') AS stream,
           'user:' || mod(n, 5000) AS actor,
           '{"due_at":"2026-11-22T00:00:00+00:00","from":"submitted","number":' || n || ',"to":"investigated"}' AS body,
           clock.at + mod(n, 200000) * interval '1 millisecond' AS recorded_at
      FROM generate_series(%s::bigint, %s::bigint) AS n, (SELECT assize_now() AS at OFFSET 0) AS clock
""")


class Fault(Exception):
    """The log is not as expected; the figures mean nothing."""


def acts(runs: int) -> dict[str, Any]:
    """What an entry adds to a small act, in turns with the entry and without it.

    The act is no head of a pair (audit/pairing.py): without its entry such a one would be refused.
    """
    plan = make_plan("bench-log")
    add_members(plan, 2 * (runs + WARM_UP))
    members = iter(list(Membership.objects.filter(plan=plan).order_by("pk").values_list("pk", flat=True)))
    tidy()

    def leave() -> None:
        end_membership(membership_id=next(members), at=clock.now(), reason=EndReason.LEFT, by=SYSTEM)

    return {
        "end_a_membership": _with_and_without("members.services.memberships.append", leave, runs),
        "append_alone": Spread.of([clocked(_append_alone) for _ in range(runs)]).as_json(),
    }


def _append_alone() -> None:
    with transaction.atomic():
        append(kind="bench.done", stream="bench:1", by=SYSTEM, body={"number": 1})


def _with_and_without(name: str, act: Callable[[], None], runs: int) -> dict[str, Any]:
    took: dict[bool, list[float]] = {True: [], False: []}
    warm_up = min(WARM_UP, runs)
    for number in range(warm_up + runs):
        # The order alternates, so that neither is always the one after a pause.
        for has_entry in (True, False) if number % 2 else (False, True):
            if has_entry:
                seconds = clocked(act)
            else:
                # The act tells people as ever: the message then names no entry.
                with patch(name, return_value=None):
                    seconds = clocked(act)
            if number >= warm_up:
                took[has_entry].append(seconds)
    with_entry, without = Spread.of(took[True]), Spread.of(took[False])
    more = (with_entry.median_ms / without.median_ms - 1) * 100
    return {"with": with_entry.as_json(), "without": without.as_json(), "more_percent": round(more, 1)}


def of_length(entries: int) -> dict[str, Any]:
    """What a log of this many entries costs to place, prove and verify."""
    before = Entry.objects.count()
    for first in range(1, entries + 1, AT_ONCE):
        with connection.cursor() as cursor:
            cursor.execute(_ENTRIES, [first, min(first + AT_ONCE - 1, entries)])
    publish_seconds = _placed()
    checkpoint_seconds = clocked(publish)
    tidy()
    proofs = _proofs(entries)
    # Before, between and after: a machine that is busy with other things slows both alike.
    ready = bytes_of(SAMPLE)
    hashing = [bare(ready)]
    alone = _verified(1)
    hashing.append(bare(ready))
    together = _verified(os.cpu_count() or 1)
    hashing.append(bare(ready))
    apart, streamed = (statistics.median(each) for each in zip(*hashing, strict=True))
    size = Leaf.objects.count()
    if size < before + entries:
        raise Fault(f"{size} leaves for {entries} entries")
    return {
        "entries": size,
        "placed_a_second": round(size / publish_seconds),
        "checkpoint_ms": round(checkpoint_seconds * 1000, 1),
        "proof": proofs,
        "verify_one_process": alone,
        "verify_all_cores": together,
        "bare_microseconds_an_entry": round(apart * 1e6, 2),
        "bare_one_stream_microseconds_an_entry": round(streamed * 1e6, 2),
        "processor": processor_times(ready, size),
        "speed_of_bare_hashing": ratio(apart, together["seconds"] / size),
        "speed_of_bare_hashing_one_process": ratio(apart, alone["seconds"] / size),
    }


def _placed() -> float:
    started = time.perf_counter()
    while sequence():
        pass
    return time.perf_counter() - started


def _proofs(entries: int) -> dict[str, float]:
    """The proof of entries anywhere in the log, each from nothing but its row."""
    chance = random.Random(1)  # noqa: S311 - the same places each time
    newest = Entry.objects.latest("pk").pk
    took = []
    for _ in range(min(PROOFS, entries)):
        entry = Entry.objects.filter(pk__gte=newest - chance.randrange(entries)).order_by("pk")[0]
        started = time.perf_counter()
        found = entry_proof(entry)
        took.append(time.perf_counter() - started)
        if not found.verifies:
            raise Fault(f"the proof of {entry.pk} fails")
    return Spread.of(took).as_json()


def _verified(processes: int) -> dict[str, Any]:
    trusted = tuple(one.key for one in log_keys())
    wanted = Wanted(database_address(), configured_origin(), processes=processes, trusted=trusted)
    found: list[Verified] = []
    with _Watch() as watch:
        seconds = clocked(lambda: found.append(verify_log(wanted)))
    if found[0].difference:
        raise Fault(str(found[0].difference))
    return {"processes": processes, "seconds": round(seconds, 4), "peak_mib": watch.peak_mib}


class _Watch(threading.Thread):
    """The most memory that any one process of a verification held, this one included; on Linux, else 0."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak_mib = 0.0
        self._is_done = threading.Event()

    def __enter__(self) -> _Watch:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_done.set()
        self.join()

    def run(self) -> None:
        """Look five times a second."""
        while not self._is_done.wait(0.2):
            children = [path.read_text().split() for path in Path("/proc/self/task").glob("*/children")]
            for pid in ["self", *(pid for each in children for pid in each)]:
                self.peak_mib = max(self.peak_mib, _resident_mib(pid))


def _resident_mib(pid: str) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:  # it has ended meanwhile, or there is no /proc
        return 0.0
    return round(pages * resource.getpagesize() / 2**20, 1)
