"""Measure what the service costs: a ballot, the close of a period, the worklist, the log."""

from __future__ import annotations

import datetime as dt
import json
import os
import platform
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from config.bench.closing import MOST_PERIODS
from config.bench.figures import ratio
from config.bench.place import BenchUnable, own_place, run

MEMBERS = (1_000, 100_000)
CLAIMS = (100, 10_000)
ENTRIES = 1_000_000
QUICK_ENTRIES = 100_000


class Command(BaseCommand):
    help = (
        "Measure casting a ballot, closing a period, the investigators' worklist and the log, on a database of its own "
        "(assize_bench, made and dropped on the configured server). Prints a table and writes a JSON file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures (var/bench.json)")
        parser.add_argument("--quick", action="store_true", help="fewer runs: to see that it works, not to quote")
        parser.add_argument(
            "--entries", type=int, default=ENTRIES, help=f"how long the log is ({ENTRIES:,}; ten million take 20 GB)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        quick = bool(options["quick"])
        file: Path = options["json"] or settings.VAR_DIR / "bench.json"
        found: dict[str, Any] = {"taken_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), "quick": quick}
        found["machine"] = _machine()
        try:
            with own_place() as environ:
                self._tell("preparing the database")
                run(environ, "manage.py", "migrate", "--verbosity", "0")
                found |= self._measure(environ, quick, options["entries"])
        except BenchUnable as error:
            raise CommandError(str(error)) from None
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{file} can't be written: {error.strerror}") from None
        for line in _table(found):
            self.stdout.write(line)
        self.stdout.write(f"\nAll figures: {file}")

    def _measure(self, environ: dict[str, str], quick: bool, entries: int) -> dict[str, Any]:
        runs = {"ballot": 500, "closing": MOST_PERIODS, "worklist": 40, "log": 400}
        if quick:
            runs = {"ballot": 50, "closing": 2, "worklist": 5, "log": 40}
            entries = min(entries, QUICK_ENTRIES)

        def measured(what: str, *sizes: int, times: int) -> dict[str, Any]:
            self._tell(" ".join([what, *(f"{size:,}" for size in sizes)]))
            chosen = [str(size) for size in sizes]
            line = run(environ, "-m", "config.bench", what, "--runs", str(times), "--sizes", *chosen)
            found: dict[str, Any] = json.loads(line)
            return found

        ballot = measured("ballot", times=runs["ballot"])
        closings = measured("closing", *MEMBERS, times=runs["closing"])["sizes"]
        for size, one in zip(MEMBERS, closings, strict=True):
            # A process of its own, since the peak of one that did both would be the larger one's.
            one["peak_mib"] = measured("closing", size, times=1)["peak_mib"]
        worklists = [measured("worklist", size, times=runs["worklist"]) for size in CLAIMS]
        log = measured("log", entries, times=runs["log"])
        return {"ballot": ballot, "closing": _pair(closings), "worklist": _pair(worklists), "log": log}

    def _tell(self, what: str) -> None:
        self.stderr.write(f"… {what}")


def _pair(found: list[dict[str, Any]]) -> dict[str, Any]:
    small, large = found
    return {
        "small": small,
        "large": large,
        "growth_of_time": ratio(large["median_ms"], small["median_ms"]),
        "growth_of_memory": ratio(large["peak_mib"], small["peak_mib"]),
        "same_number_of_queries": small["queries"] == large["queries"],
    }


def _machine() -> dict[str, Any]:
    """In general words: nothing that names the machine."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = str(cursor.fetchone()[0])
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory_gib),
        "system": platform.system(),
        "python": platform.python_version(),
        "postgresql": version.split()[0],
    }


def _table(found: dict[str, Any]) -> Iterator[str]:
    heads = ("", "runs", "median ms", "p95 ms", "queries", "peak MiB")
    yield ""
    yield "{:<44}{:>6}{:>12}{:>12}{:>10}{:>10}".format(*heads)
    ballot = found["ballot"]
    yield _row("one INSERT with its COMMIT", ballot["bare_statement"])
    yield _row("a bare view that inserts one row, over HTTP", ballot["bare_view"])
    extra = {"queries": ballot["queries"], "peak_mib": ballot["server_peak_mib"]}
    yield _row("casting a ballot over HTTP", ballot["cast_a_ballot"] | extra)
    for size in ("small", "large"):
        one = found["closing"][size]
        yield _row(f"closing a period, {one['members']:,} members", one)
    for size in ("small", "large"):
        one = found["worklist"][size]
        yield _row(f"the worklist, {one['claims']:,} claims waiting", one)
    yield _row(f"the proof of one of {found['log']['log']['entries']:,} entries", found["log"]["log"]["proof"])
    yield ""
    yield (
        f"A ballot costs {ballot['times_the_bare_view']} times the bare view "
        f"and {ballot['times_the_bare_statement']} times the bare statement."
    )
    for what, times in (("Closing", 100), ("The worklist", 100)):
        pair = found["closing" if what == "Closing" else "worklist"]
        same = "the same number of" if pair["same_number_of_queries"] else "ANOTHER NUMBER OF"
        yield (
            f"{what}: {times} times as many take {pair['growth_of_time']} times the time, "
            f"{pair['growth_of_memory']} times the memory, {same} queries."
        )
    yield from _log_lines(found["log"])


def _log_lines(found: dict[str, Any]) -> Iterator[str]:
    acts, log = found["act"], found["log"]
    yield (
        f"Its entry costs ending a membership {acts['end_a_membership']['more_percent']} % more time, "
        f"casting a ballot {acts['cast_a_ballot']['more_percent']} % more."
    )
    one, all_cores = log["verify_one_process"], log["verify_all_cores"]
    yield (
        f"The log: {log['placed_a_second']:,} entries a second get their places; {log['entries']:,} are verified in "
        f"{all_cores['seconds']} s by {all_cores['processes']} processes of {all_cores['peak_mib']} MiB at most "
        f"({one['seconds']} s by one), at {log['speed_of_bare_hashing']} times the speed of bare hashing."
    )
    if took := log["processor"]:
        yield (
            f"An entry takes {took['python_us']} µs of processor time in Python and {took['postgres_us']} in "
            f"PostgreSQL, bare hashing {took['bare_hashing_us']}: on two free cores "
            f"{took['speed_of_bare_hashing_on_two_cores']} times its speed."
        )


def _row(name: str, one: dict[str, Any]) -> str:
    cells = [one["runs"], f"{one['median_ms']:.2f}", f"{one['p95_ms']:.2f}", one.get("queries", ""), ""]
    cells[-1] = one.get("peak_mib", "")
    return "{:<44}{:>6}{:>12}{:>12}{:>10}{:>10}".format(name, *cells)
