"""Measure what many members cost: importing them, and the look-ups that a claim needs among them."""

from __future__ import annotations

import datetime as dt
import json
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.bench.figures import ratio
from config.bench.place import BenchUnable, own_place, run

ROWS = (100_000, 1_000_000)
MEMBERS = (10_000, 1_000_000)
MOST_MEMBERS = 10_000_000
RUNS = 200


class Command(BaseCommand):
    help = (
        "Measure importing memberships against a bare COPY of the same file, and the look-ups that a claim needs at "
        "ten thousand and a million members, on a database of its own (assize_bench, made and dropped on the "
        "configured server). Takes some ten minutes. Prints tables and writes a JSON file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", type=Path, metavar="FILE", help="where to write the figures")
        parser.add_argument("--quick", action="store_true", help="a tenth: to see that it works, not to quote")
        parser.add_argument("--ten-million", action="store_true", help="look-ups among ten million, too (30 GB)")
        parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that import")

    def handle(self, *args: Any, **options: Any) -> None:
        part = 10 if options["quick"] else 1
        file: Path = options["json"] or settings.VAR_DIR / "bench_members.json"
        members = (*MEMBERS, MOST_MEMBERS) if options["ten_million"] else MEMBERS
        found: dict[str, Any] = {
            "taken_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "workers": options["workers"],
        }
        try:
            found["imports"] = [self._import(rows // part, options["workers"]) for rows in ROWS]
            found["split"] = self._measured("split", [ROWS[0] // part], 1)
            found["lookups"] = self._measured("lookups", [size // part for size in members], RUNS)["sizes"]
        except BenchUnable as error:
            raise CommandError(str(error)) from None
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        for line in (*imports_table(found), *split_table(found), *lookups_table(found)):
            self.stdout.write(line)
        self.stdout.write(f"\nAll figures: {file}")

    def _import(self, rows: int, workers: int) -> dict[str, Any]:
        return self._measured("import", [rows], workers)

    def _measured(self, what: str, sizes: list[int], runs: int) -> dict[str, Any]:
        """Each in an empty database and a process of its own."""
        self.stderr.write(f"… {what} {', '.join(f'{size:,}' for size in sizes)}")
        with own_place() as environ:
            run(environ, "manage.py", "migrate", "--verbosity", "0")
            chosen = [str(size) for size in sizes]
            line = run(environ, "-m", "config.bench", what, "--runs", str(runs), "--sizes", *chosen)
        found: dict[str, Any] = json.loads(line)
        return found


def imports_table(found: dict[str, Any]) -> Iterator[str]:
    """Rows a second and memory, for each size of file."""
    yield ""
    yield f"{'rows of the file':<34}" + "".join(f"{one['rows']:>16,}" for one in found["imports"])
    for name, key in (
        ("bare COPY, rows a second", "bare_copy_rows_a_second"),
        ("import, rows a second", "import_rows_a_second"),
        ("the same file again, rows a second", "again_rows_a_second"),
        ("import, of the bare COPY", "share_of_bare_copy"),
        ("peak MiB, main process", "peak_mib"),
        ("peak MiB, largest worker", "worker_peak_mib"),
    ):
        yield f"{name:<34}" + "".join(f"{one[key]:>16,}" for one in found["imports"])


def split_table(found: dict[str, Any]) -> Iterator[str]:
    """Where the time of an import goes."""
    split = found["split"]
    yield ""
    yield f"{'processor, microseconds a row':<34}{'Python':>16}{'PostgreSQL':>16}"
    parts = split["parts"]
    known = {"import, together": split["whole"], "of these: COPY of finished rows": split["finished_rows"]}
    for name, cost in {**parts, **known, "bare COPY": split["bare_copy"]}.items():
        yield f"{name:<34}{cost['python']:>16}{cost['postgres']:>16}"
    sealing = split["sealing_us_a_person"]
    yield f"Sealing a person: {sealing['as one']} µs as one value, {sealing['value by value']} µs value by value."


def lookups_table(found: dict[str, Any]) -> Iterator[str]:
    """Each look-up at each size: median, pages, and whether anything was read whole."""
    sizes = found["lookups"]
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


def _cell(one: dict[str, Any]) -> str:
    whole = f" READS {', '.join(one['read_whole'])}" if one["read_whole"] else ""
    return f"{one['median_ms']:.2f} ({one['pages']}){whole}"
