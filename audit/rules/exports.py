"""Entries as lines of a file: CSV for a spreadsheet, NDJSON (one JSON object a line) for a program."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from audit.rules.canonical import canonical_json
from audit.rules.leaves import moment_text

CSV, NDJSON = "csv", "ndjson"
COLUMNS = ("leaf_index", "id", "recorded_at", "kind", "stream", "actor", "body", "leaf")


@dataclass(frozen=True)
class ExportedEntry:
    """An entry with its place in the tree; `leaf` is what the public log holds of it. No salts."""

    leaf_index: int
    id: int
    recorded_at: dt.datetime
    kind: str
    stream: str
    actor: str
    body: Any
    leaf: bytes


def header_of(form: str) -> str:
    """What the file begins with."""
    return _csv_lines([COLUMNS]) if form == CSV else ""


def lines_of(form: str, entries: Iterable[ExportedEntry]) -> str:
    """The lines of these entries, each with its end. ValueError for a form that there isn't."""
    if form == NDJSON:
        return "".join(f"{canonical_json(_named(entry))}\n" for entry in entries)
    if form == CSV:
        return _csv_lines([{**row, "body": canonical_json(row["body"])}.values() for row in map(_named, entries)])
    raise ValueError(f"nothing is exported as {form!r}")


def _named(entry: ExportedEntry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in COLUMNS}
    return values | {"recorded_at": moment_text(entry.recorded_at), "leaf": entry.leaf.hex()}


def _csv_lines(rows: Iterable[Iterable[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
