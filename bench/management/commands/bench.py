"""Measure what the service costs: a ballot, the close of a period, the worklist, the log."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bench.closing import MOST_PERIODS
from bench.figures import ratio
from bench.taking import Figures, Part, TakingFigures, last

ENTRIES = 1_000_000
QUICK_ENTRIES = 100_000


@dataclass(frozen=True)
class Scale:
    """How much is measured, and how often."""

    members: tuple[int, int] = (1_000, 100_000)
    claims: tuple[int, int] = (100, 10_000)
    entries: int = ENTRIES
    ballots: int = 500
    periods: int = MOST_PERIODS
    looks: int = 40
    acts: int = 400


QUICK = Scale(entries=QUICK_ENTRIES, ballots=50, periods=2, looks=5, acts=40)
# Fewer members would not make all 32 cohorts, nor have claims enough for every period.
TINY = Scale(members=(160, 320), claims=(4, 8), entries=100, ballots=2, periods=1, looks=2, acts=2)


class Command(TakingFigures):
    help = (
        "Measure casting a ballot, closing a period, the investigators' worklist and the log, each in its own empty "
        "database (assize_bench, created and dropped on the configured server). Prints a table and writes a JSON "
        "file, each figure as soon as it is taken. A part that fails is reported; the others still run."
    )
    file_name = "bench.json"
    part_names = ("ballot", "closing", "worklist", "log")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--entries", type=int, help=f"how long the log is ({ENTRIES:,}; ten million take 20 GB)")

    def parts(self, options: dict[str, Any]) -> Mapping[str, Part]:
        scale = TINY if options["tiny"] else QUICK if options["quick"] else Scale()
        entries = options["entries"] or scale.entries
        return {
            "ballot": partial(_ballot, scale),
            "closing": partial(_closing, scale),
            "worklist": partial(_worklist, scale),
            "log": partial(_log, scale, entries),
        }

    def table(self, found: Figures, part: str) -> Iterator[str]:
        return TABLES[part](found[part])


def _ballot(scale: Scale, measured: Callable[..., Iterator[Figures]]) -> Iterator[Figures]:
    return measured("ballot", runs=scale.ballots)


def _closing(scale: Scale, measured: Callable[..., Iterator[Figures]]) -> Iterator[Figures]:
    closings = last(measured("closing", sizes=scale.members, runs=scale.periods))["sizes"]
    yield {"taken": closings}
    for size, one in zip(scale.members, closings, strict=True):
        # In a separate process: the peak of one that did both sizes would be that of the larger one.
        one["peak_mib"] = last(measured("closing", sizes=(size,), runs=1))["peak_mib"]
    yield pair(closings, "members")


def _worklist(scale: Scale, measured: Callable[..., Iterator[Figures]]) -> Iterator[Figures]:
    taken = []
    for size in scale.claims:
        taken.append(last(measured("worklist", sizes=(size,), runs=scale.looks)))
        yield {"taken": taken}
    yield pair(taken, "claims")


def _log(scale: Scale, entries: int, measured: Callable[..., Iterator[Figures]]) -> Iterator[Figures]:
    acts = last(measured("acts", runs=scale.acts))
    yield {"act": acts}
    yield {"act": acts, "log": last(measured("log", sizes=(entries,), runs=1))}


def pair(found: list[Figures], of: str) -> Figures:
    """A small and a large size, and how they compare."""
    small, large = found
    return {
        "small": small,
        "large": large,
        "growth_of_size": ratio(large[of], small[of]),
        "growth_of_time": ratio(large["median_ms"], small["median_ms"]),
        "growth_of_memory": ratio(large["peak_mib"], small["peak_mib"]),
        "same_number_of_queries": small["queries"] == large["queries"],
    }


def _heads() -> Iterator[str]:
    yield ""
    yield "{:<44}{:>6}{:>12}{:>12}{:>10}{:>10}".format("", "runs", "median ms", "p95 ms", "queries", "peak MiB")


def _row(name: str, one: Figures) -> str:
    cells = [one["runs"], f"{one['median_ms']:.2f}", f"{one['p95_ms']:.2f}", one.get("queries", "")]
    return "{:<44}{:>6}{:>12}{:>12}{:>10}{:>10}".format(name, *cells, one.get("peak_mib", ""))


def _ballot_table(found: Figures) -> Iterator[str]:
    yield from _heads()
    yield _row("one INSERT with its COMMIT", found["bare_statement"])
    yield _row("a bare view that inserts one row, over HTTP", found["bare_view"])
    for name, label in (("first", "casting a first ballot over HTTP"), ("again", "casting another one over HTTP")):
        extra = {"queries": found["queries"][name], "peak_mib": found["server_peak_mib"]}
        yield _row(label, found["first_ballot" if name == "first" else "ballot_again"] | extra)
    yield (
        f"A first ballot costs {found['first_times_the_bare_view']} times the bare view, "
        f"a later one {found['again_times_the_bare_view']} times; "
        f"{found['first_times_the_bare_statement']} times the bare statement."
    )


def _pair_table(found: Figures, name: str, one: str, of: str) -> Iterator[str]:
    yield from _heads()
    for size in ("small", "large"):
        yield _row(one.format(found[size][of]), found[size])
    same = "the same number of" if found["same_number_of_queries"] else "A DIFFERENT NUMBER OF"
    yield (
        f"{name}: {found['growth_of_size']:g} times as many take {found['growth_of_time']} times the time, "
        f"{found['growth_of_memory']} times the memory, {same} queries."
    )


def _log_table(found: Figures) -> Iterator[str]:
    acts, log = found["act"], found["log"]
    yield from _heads()
    yield _row(f"the proof of one of {log['entries']:,} entries", log["proof"])
    yield f"Its entry costs ending a membership {acts['end_a_membership']['more_percent']} % more time."
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


TABLES: Mapping[str, Callable[[Figures], Iterator[str]]] = {
    "ballot": _ballot_table,
    "closing": partial(_pair_table, name="Closing", one="closing a period, {:,} members", of="members"),
    "worklist": partial(_pair_table, name="The worklist", one="the worklist, {:,} claims waiting", of="claims"),
    "log": _log_table,
}
