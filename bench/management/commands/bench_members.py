"""Measure what many members cost: importing them, and the look-ups that a claim needs among them."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from bench.figures import ratio
from bench.taking import Figures, Part, TakingFigures, last

MOST_MEMBERS = 10_000_000


@dataclass(frozen=True)
class Scale:
    """How much is measured, and how often."""

    rows: tuple[int, ...] = (100_000, 1_000_000)
    members: tuple[int, ...] = (10_000, 1_000_000)
    looks: int = 200


QUICK = Scale(rows=(10_000, 100_000), members=(1_000, 100_000))
TINY = Scale(rows=(60, 120), members=(400, 800), looks=2)


class Command(TakingFigures):
    help = (
        "Measure importing memberships compared with a bare COPY of the same file, and the look-ups that a claim "
        "needs with ten thousand and a million members, each in its own empty database (assize_bench, created and "
        "dropped on the configured server). Takes about ten minutes. Prints tables and writes a JSON file, each "
        "figure as soon as it is taken. A part that fails is reported; the others still run."
    )
    file_name = "bench_members.json"
    part_names = ("imports", "split", "lookups")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--ten-million", action="store_true", help="also look-ups among ten million members (30 GB)"
        )
        parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="number of import processes")

    def parts(self, options: dict[str, Any]) -> Mapping[str, Part]:
        scale = TINY if options["tiny"] else QUICK if options["quick"] else Scale()
        if options["ten_million"]:
            scale = replace(scale, members=(*scale.members, MOST_MEMBERS))
        return {
            "imports": partial(_imports, scale, options["workers"]),
            "split": partial(_split, scale),
            "lookups": partial(_lookups, scale),
        }

    def table(self, found: Figures, part: str) -> Iterator[str]:
        return TABLES[part](found[part])


def _imports(scale: Scale, workers: int, measured: Callable[..., Iterator[Figures]]) -> Iterator[Figures]:
    taken = []
    for rows in scale.rows:
        taken.append(last(measured("import", sizes=(rows,), runs=workers)))
        yield {"workers": workers, "sizes": taken}


def _split(scale: Scale, measured: Callable[..., Iterator[Figures]]) -> Iterator[Figures]:
    return measured("split", sizes=scale.rows[:1], runs=1)


def _lookups(scale: Scale, measured: Callable[..., Iterator[Figures]]) -> Iterator[Figures]:
    return measured("lookups", sizes=scale.members, runs=scale.looks)


def imports_table(found: Figures) -> Iterator[str]:
    """Rows per second and memory, for each size of file."""
    yield ""
    yield f"{'rows of the file':<34}" + "".join(f"{one['rows']:>16,}" for one in found["sizes"])
    for name, key in (
        ("bare COPY, rows a second", "bare_copy_rows_a_second"),
        ("import, rows a second", "import_rows_a_second"),
        ("the same file again, rows a second", "again_rows_a_second"),
        ("import, of the bare COPY", "share_of_bare_copy"),
        ("peak MiB, main process", "peak_mib"),
        ("peak MiB, largest worker", "worker_peak_mib"),
    ):
        yield f"{name:<34}" + "".join(f"{one[key]:>16,}" for one in found["sizes"])


def split_table(split: Figures) -> Iterator[str]:
    """Where the time of an import goes."""
    yield ""
    yield f"{'processor, microseconds a row':<34}{'Python':>16}{'PostgreSQL':>16}"
    parts = split["parts"]
    known = {"import, together": split["whole"], "of these: COPY of finished rows": split["finished_rows"]}
    for name, cost in {**parts, **known, "bare COPY": split["bare_copy"]}.items():
        yield f"{name:<34}{cost['python']:>16}{cost['postgres']:>16}"
    sealing = split["sealing_us_a_person"]
    yield f"Sealing a person: {sealing['as one']} µs as one value, {sealing['value by value']} µs value by value."


def lookups_table(found: Figures) -> Iterator[str]:
    """Each look-up with each size: median, pages, and the tables that were read completely."""
    sizes = found["sizes"]
    yield ""
    yield f"{'median ms (pages touched)':<50}" + "".join(f"{one['members']:>18,}" for one in sizes)
    for name in sizes[0]["look_ups"]:
        cells = [one["look_ups"][name] for one in sizes]
        yield f"{name:<50}" + "".join(f"{_cell(cell):>18}" for cell in cells)
    counts = [one["cohort_count"] for one in sizes]
    yield f"{'counting the cohorts: one scan of an index':<50}" + "".join(f"{one['median_ms']:>18,}" for one in counts)
    growth = [
        ratio(sizes[-1]["look_ups"][name]["pages"], sizes[0]["look_ups"][name]["pages"])
        for name in sizes[0]["look_ups"]
    ]
    times = ratio(sizes[-1]["members"], sizes[0]["members"])
    yield f"{times:,.0f} times the members: at most {max(growth)} times the pages of a look-up."


def _cell(one: Figures) -> str:
    whole = f" READS {', '.join(one['read_whole'])}" if one["read_whole"] else ""
    return f"{one['median_ms']:.2f} ({one['pages']}){whole}"


TABLES: Mapping[str, Callable[[Figures], Iterator[str]]] = {
    "imports": imports_table,
    "split": split_table,
    "lookups": lookups_table,
}
