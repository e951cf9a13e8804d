"""Imports memberships from a file, a million and more."""

from __future__ import annotations

import csv
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.actors import SystemActor
from members.imports.columns import Refusal
from members.imports.encodings import ENCODINGS
from members.imports.reading import FileUnusable, Format
from members.models import Plan
from members.selectors.plans import plans
from members.services.imports import ROWS_A_BATCH, Imported, ImportStopped, import_members
from pages.whole_files import whole_file

COMMAND_LINE = SystemActor("command_line")
HEADER = ("row", "column", "what is wrong", "what is allowed")
_TOLD_EVERY_SECONDS = 0.2


class Command(BaseCommand):
    help = (
        "Import memberships from CSV or NDJSON (docs/importing.md): good rows in, bad rows to a report. Running it "
        "twice adds nothing; an import that was interrupted goes on when it is run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--plan", required=True, metavar="CODE")
        parser.add_argument("--format", choices=("csv", "ndjson"), help="by default from the file's name")
        parser.add_argument("--encoding", choices=ENCODINGS, help="what the file is written in (UTF-8, or by its mark)")
        parser.add_argument("--report", type=Path, metavar="FILE", help="bad rows as CSV (FILE.refused.csv)")
        parser.add_argument("--atomic", action="store_true", help="all or nothing: one bad row undoes it all")
        parser.add_argument("--batch", type=_positive, default=ROWS_A_BATCH, metavar="N", help="rows per transaction")
        parser.add_argument("--workers", type=_natural, metavar="N", help="processes that share the work (all cores)")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        report = _Report(options["report"] or path.with_name(f"{path.name}.refused.csv"), path)
        line = _Line(self)
        started = time.monotonic()
        try:
            done = import_members(
                path=path,
                file_format=options["format"] or _format_of(path),
                plan=_plan(options["plan"]),
                by=COMMAND_LINE,
                report=report.write,
                progress=line.tell,
                is_atomic=options["atomic"],
                rows_a_batch=options["batch"],
                workers=options["workers"],
                encoding=options["encoding"],
            )
        except (FileUnusable, ImportStopped) as error:
            line.end()
            raise CommandError(f"{error}{report.place()}") from None
        except KeyboardInterrupt:
            line.end()
            raise CommandError("Interrupted. What was stored stays: run it again to go on.") from None
        line.end()
        self._summary(done, time.monotonic() - started, report)

    def _summary(self, done: Imported, seconds: float, report: _Report) -> None:
        for name, number in (
            ("rows", done.rows),
            ("stored", done.stored),
            ("stored before", done.already_there),
            ("refused", done.refused),
        ):
            self.stdout.write(f"{name:<14}{number:>14,}")
        self.stdout.write(f"{seconds:.1f} s, {done.rows / max(seconds, 0.001):,.0f} rows a second{report.place()}")


class _Report:
    """The bad rows, as CSV; rewritten whenever the rows are checked, and removed where none is bad."""

    def __init__(self, path: Path, source: Path) -> None:
        if path == source:
            raise CommandError("--report must not be the file that is imported.")
        self._path = path
        self._rows = 0
        # Before an hour's work, not after it.
        self.write([])

    def write(self, refusals: Iterable[Refusal]) -> None:
        """Write all refusals; there may be as many as rows."""
        self._rows = 0
        try:
            with whole_file(self._path, mode=0o644, text=True) as file:
                writer = csv.writer(file)
                writer.writerow(HEADER)
                for one in refusals:
                    writer.writerow((one.row, one.column, one.wrong, one.allowed))
                    self._rows += 1
        except OSError as error:
            raise CommandError(f"{self._path} can't be written: {error.strerror}. Give --report a place.") from None
        if not self._rows:
            self._path.unlink()

    def place(self) -> str:
        """Where it is, as the end of a sentence."""
        return f" Report: {self._path}" if self._rows else ""


class _Line:
    """The progress, on one line that is written over."""

    def __init__(self, command: BaseCommand) -> None:
        self._out = command.stderr
        self._is_shown = bool(getattr(command.stderr, "isatty", lambda: False)())
        self._told_at = 0.0
        self._phase = ""
        self._began_at = 0.0

    def tell(self, phase: str, done: int, total: int) -> None:
        """Say how far a phase is; `done` and `total` are bytes when reading, rows when storing."""
        now = time.monotonic()
        if phase != self._phase:
            self._phase, self._began_at = phase, now
        elif now - self._told_at < _TOLD_EVERY_SECONDS and done < total:
            return
        self._told_at = now
        if not self._is_shown:
            return
        share = f"{done / total:.0%}" if total else ""
        rate = done / max(now - self._began_at, 0.001)
        speed = f"{rate:,.0f} rows/s" if phase == "storing" else f"{rate / 1e6:,.1f} MB/s" if total else ""
        self._out.write(f"\r{phase:<9}{share:>5} {speed:<20}", ending="")
        self._out.flush()

    def end(self) -> None:
        """End the line."""
        if self._is_shown and self._phase:
            self._out.write("")


def _format_of(path: Path) -> Format:
    return "ndjson" if path.suffix.lower() in {".ndjson", ".jsonl"} else "csv"


def _plan(code: str) -> Plan:
    plan = plans().filter(code=code).first()
    if plan is None:
        known = ", ".join(plans().values_list("code", flat=True)) or "none: run load_plans first"
        raise CommandError(f"There is no plan {code!r}. Plans: {known}.")
    return plan


def _natural(text: str) -> int:
    if not text.isdigit():
        raise ArgumentTypeError("a whole number from 0 on")
    return int(text)


def _positive(text: str) -> int:
    if _natural(text) == 0:
        raise ArgumentTypeError("a whole number from 1 on")
    return int(text)
