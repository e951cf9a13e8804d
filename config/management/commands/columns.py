"""Write docs/columns.md from the classes of the columns, or check that it says what they say."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from audit.columns import AT_INSERT, ERASED, MOVED, ONCE, STATE, Columns
from audit.rooms import rooms
from config.columns import LIBRARY_TABLES

PAGE: Path = settings.BASE_DIR / "docs" / "columns.md"
HEAD = """# Columns

<!-- Written by `manage.py columns`; do not edit. The tables are `columns.py` of each app. -->

Every column of every table has a class, which says when it may change. The same table makes the triggers in PostgreSQL,
the columns that the service's role may update, and this page. A trigger compares what was stored with what is written,
so that writing an unchanged value passes. [Decision 34](decisions/0034-every-column-has-a-class.md) says why.

| class | when the column may change |
|---|---|
| at insert | never: it is written with its row |
| at insert, or erased | never, but the owner of the database can empty it; the service's role can't |
| once | from empty to a value, and never again |
| with a transition | in an update that takes the row along one of the transitions named; along any, if none is |
| state | along the transitions of the row's [machine](states.md) |
| free in some states | while the row is in one of the states named |
| free | at any time, for the reason given |
| append-only | the whole table: its rows are never changed and never deleted |
"""
_WHEN = {AT_INSERT: "", ERASED: "", ONCE: "", STATE: "", MOVED: "any transition"}


def columns_page() -> str:
    """The whole page."""
    sections = (f"\n## {room.name}\n\n{_table(list(room.columns))}" for room in rooms() if room.columns)
    return HEAD + "".join(sections) + _libraries()


def _table(tables: list[Columns]) -> str:
    rows = "".join(row for table in tables for row in _rows(table))
    return f"| table | class | columns | which transitions, which states, or why |\n|---|---|---|---|\n{rows}"


def _rows(table: Columns) -> Iterator[str]:
    if table.is_append_only:
        yield f"| `{table.table}` | append-only | all | |\n"
    alike: dict[tuple[str, str], list[str]] = {}
    for name, one in table.classes.items():
        alike.setdefault((one.name, one.detail), []).append(f"`{name}`")
    for (name, detail), columns in alike.items():
        yield f"| `{table.table}` | {name} | {', '.join(columns)} | {detail or _WHEN[name]} |\n"


def _libraries() -> str:
    rows = "".join(f"| `{table}` | {what} |\n" for table, what in sorted(LIBRARY_TABLES.items()))
    return f"""
## Tables of no room

Those of the libraries and of the database itself are classed as a whole: no trigger of ours watches them.

| table | what for |
|---|---|
{rows}"""


class Command(BaseCommand):
    help = "Write docs/columns.md from the classes of the columns of all apps."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        page = columns_page()
        if not options["check"]:
            PAGE.write_text(page, encoding="utf-8")
            tables = sum(len(room.columns) for room in rooms())
            self.stdout.write(f"{PAGE.relative_to(settings.BASE_DIR)}: {tables} tables")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != page:
            raise CommandError("docs/columns.md is out of date: run manage.py columns.")
