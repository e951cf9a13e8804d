"""Reading an import file piece by piece and never whole, and telling its rows apart."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import SEEK_END
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, NamedTuple, Self

from members.imports.columns import COLUMNS, REQUIRED
from members.imports.encodings import Encoding, NotEncoded, encoding_of, recoded

Format = Literal["csv", "ndjson"]
MOST_LINE_BYTES = 65_536
MOST_CHUNK_BYTES = 8 * 1024 * 1024
MOST_LINES_OF_A_ROW = 50
"""A row goes on over so many lines at most, by line breaks inside quotes; else a quote was never closed."""
_MARK = b"\xef\xbb\xbf"
_SEPARATORS = {b";": "semicolons", b"\t": "tabs", b"|": "upright lines", "，".encode(): "full-width commas"}
_SHOWN_CHARACTERS = 40
_TOO_LONG = "\0 too long"
"""Stands for a line that is: no value may hold a zero character."""


class FileUnusable(Exception):
    """The file as a whole can't be read; the text says why, and what is expected."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some whole lines of the file; `first_line` counts from 1."""

    number: int
    first_line: int
    data: bytes


class Row(NamedTuple):
    """The texts of a row in the order of COLUMNS, or what is wrong with it; `line` is where it begins."""

    line: int
    texts: Sequence[str] = ()
    wrong: str = ""


class Source:
    """A file that is read in chunks, in order, once."""

    def __init__(self, path: Path, file_format: Format, rows_a_chunk: int, encoding: Encoding | None = None) -> None:
        """`encoding` is found out where it is not given. Raises FileUnusable where the file can't be opened, is in an
        encoding that has to be named, or has a header with other columns.
        """
        self.format = file_format
        self.size = 0
        self._rows = rows_a_chunk
        self._whole = hashlib.sha256()
        self._as_given = ""
        if not path.is_file():
            raise FileUnusable(f"{path} is not a file. Give the path of a CSV or NDJSON file.")
        try:
            self._file: BinaryIO = path.open("rb")
            self._take(encoding)
            self.size = self._file.seek(0, SEEK_END)
            self._file.seek(0)
            self.order = self._read_header()
        except NotEncoded as error:
            self._file.close()
            raise FileUnusable(f"{path} {error}.") from None
        except OSError as error:
            raise FileUnusable(f"{path} can't be read: {error.strerror}.") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    @property
    def digest(self) -> str:
        """SHA-256 of the file, in hex, once all chunks were read."""
        return self._as_given or self._whole.hexdigest()

    @property
    def position(self) -> int:
        """How many bytes have been read."""
        return self._file.tell()

    def _take(self, encoding: Encoding | None) -> None:
        """Read from a copy in UTF-8 where the file is in something else; its digest is that of the file as it is."""
        encoding = encoding or encoding_of(self._file)
        if encoding == "utf-8":
            return
        given = self._file
        with given:
            self._file = recoded(given, encoding, self._whole)
            self._as_given = self._whole.hexdigest()

    def chunks(self) -> Iterator[Chunk]:
        """All chunks, in order."""
        number, line = 0, self._first_line
        while lines := self._lines(self._rows):
            yield Chunk(number, line, b"".join(lines))
            number += 1
            line += len(lines)

    def _lines(self, count: int) -> list[bytes]:
        """About so many lines, not ending inside quotes if that can be helped."""
        lines: list[bytes] = []
        size = quotes = 0
        while size < MOST_CHUNK_BYTES:
            if len(lines) >= count and (quotes % 2 == 0 or len(lines) >= count + MOST_LINES_OF_A_ROW):
                break
            line = self._line()
            if not line:
                break
            lines.append(line)
            size += len(line)
            quotes += line.count(b'"') if self.format == "csv" else 0
        return lines

    def _line(self) -> bytes:
        """The next line; empty at the end, and a mark in place of one that is too long."""
        line = rest = self._file.readline(MOST_LINE_BYTES)
        self._whole.update(line)
        while len(rest) == MOST_LINE_BYTES and not rest.endswith(b"\n"):
            rest = self._file.readline(MOST_LINE_BYTES)
            self._whole.update(rest)
        return line if rest is line else f"{_TOO_LONG}\n".encode()

    def _read_header(self) -> tuple[int, ...]:
        """For each of COLUMNS where it stands in a row, -1 where it does not."""
        self._first_line = 1
        if self.format == "ndjson":
            return tuple(range(len(COLUMNS)))
        self._first_line = 2
        line = self._line()
        _check_shape(line)
        try:
            names = next(csv.reader([line.removeprefix(_MARK).decode()], strict=True), [])
        except (UnicodeDecodeError, csv.Error):
            names = []
        names = [name.strip() for name in names]
        missing = [name for name in REQUIRED if name not in names]
        unknown = [name[:_SHOWN_CHARACTERS] for name in names if name not in COLUMNS]
        if missing or unknown or len(set(names)) < len(names):
            wrong = [f"lacks {', '.join(missing)}"] if missing else []
            wrong += [f"has {', '.join(map(repr, unknown[:5]))}"] if unknown else []
            raise FileUnusable(
                f"The first line {' and '.join(wrong) or 'names a column twice'}. It must name the columns, in UTF-8, "
                f"separated by commas: {', '.join(COLUMNS)}; needed are {', '.join(REQUIRED)}."
            )
        return tuple(names.index(name) if name in names else -1 for name in COLUMNS)


def _check_shape(line: bytes) -> None:
    """Raises FileUnusable, with the cause, where the first line shows that the file is not separated as it must be."""
    if line.startswith(_TOO_LONG.encode()):
        raise FileUnusable(f"The first line is longer than {MOST_LINE_BYTES // 1024} KiB. It must name the columns.")
    if b"\r" in line.removesuffix(b"\n").removesuffix(b"\r") or line.endswith(b"\r"):
        raise FileUnusable(
            "The lines end with a carriage return alone, as on old Macs, so that the whole file is one line. Save it "
            "with line feeds."
        )
    if b"," not in line:
        for separator, words in _SEPARATORS.items():
            if separator in line:
                raise FileUnusable(f"The columns are separated by {words}. Save the file with commas between them.")


def rows_of(chunk: Chunk, file_format: Format, order: Sequence[int]) -> Iterator[Row]:
    """The rows of a chunk; empty lines are none."""
    try:
        text, is_clean = chunk.data.decode(), True
    except UnicodeDecodeError:
        text, is_clean = chunk.data.decode(errors="surrogateescape"), False
    if chunk.number == 0 and file_format == "ndjson":
        text = text.removeprefix("\ufeff")
    lines = text.split("\n")
    if len(lines[-1]) == 0:
        lines.pop()
    rows = _csv_rows(lines, chunk.first_line, order) if file_format == "csv" else _json_rows(lines, chunk.first_line)
    for row in rows:
        if not is_clean and not row.wrong and not _is_unicode(row.texts):
            yield Row(row.line, wrong="is not UTF-8")
        else:
            yield row


def _csv_rows(lines: list[str], first_line: int, order: Sequence[int]) -> Iterator[Row]:
    width = max(order) + 1
    # A column that the file lacks is taken from behind its last value.
    arrange = itemgetter(*(place if place >= 0 else width for place in order))
    start = 0
    while start < len(lines):
        # Line ends count only inside quotes, which then go on over several lines.
        reader = csv.reader((line + "\n" for line in lines[start:]), strict=True)
        done = 0
        try:
            for texts in reader:
                many = reader.line_num - done
                if many > MOST_LINES_OF_A_ROW or (many > 1 and len(texts) != width):
                    raise csv.Error("a quote is not closed")
                line = first_line + start + done
                done = reader.line_num
                if len(texts) == width:
                    texts.append("")
                    yield Row(line, arrange(texts))
                elif texts:
                    too_long = texts == [_TOO_LONG]
                    yield Row(line, wrong="is too long" if too_long else f"has {len(texts)} values instead of {width}")
        except csv.Error as error:
            wrong = str(error)
        else:
            return
        # Only the line with the fault is lost, not what a quote left open has swallowed.
        yield Row(first_line + start + done, wrong=f"is no CSV: {wrong}")
        start += done + 1


def _json_rows(lines: list[str], first_line: int) -> Iterator[Row]:
    for number, line in enumerate(lines, first_line):
        if line and not line.isspace():
            yield _json_row(line, number)


def _json_row(line: str, number: int) -> Row:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return Row(number, wrong="is too long" if line == _TOO_LONG else "is no JSON")
    if not isinstance(found, dict):
        return Row(number, wrong="is no JSON object")
    texts = [_json_text(found.pop(column, None)) for column in COLUMNS]
    if found:
        return Row(number, wrong="has a name that is no column")
    if None in texts:
        return Row(number, wrong="has a value that is neither text, whole number, true, false nor null")
    made = [text for text in texts if text is not None]
    return Row(number, made) if _is_unicode(made) else Row(number, wrong="is not Unicode")


def _json_text(value: object) -> str | None:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else None


def _is_unicode(texts: Sequence[str]) -> bool:
    """Whether it can be written: bytes that were no UTF-8 stand as lone surrogates."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True
