"""Entries as lines of a file, character by character."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import replace
from typing import Any

import pytest

from audit.rules.exports import COLUMNS, CSV, NDJSON, ExportedEntry, header_of, lines_of

ENTRY = ExportedEntry(
    leaf_index=7,
    id=12,
    recorded_at=dt.datetime(2026, 3, 11, 2, 15, 0, 250, tzinfo=dt.UTC),
    kind="claim.moved",
    stream="claim:C26-AAAAAA",
    actor="user:3",
    body={"to": "investigated", "from": "under_investigation"},
    leaf=bytes(range(64)),
)
LEAF = bytes(range(64)).hex()


@pytest.mark.parametrize(
    ("form", "expected"),
    [(CSV, "leaf_index,id,recorded_at,kind,stream,actor,body,leaf\r\n"), (NDJSON, ""), ("xml", "")],
)
def test_only_a_table_has_a_head(form: str, expected: str) -> None:
    assert header_of(form) == expected


def test_a_line_of_a_table() -> None:
    body = '"{""from"":""under_investigation"",""to"":""investigated""}"'

    assert lines_of(CSV, [ENTRY]) == (
        f"7,12,2026-03-11T02:15:00.000250Z,claim.moved,claim:C26-AAAAAA,user:3,{body},{LEAF}\r\n"
    )


def test_a_line_for_a_program() -> None:
    assert lines_of(NDJSON, [ENTRY]) == (
        '{"actor":"user:3","body":{"from":"under_investigation","to":"investigated"},"id":12,"kind":"claim.moved",'
        f'"leaf":"{LEAF}","leaf_index":7,"recorded_at":"2026-03-11T02:15:00.000250Z","stream":"claim:C26-AAAAAA"}}\n'
    )


@pytest.mark.parametrize("form", [CSV, NDJSON])
def test_as_many_lines_as_entries_in_their_order(form: str) -> None:
    entries = [replace(ENTRY, leaf_index=index, id=100 - index) for index in range(3)]

    assert lines_of(form, []) == ""
    assert lines_of(form, entries) == "".join(lines_of(form, [entry]) for entry in entries)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"words": 'one, "two"'},
        {"words": "a line\nand another\r\n"},
        {"words": "理赔；审核"},
        {"words": "=1+1"},
        {"list": [1, None, True], "within": {"b": 1, "a": 2}},
    ],
)
def test_what_is_read_back_is_what_was_written(body: dict[str, Any]) -> None:
    entry = replace(ENTRY, body=body)
    (row,) = csv.DictReader(io.StringIO(header_of(CSV) + lines_of(CSV, [entry]), newline=""))
    (line,) = lines_of(NDJSON, [entry]).split("\n")[:-1]
    read = json.loads(line)

    assert tuple(row) == COLUMNS
    assert json.loads(row.pop("body")) == read["body"] == body
    assert row == {name: str(read[name]) for name in row}
    assert bytes.fromhex(read["leaf"]) == ENTRY.leaf


def test_moments_are_written_in_one_zone() -> None:
    shanghai = dt.timezone(dt.timedelta(hours=8))
    entry = replace(ENTRY, recorded_at=ENTRY.recorded_at.astimezone(shanghai))

    assert lines_of(NDJSON, [entry]) == lines_of(NDJSON, [ENTRY])


def test_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing is exported as 'xml'"):
        lines_of("xml", [ENTRY])
