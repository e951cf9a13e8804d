"""Rows in PostgreSQL's COPY text: for the staging tables, and for the tables of people and memberships."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from members.imports.checking import Checker, Draft
from members.imports.columns import Refusal
from members.imports.indexing import BlindIndexer
from members.imports.reading import Chunk, Format, rows_of
from members.sealing import PersonSealer

PERSON_COLUMNS = (
    "id",
    "public_id",
    "payer_id",
    "sealed",
    "sex",
    "name_digest",
    "id_digest",
    "phone_digest",
    "address_digest",
    "employer_digest",
    "import_key",
    "created_at",
)
MEMBERSHIP_COLUMNS = (
    "id",
    "plan_id",
    "person_id",
    "joined_at",
    "left_at",
    "previous_left_at",
    "end_reason",
    "waits_from",
    "first_notice_on",
    "is_gifted",
    "carried_minor",
)
ROW_COLUMNS = (
    "row_no", "chunk_no", "import_key", "id_digest", "payer_key", "joined_at", "left_at", "is_whole",
)  # fmt: skip
REFUSAL_COLUMNS = ("row_no", "column_name", "wrong", "allowed")
_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True, slots=True)
class Staged:
    """What the checks in sets need of a chunk."""

    number: int
    rows: int
    staged: bytes
    refused: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row goes: the ids given to it, the id of whoever pays, and its neighbours among the person's memberships.

    The neighbours are when the membership before it ended, and the id of the one that follows.
    """

    row: int
    person_id: str
    is_new: bool
    payer_id: str
    membership_id: str
    previous_left_at: str
    following_id: str

    @classmethod
    def of(cls, line: str) -> Place:
        """From a line of COPY text: row, person, whether new, and the others in order."""
        row, person_id, is_new, *others = line.split("\t")
        return cls(int(row), person_id, is_new == "t", *others)


@dataclass(frozen=True, slots=True)
class WrittenUp:
    """The rows of a chunk as they go into the tables.

    `followed` are those that come before a membership stored already: its id, and when the new one ended.
    """

    people: bytes
    memberships: bytes
    count: int
    followed: tuple[tuple[int, str], ...] = ()


class Clerk:
    """Turns chunks of the file into COPY text; knows no database."""

    def __init__(
        self, checker: Checker, sealer: PersonSealer, indexer: BlindIndexer, file_format: Format, order: tuple[int, ...]
    ) -> None:
        self._checker = checker
        self._sealer = sealer
        self._indexer = indexer
        self._format: Format = file_format
        self._order = order

    def stage(self, chunk: Chunk) -> Staged:
        """Check every row by itself; what is staged is enough to check it against all others."""
        staged: list[str] = []
        refused: list[str] = []
        count = 0
        for row in rows_of(chunk, self._format, self._order):
            count += 1
            draft, refusals = self._checker.check(row)
            if draft is None:
                # Staged all the same: its external id is taken.
                key = self._checker.key_of(row).translate(_ESCAPES)
                staged.append(f"{row.line}\t{chunk.number}\t{key}\t\t\t{_NULL}\t{_NULL}\tf\n")
                refused.extend(map(refusal_line, refusals))
                continue
            digest = self._indexer.index("id_number", draft.id_number)
            left_at = draft.left_at.isoformat() if draft.left_at else _NULL
            staged.append(
                f"{row.line}\t{chunk.number}\t{draft.external_id.translate(_ESCAPES)}\t{digest}\t"
                f"{draft.payer_external_id.translate(_ESCAPES)}\t{draft.joined_at.isoformat()}\t{left_at}\tt\n"
            )
        return Staged(chunk.number, count, "".join(staged).encode(), "".join(refused).encode())

    def write_up(self, chunk: Chunk, places: bytes, plan_id: int, created_at: str) -> WrittenUp:
        """Encrypt and index the rows that have got their places; the others are left out."""
        by_row = {place.row: place for place in map(Place.of, places.decode().splitlines())}
        drafts = list(self._drafts_at(chunk, by_row))
        new = [draft for draft in drafts if by_row[draft.row].is_new]
        people = self._people(new, by_row, created_at)
        memberships = [_membership_line(draft, by_row[draft.row], plan_id) for draft in drafts]
        followed = tuple(
            (int(place.following_id), draft.left_at.isoformat())
            for draft in drafts
            if (place := by_row[draft.row]).following_id != _NULL and draft.left_at is not None
        )
        return WrittenUp(people, "".join(memberships).encode(), len(drafts), followed)

    def _drafts_at(self, chunk: Chunk, by_row: dict[int, Place]) -> Iterator[Draft]:
        for row in rows_of(chunk, self._format, self._order):
            if row.line in by_row:
                draft, _refusals = self._checker.check(row)
                if draft is not None:
                    yield draft

    def _people(self, drafts: list[Draft], by_row: dict[int, Place], created_at: str) -> bytes:
        seal, index, shared = self._sealer.seal, self._indexer.index, self._indexer.index_shared
        number = self._indexer.number_shared
        lines = []
        for draft, public_id in zip(drafts, _new_uuids(len(drafts)), strict=True):
            place = by_row[draft.row]
            data = (draft.name, draft.born_on.isoformat(), draft.id_number, draft.phone, draft.address, draft.employer)
            lines.append(
                f"{place.person_id}\t{public_id.hex()}\t{place.payer_id}\t\\\\x{seal(data, public_id).hex()}\t"
                f"{draft.sex}\t{number('name', draft.name)}\t"
                f"{index('id_number', draft.id_number)}\t{index('phone', draft.phone)}\t"
                f"{shared('address', draft.address)}\t{shared('employer', draft.employer)}\t"
                f"{draft.external_id.translate(_ESCAPES)}\t{created_at}\n"
            )
        return "".join(lines).encode()


def refusal_line(refusal: Refusal) -> str:
    """A refusal for its staging table."""
    texts = (refusal.column, refusal.wrong, refusal.allowed)
    return "\t".join((str(refusal.row), *(text.translate(_ESCAPES) for text in texts))) + "\n"


def _membership_line(draft: Draft, place: Place, plan_id: int) -> str:
    joined_at = draft.joined_at.isoformat()
    left_at = draft.left_at.isoformat() if draft.left_at else _NULL
    # An imported member waits from joining: a wait served in another plan is no column of the file.
    return (
        f"{place.membership_id}\t{plan_id}\t{place.person_id}\t{joined_at}\t{left_at}\t{place.previous_left_at}\t"
        f"{draft.end_reason}\t{joined_at}\t{draft.first_notice_on.isoformat()}\t{'t' if draft.is_gifted else 'f'}\t"
        f"{draft.carried_minor}\n"
    )


def _new_uuids(count: int) -> Iterator[bytes]:
    """Random UUIDs (version 4), as `uuid.uuid4` makes them, drawn all at once."""
    random = bytearray(os.urandom(16 * count))
    for start in range(0, len(random), 16):
        random[start + 6] = random[start + 6] & 0x0F | 0x40
        random[start + 8] = random[start + 8] & 0x3F | 0x80
        yield bytes(random[start : start + 16])
