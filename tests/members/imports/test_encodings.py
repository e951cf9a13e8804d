"""Files in other encodings and shapes: read where the file says it, otherwise refused as a whole with the cause."""

from __future__ import annotations

from pathlib import Path

import pytest

from members.imports.checking import Checker, Draft
from members.imports.encodings import Encoding
from members.imports.reading import FileUnusable, Source, rows_of
from tests.members.imports.making import terms

HEADER = "external_id,name,born_on,joined_at\n"
CHINESE = (
    HEADER + "G-1,王小明,1985-05-17,2024-03-01\nG-2,李玉兰,1985-05-17,2024-03-01\nG-3,Plain,1985-05-17,2024-03-01\n"
)
TRADITIONAL = HEADER + "G-1,陳關華,1985-05-17,2024-03-01\nG-2,蕭麗鳳,1985-05-17,2024-03-01\n"


def names(path: Path, encoding: Encoding | None = None) -> list[str]:
    with Source(path, "csv", 100, encoding) as source:
        found = [
            Checker(terms()).check(row) for chunk in source.chunks() for row in rows_of(chunk, "csv", source.order)
        ]
    return [draft.name if isinstance(draft, Draft) else refusals[0].wrong for draft, refusals in found]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_what_shows_its_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "members.csv"
    path.write_bytes(CHINESE.encode(encoding))
    assert names(path) == ["王小明", "李玉兰", "Plain"]


@pytest.mark.parametrize(("text", "encoding"), [(CHINESE, "gb18030"), (TRADITIONAL, "big5")])
def test_what_only_its_author_knows_is_named_and_read_when_given(tmp_path: Path, text: str, encoding: Encoding) -> None:
    path = tmp_path / "members.csv"
    path.write_bytes(text.encode(encoding))
    with pytest.raises(FileUnusable, match=f"--encoding {encoding}"):
        names(path)
    assert names(path, encoding)[:2] == [line.split(",")[1] for line in text.splitlines()[1:3]]


def test_one_bad_line_among_good_ones_is_a_fault_of_that_line(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_bytes(CHINESE.encode() + b"G-4,\xcd\xf5,1985-05-17,2024-03-01\nG-5,\xcd\xf5,1985-05-17,2024-03-01\n")
    assert names(path) == ["王小明", "李玉兰", "Plain", "is not UTF-8", "is not UTF-8"]


def test_bytes_that_are_not_what_was_said_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_bytes(HEADER.encode() + b"G-1,\xff\xff,1985-05-17,2024-03-01\n")
    with pytest.raises(FileUnusable, match="is not gb18030"):
        names(path, "gb18030")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (CHINESE.replace(",", ";"), "separated by semicolons"),
        (CHINESE.replace(",", "\t"), "separated by tabs"),
        (CHINESE.replace(",", "，"), "full-width commas"),
        (CHINESE.replace("\n", "\r"), "carriage return alone"),
        (HEADER.replace("name", "name,name"), "names a column twice"),
        (",".join(f"column{number}" for number in range(100_000)) + "\n", "longer than 64 KiB"),
    ],
)
def test_the_cause_is_named(tmp_path: Path, text: str, cause: str) -> None:
    path = tmp_path / "members.csv"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(FileUnusable, match=cause):
        names(path)


def test_a_header_in_the_middle_is_told_as_one(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_text(CHINESE + HEADER, encoding="utf-8")
    assert names(path)[-1] == "names the columns once more"


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("王\u200b小明", "王小明"),
        ("\ufeff王小明", "王小明"),
        ("王\ue863", "王\ue863"),
        ("\u200b", "is missing"),
        ("😀", "has no letter"),
        ("- 12 -", "has no letter"),
        ("王\0", "holds a zero character"),
    ],
)
def test_names(tmp_path: Path, name: str, outcome: str) -> None:
    path = tmp_path / "members.csv"
    path.write_text(f"{HEADER}N-1,{name},1985-05-17,2024-03-01\n", encoding="utf-8")
    assert names(path) == [outcome]


def test_the_cases_that_people_reported(tmp_path: Path) -> None:
    """Days in several forms, each read where it begins with the year and refused where it can't be told."""
    days = ["1985/5/17", "1985.5.17", "19850517", "1985-05-17 00:00:00", "1985-5-17", "17.05.1985", "31184", "5/6/85"]
    path = tmp_path / "members.csv"
    path.write_text(HEADER + "".join(f"D-{day},Da,{day},2024/3/1 0:00\n" for day in days), encoding="utf-8")
    told = names(path)
    assert told[:5] == ["Da"] * 5
    assert ["year" in told[5], "spreadsheet" in told[6], "year" in told[7]] == [True] * 3
