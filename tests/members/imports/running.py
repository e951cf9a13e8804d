"""Running an import in a test, and what one run gave."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from audit.actors import SYSTEM
from members.imports.columns import Refusal
from members.models import Plan
from members.services.imports import Imported, import_members
from tests.members.imports.making import csv_file


class Ran:
    """What one run gave."""

    def __init__(self, plan: Plan, path: Path, **options: Any) -> None:
        self.refused: list[Refusal] = []
        options.setdefault("file_format", "csv")
        options.setdefault("workers", 0)
        options.setdefault("by", SYSTEM)
        self.done: Imported = import_members(path=path, plan=plan, report=self._note, **options)

    def _note(self, refusals: Iterable[Refusal]) -> None:
        self.refused = list(refusals)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        return self.done.rows, self.done.stored, self.done.already_there, self.done.refused

    @property
    def told(self) -> list[tuple[int, str, str]]:
        return [(one.row, one.column, one.wrong) for one in self.refused]


def run(plan: Plan, tmp_path: Path, *rows: dict[str, str], **options: Any) -> Ran:
    return Ran(plan, csv_file(tmp_path / "members.csv", *rows), **options)
