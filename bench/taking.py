"""Takes figures part by part: each is written as soon as it is taken, and a failed part costs no other its figures."""

from __future__ import annotations

import json
import os
import platform
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from audit import clock
from bench.place import BenchUnable, Place, own_place

Figures = dict[str, Any]
Part = Callable[[Callable[..., Iterator[Figures]]], Iterable[Figures]]
"""Takes the place's `measured`, yields the part's figures as they come; each one contains the ones before."""


class TakingFigures(BaseCommand):
    """A command that measures parts, each in its own empty database."""

    file_name: ClassVar[str]
    part_names: ClassVar[tuple[str, ...]]

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What every benchmark takes."""
        parser.add_argument("--json", type=Path, metavar="FILE", help=f"where to write the figures ({self.file_name})")
        parser.add_argument("--only", nargs="+", choices=self.part_names, metavar="PART", help=self._parts_help())
        parser.add_argument(
            "--template",
            default="",
            metavar="NAME",
            help="an empty, migrated database to copy instead of migrating one",
        )
        size = parser.add_mutually_exclusive_group()
        size.add_argument(
            "--quick", action="store_true", help="smaller sizes, fewer runs: to see that it works, not to quote"
        )
        size.add_argument("--tiny", action="store_true", help="the smallest sizes, as in the tests")

    def parts(self, options: dict[str, Any]) -> Mapping[str, Part]:
        """How each part is measured with these options."""
        raise NotImplementedError

    def table(self, found: Figures, part: str) -> Iterable[str]:
        """The lines that show a part whose figures are complete."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the parts that were asked for."""
        chosen = [name for name in self.part_names if name in (options["only"] or self.part_names)]
        file: Path = options["json"] or settings.VAR_DIR / self._file_name(options["only"])
        found: Figures = {
            "taken_at": clock.real_now().isoformat(timespec="seconds"),
            "size": "tiny" if options["tiny"] else "quick" if options["quick"] else "full",
            "machine": _machine(),
            "failed": {},
        }
        parts = self.parts(options)
        try:
            with own_place(options["template"]) as place:
                # Before anything is measured: an hour later is too late to learn that the file can't be written.
                _write(file, found)
                for name in chosen:
                    self._take(name, parts[name], place, found, file)
        except BenchUnable as error:
            raise CommandError(str(error)) from None
        for name in chosen:
            if name not in found["failed"]:
                for line in self.table(found, name):
                    self.stdout.write(line)
        self.stdout.write(f"\nAll figures: {file}")
        if found["failed"]:
            raise CommandError("\n".join(f"{name} failed: {error}" for name, error in found["failed"].items()))

    def _take(self, name: str, part: Part, place: Place, found: Figures, file: Path) -> None:
        def measured(what: str, **how: Any) -> Iterator[Figures]:
            self.stderr.write(f"… {what} {', '.join(f'{size:,}' for size in how.get('sizes', ()))}".rstrip())
            return place.measured(what, **how)

        try:
            for figures in part(measured):
                found[name] = figures
                _write(file, found)
        except CommandError:
            raise
        except Exception as error:
            # Any fault: the other parts still run, and the command fails at its end.
            self.stderr.write(f"{name} failed: {error}")
            found["failed"][name] = str(error) or type(error).__name__
            _write(file, found)

    def _file_name(self, only: list[str] | None) -> str:
        """Another name if only some parts are taken: their figures must not replace those of all parts."""
        stem, dot, ending = self.file_name.rpartition(".")
        return "-".join([stem, *only]) + dot + ending if only else self.file_name

    def _parts_help(self) -> str:
        return f"measure only these parts: {', '.join(self.part_names)}"


def last(taken: Iterable[Figures]) -> Figures:
    """The complete figures of a measurement. Raises ValueError if it printed nothing."""
    found: Figures | None = None
    for figures in taken:
        found = figures
    if found is None:
        raise ValueError("the measurement ended without a figure")
    return found


def _write(file: Path, found: Figures) -> None:
    """Write the file atomically: a benchmark that is stopped leaves the old or the new figures, never half of them."""
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(file)
    except OSError as error:
        raise CommandError(f"{file} can't be written: {error.strerror}") from None


def _machine() -> Figures:
    """The machine in general terms: nothing that identifies it."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        version = str(cursor.fetchone()[0])
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cores": os.cpu_count(),
        # The load when it began: a figure from a busy machine must not be quoted.
        "load_before": round(os.getloadavg()[0], 2),
        "memory_gib": round(memory_gib),
        "system": platform.system(),
        "python": platform.python_version(),
        "postgresql": version.split()[0],
    }
