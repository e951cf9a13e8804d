"""Putting the rows of a chunk into the tables of people and memberships, in one transaction that is open already."""

from __future__ import annotations

from typing import Any

from members.imports.copying import MEMBERSHIP_COLUMNS, PERSON_COLUMNS, QUESTION_COLUMNS, WrittenUp

PEOPLE = f"COPY members_person ({', '.join(PERSON_COLUMNS)}) FROM STDIN"
MEMBERSHIPS = f"COPY members_membership ({', '.join(MEMBERSHIP_COLUMNS)}) FROM STDIN"
QUESTIONS = f"COPY members_identityquestion ({', '.join(QUESTION_COLUMNS)}) FROM STDIN"
_LINK = "memberships_never_overlap_link"
_RELINK = "UPDATE members_membership SET previous_left_at = %s WHERE id = %s"


def store(cursor: Any, written: WrittenUp) -> None:
    """Store people and memberships over a cursor of psycopg's, or of Django's."""
    if written.followed:
        # A membership stored earlier is linked to a new one that is stored only below: the foreign key of the chain
        # can be checked only when both are there.
        cursor.execute(f"SET CONSTRAINTS {_LINK} DEFERRED")
        for membership_id, left_at in written.followed:
            cursor.execute(_RELINK, [left_at, membership_id])
    _copy(cursor, PEOPLE, written.people)
    _copy(cursor, MEMBERSHIPS, written.memberships)
    _copy(cursor, QUESTIONS, written.questions)
    if written.followed:
        cursor.execute(f"SET CONSTRAINTS {_LINK} IMMEDIATE")


def _copy(cursor: Any, statement: str, data: bytes) -> None:
    if data:
        with cursor.copy(statement) as copy:
            copy.write(data)
