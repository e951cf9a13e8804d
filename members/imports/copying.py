"""Rows in PostgreSQL's COPY text: for the staging tables, and for the tables of people and memberships."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from members.imports.checking import Checker, Draft
from members.imports.columns import Refusal
from members.imports.indexing import BlindIndexer
from members.imports.reading import Chunk, Format, rows_of
from members.sealing import PersonSealer

PERSON_COLUMNS = (
    "id",
    "payer_id",
    "public_id",
    "sealed",
    "sex",
    "name_digest",
    "id_digest",
    "phone_digest",
    "address_digest",
    "employer_digest",
    "import_key",
    "created_at",
    "born_digest",
)
MEMBERSHIP_COLUMNS = (
    "id",
    "person_id",
    "previous_left_at",
    "plan_id",
    "joined_at",
    "left_at",
    "end_reason",
    "waits_from",
    "first_notice_on",
    "is_gifted",
    "carried_minor",
)
QUESTION_COLUMNS = ("person_id", "status", "doubts", "row", "asked_at", "reason")
ROW_COLUMNS = (
    "row_no", "chunk_no", "import_key", "id_digest", "payer_key", "joined_at", "left_at", "is_whole",
)  # fmt: skip
REFUSAL_COLUMNS = ("row_no", "column_name", "wrong", "allowed")
PLACE_COLUMNS = (
    "row_no", "is_new", "membership_id", "person_id", "previous_left_at", "payer_id", "following_id", "left_at",
)  # fmt: skip
_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_BETWEEN = "\x1f"
"""Stands between the parts of a row that is kept. No value holds it: external ids are printable, all else is ours."""
_RECENT = 20_000


@dataclass(frozen=True, slots=True)
class Staged:
    """What the checks in sets need of a chunk, and its good rows as they will be stored but for their ids."""

    number: int
    rows: int
    staged: bytes
    refused: bytes
    kept: bytes


@dataclass(frozen=True, slots=True)
class WrittenUp:
    """The rows of a chunk as they go into the tables.

    `followed` are those that come before a membership stored already: its id, and when the new one ended.
    """

    people: bytes
    memberships: bytes
    count: int
    followed: tuple[tuple[int, str], ...] = ()
    questions: bytes = b""


class Clerk:
    """Turns chunks of the file into COPY text; knows no database."""

    def __init__(
        self,
        checker: Checker,
        sealer: PersonSealer,
        indexer: BlindIndexer,
        file_format: Format,
        order: tuple[int, ...],
        plan_id: int,
        created_at: str,
    ) -> None:
        self._checker = checker
        self._seal = sealer.seal
        self._index = indexer
        self._format: Format = file_format
        self._order = order
        self._plan_id = plan_id
        self._created_at = created_at
        # Rows that give the same day share one moment.
        self._text_of = lru_cache(maxsize=_RECENT)(dt.datetime.isoformat)

    def stage(self, chunk: Chunk) -> Staged:
        """Check every row by itself; seal, index and keep the good ones."""
        staged: list[str] = []
        refused: list[str] = []
        kept: list[str] = []
        check, number, count = self._checker.check, chunk.number, 0
        public_ids = _new_uuids(chunk.data.count(b"\n") + 1)
        for row in rows_of(chunk, self._format, self._order):
            count += 1
            draft, refusals = check(row)
            if draft is None:
                # Staged all the same: its external id is taken.
                key = self._checker.key_of(row).translate(_ESCAPES)
                staged.append(f"{row.line}\t{number}\t{key}\t\t\t{_NULL}\t{_NULL}\tf\n")
                refused.extend(map(refusal_line, refusals))
                continue
            key = _escaped(draft.external_id)
            digest = self._index.id_number(draft.id_number)
            joined_at = self._text_of(draft.joined_at)
            left_at = draft.left_at.isoformat() if draft.left_at else _NULL
            staged.append(
                f"{row.line}\t{number}\t{key}\t{digest}\t{_escaped(draft.payer_external_id)}\t{joined_at}\t{left_at}\tt\n"
            )
            person = self._person(draft, next(public_ids), digest, key)
            membership = self._membership(draft, joined_at, left_at)
            # An array of PostgreSQL's; nothing where nothing speaks against the number.
            doubts = f"{{{','.join(draft.doubts)}}}" if draft.doubts else ""
            kept.append(f"{row.line}{_BETWEEN}{person}{_BETWEEN}{membership}{_BETWEEN}{doubts}\n")
        return Staged(number, count, "".join(staged).encode(), "".join(refused).encode(), "".join(kept).encode())

    def _person(self, draft: Draft, public_id: bytes, id_digest: str, key: str) -> str:
        """The line of a person, but for the ids of them and of their payer, which come first."""
        index = self._index
        data = (draft.name, draft.born_on.isoformat(), draft.id_number, draft.phone, draft.address, draft.employer)
        return (
            f"{public_id.hex()}\t\\\\x{self._seal(data, public_id).hex()}\t{draft.sex}\t{index.name(draft.name)}\t"
            f"{id_digest}\t{index.phone(draft.phone)}\t{index.address(draft.address)}\t"
            f"{index.employer(draft.employer)}\t"
            f"{key}\t{self._created_at}\t{index.born_on(data[1])}"
        )

    def _membership(self, draft: Draft, joined_at: str, left_at: str) -> str:
        """The line of a membership, but for its id, the person's, and the end of the one before, which come first."""
        # An imported member waits from joining: a wait served in another plan is no column of the file.
        return (
            f"{self._plan_id}\t{joined_at}\t{left_at}\t{draft.end_reason}\t{joined_at}\t"
            f"{draft.first_notice_on.isoformat()}\t{'t' if draft.is_gifted else 'f'}\t{draft.carried_minor}"
        )


def write_up(kept: bytes, places: bytes, asked_at: str) -> WrittenUp:
    """Give ids to the rows of a chunk that have places (lines of PLACE_COLUMNS); leave the others out."""
    people: list[str] = []
    memberships: list[str] = []
    questions: list[str] = []
    followed: list[tuple[int, str]] = []
    rows = (line.split(_BETWEEN) for line in kept.decode().split("\n"))
    for line in places.decode().split("\n")[:-1]:
        row, is_new, membership_id, person_id, previous_left_at, payer_id, following_id, left_at = line.split("\t")
        # Both are in the order of the file.
        person, membership, doubts = next(rest for number, *rest in rows if number == row)
        if is_new == "t":
            people.append(f"{person_id}\t{payer_id}\t{person}\n")
            if doubts:
                questions.append(f"{person_id}\topen\t{doubts}\t{row}\t{asked_at}\t\n")
        memberships.append(f"{membership_id}\t{person_id}\t{previous_left_at}\t{membership}\n")
        if following_id != _NULL:
            followed.append((int(following_id), left_at))
    return WrittenUp(
        "".join(people).encode(),
        "".join(memberships).encode(),
        len(memberships),
        tuple(followed),
        "".join(questions).encode(),
    )


def refusal_line(refusal: Refusal) -> str:
    """A refusal for its staging table."""
    texts = (refusal.column, refusal.wrong, refusal.allowed)
    return "\t".join((str(refusal.row), *(text.translate(_ESCAPES) for text in texts))) + "\n"


def _escaped(key: str) -> str:
    """An external id in COPY text: of what is printable only the backslash needs another."""
    return key.replace("\\", "\\\\") if "\\" in key else key


def _new_uuids(count: int) -> Iterator[bytes]:
    """Random UUIDs (version 4), as `uuid.uuid4` makes them, drawn all at once."""
    random = bytearray(os.urandom(16 * count))
    for start in range(0, len(random), 16):
        random[start + 6] = random[start + 6] & 0x0F | 0x40
        random[start + 8] = random[start + 8] & 0x3F | 0x80
        yield bytes(random[start : start + 16])
