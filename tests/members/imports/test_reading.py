"""Reading an import file: rows told apart, however broken, in chunks of any size."""

from __future__ import annotations

import csv
import io
import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.imports import reading
from members.imports.columns import COLUMNS
from members.imports.reading import Chunk, FileUnusable, Format, Row, Source, rows_of

ORDER = (0, 1, 2, *(-1 for _ in COLUMNS[4:]), 3)


def csv_rows(text: str | bytes, first_line: int = 2) -> list[Row]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(rows_of(Chunk(0, first_line, data), "csv", ORDER))


def told(rows: list[Row]) -> list[tuple[int, str]]:
    """The first text of each row, or what is wrong."""
    return [(row.line, row.texts[0] if not row.wrong else row.wrong) for row in rows]


def all_rows(source: Source) -> list[Row]:
    return [row for chunk in source.chunks() for row in rows_of(chunk, source.format, source.order)]


def test_values_come_in_the_order_of_the_columns_whatever_the_file_s() -> None:
    assert csv_rows("a,b,c,d\r\n")[0].texts == ("a", "b", "c", *[""] * 10, "d")


def test_a_value_may_hold_commas_quotes_and_line_ends() -> None:
    rows = csv_rows('1,"x, ""y""\r\nz",c,d\n2,b,c,d\n')

    assert [(row.line, row.texts[1]) for row in rows] == [(2, 'x, "y"\r\nz'), (4, "b")]


def test_empty_lines_are_no_rows() -> None:
    assert told(csv_rows("1,b,c,d\n\n2,b,c,d\n\n")) == [(2, "1"), (4, "2")]


@pytest.mark.parametrize(
    "fault",
    ['2,"open,c,d', '2,"a"b,c,d', "2,b", "2,b,c,d,e", "2,b\rx,c,d"],
    ids=["quote not closed", "text after a quote", "too few", "too many", "a lone carriage return"],
)
def test_a_fault_costs_its_own_row_alone(fault: str) -> None:
    rows = csv_rows(f'1,"b",c,d\n{fault}\n3,"b",c,d\n4,b,c,d\n')

    assert [told_line for told_line in told(rows) if told_line[0] != 3] == [(2, "1"), (4, "3"), (5, "4")]
    assert next(row for row in rows if row.line == 3).wrong


def test_bytes_that_are_no_utf_8_cost_their_own_row_alone() -> None:
    assert told(csv_rows("1,王,c,d\n".encode() + "2,王,c,d\n".encode("gb18030") + b"3,b,c,d\n")) == [
        (2, "1"),
        (3, "is not UTF-8"),
        (4, "3"),
    ]


def test_objects_a_line() -> None:
    lines = ['{"external_id": "1", "gifted": true, "carried_minor": 5, "sex": null}', "", "[1]", "{", '{"other": 1}']
    lines += ['{"name": {"given": "x"}}', '{"carried_minor": 1.5}', '{"name": "\\ud800"}']
    rows = list(rows_of(Chunk(0, 1, "\n".join(lines).encode()), "ndjson", ORDER))

    assert rows[0].texts == ["1", *[""] * 11, "true", "5"]
    assert [row.line for row in rows] == [1, 3, 4, 5, 6, 7, 8]
    assert all(row.wrong for row in rows[1:])


CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(st.integers(0, 99), CELLS, CELLS, CELLS), max_size=30), st.integers(1, 4))
def test_whatever_a_csv_writer_writes_is_read_in_any_pieces(
    tmp_path_factory: pytest.TempPathFactory, written: list[tuple[int, str, str, str]], rows_a_chunk: int
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("external_id", "name", "born_on", "joined_at"))
    writer.writerows(written)
    path = tmp_path_factory.mktemp("csv") / "m.csv"
    path.write_bytes(out.getvalue().encode())
    with Source(path, "csv", rows_a_chunk) as source:
        rows = all_rows(source)

    read = [(int(row.texts[0]), row.texts[1], row.texts[2], row.texts[9]) for row in rows]
    assert read == written


@given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), CELLS, min_size=1), max_size=20), st.integers(1, 4))
def test_whatever_a_json_writer_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory, written: list[dict[str, str]], rows_a_chunk: int
) -> None:
    path = tmp_path_factory.mktemp("json") / "m.ndjson"
    path.write_text("".join(json.dumps(one) + "\n" for one in written), encoding="utf-8", newline="")
    with Source(path, "ndjson", rows_a_chunk) as source:
        rows = all_rows(source)

    assert [row.texts for row in rows] == [[one.get(column, "") for column in COLUMNS] for one in written]


@pytest.mark.parametrize("file_format", ["csv", "ndjson"])
def test_chunks_know_their_lines_and_are_digested_together(tmp_path: Path, file_format: Format) -> None:
    head = "external_id,name,born_on,joined_at\n" if file_format == "csv" else ""
    path = tmp_path / "m"
    path.write_text(head + "".join(f"{n},b,c,d\n" for n in range(25)), encoding="utf-8")
    with Source(path, file_format, 10) as source:
        first = list(source.chunks())
        digest = source.digest

    assert [chunk.first_line for chunk in first] == ([2, 12, 22] if head else [1, 11, 21])
    assert [chunk.number for chunk in first] == [0, 1, 2]
    assert digest == sha256(path.read_bytes()).hexdigest()


def test_a_line_without_an_end_in_sight_is_one_bad_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_LINE_BYTES", 100)
    for file_format, head, good in (
        ("csv", "external_id,name,born_on,joined_at\n", "1,b,c,d\n"),
        ("ndjson", "", '{"external_id": "1"}\n'),
    ):
        path = tmp_path / file_format
        path.write_text(f"{head}{good}{'x' * 1000}\n{good}", encoding="utf-8")
        with Source(path, file_format, 10) as source:  # type: ignore[arg-type]
            [chunk] = source.chunks()
            rows = list(rows_of(chunk, source.format, source.order))
            assert chunk.data.count(b"\n") == 3
            assert source.digest == sha256(path.read_bytes()).hexdigest()
        assert [row.wrong for row in rows] == ["", "is too long", ""]


def test_a_file_of_one_quote_is_read_piece_by_piece(tmp_path: Path) -> None:
    """A quote that is never closed must not make the rest of the file one chunk."""
    path = tmp_path / "m.csv"
    lines = [f"{n},b,c,d\n" for n in range(1000)]
    lines[3] = '3,"b,c,d\n'
    path.write_text("external_id,name,born_on,joined_at\n" + "".join(lines), encoding="utf-8")
    with Source(path, "csv", 10) as source:
        chunks = list(source.chunks())
    rows = [row for chunk in chunks for row in rows_of(chunk, "csv", source.order)]

    assert max(chunk.data.count(b"\n") for chunk in chunks) <= 10 + reading.MOST_LINES_OF_A_ROW
    assert [row.line for row in rows if row.wrong] == [5]
    assert len(rows) == 1000


@pytest.mark.parametrize(
    ("head", "wrong"),
    [
        ("external_id,name,born_on", "lacks joined_at"),
        ("external_id,name,born_on,joined_at,age", "has 'age'"),
        ("external_id,name,name,born_on,joined_at", "twice"),
        ("external_id;name;born_on;joined_at", "separated by semicolons"),
        ("", "lacks external_id"),
        ("\udcff", "lacks"),
    ],
)
def test_a_header_that_names_other_columns_is_refused(tmp_path: Path, head: str, wrong: str) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes(f"{head}\n1,2,3,4\n".encode(errors="surrogateescape"))

    with pytest.raises(FileUnusable, match=wrong):
        Source(path, "csv", 10)


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes(b"\xef\xbb\xbfexternal_id,name,born_on,joined_at\r\n1,b,c,d\r\n")
    with Source(path, "csv", 10) as source:
        assert told(all_rows(source)) == [(2, "1")]


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.csv"):
        with pytest.raises(FileUnusable, match="not a file"):
            Source(path, "csv", 10)
