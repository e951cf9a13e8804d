"""Import files for tests, and the terms that their rows are checked against."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

from members.imports.checking import Checker, Terms
from members.imports.columns import COLUMNS
from members.imports.reading import Row
from tests.factories import plan_file

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
GOOD = {
    "external_id": "M1",
    "name": "Wang Xiaoming",
    "born_on": "1985-05-17",
    "sex": "male",
    "id_number": "110101198505170011",
    "phone": "13900000001",
    "address": "1 Harbour Road",
    "employer": "Beihu Textiles",
    "payer_external_id": "",
    "joined_at": "2024-03-01",
    "left_at": "",
    "end_reason": "",
    "gifted": "",
    "carried_minor": "",
}


def terms(*names: str) -> Terms:
    """The shipped versions of these names, today being 2026-11-22."""
    return Terms(
        versions=tuple((name, plan_file(name)) for name in names or ("xhb-2019-01-01", "xhb-2020-01-01")),
        timezone="Asia/Shanghai",
        now=NOW,
        today=NOW.date(),
        born_from=dt.date(1896, 11, 1),
        sexes=("female", "male", "other", "unknown"),
        end_reasons=("left", "aided", "arrears", "ill_in_wait", "transferred"),
    )


def row(**texts: str) -> Row:
    """A good row, with some of its texts replaced."""
    return Row(7, [(GOOD | texts)[column] for column in COLUMNS])


def problems(**texts: str) -> dict[str, str]:
    """What is wrong with a row, by column."""
    draft, refusals = Checker(terms()).check(row(**texts))
    assert (draft is None) == bool(refusals)
    assert all(one.row == 7 and one.allowed for one in refusals)
    return {one.column: one.wrong for one in refusals}


def member(number: int, **texts: str) -> dict[str, str]:
    """A row that differs from that of every other number."""
    own = {"external_id": f"M{number}", "id_number": f"ID{number:08d}", "phone": f"139{number:08d}"}
    return GOOD | own | texts


def csv_file(path: Path, *rows: dict[str, str]) -> Path:
    """A CSV file of these rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path
