"""The way that nearly every ballot takes: one statement locks and reads, the rules are asked, one statement writes.

It is complete for a ballot that is in order, and for nothing else. On any doubt it writes nothing and returns None;
then `jury.services.ballots.cast_ballot` asks everything again, in the same order of locks, and says what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from audit.services import INSERT as INSERT_ENTRY
from audit.services import values_of
from jury.errors.ballots import WordsTooLong, WordsUnreadable
from jury.models import Juror, Panel, Seat
from jury.rules.verdicts import Choice
from jury.sealing import REASON_CODES_MAX, BallotContent, seal
from jury.selectors.draws import stream_of
from jury.selectors.panels import rules_of
from jury.selectors.pool import conflict_with, is_qualified
from jury.selectors.tokens import SeatActor, panel_name, seat_name, token_of
from jury.services.ballots import OUTCOME_OF, CastBallot, as_content, body_of
from members.models import Membership, Person, User

Row = TypeVar("Row", Panel, Seat, Juror, Person, Membership)


def _in_order(model: type[Model], *names: str) -> tuple[str, ...]:
    """The columns in the order in which `from_db` takes them."""
    return tuple(field.attname for field in model._meta.concrete_fields if field.attname in names)


_PANEL = _in_order(
    Panel, "id", "case_ref", "round", "status", "closes_at", "case_facts", "rules_digest", "public_key", "addendum_at"
)
_SEAT = _in_order(Seat, "id", "status", "summoned_at", "first_seen_at")
_JUROR = _in_order(Juror, "id", "number", "lapsed_at", "hospital_digest", "person_id", "membership_id")
_PERSON = _in_order(Person, "id", "payer_id", "address_digest", "phone_digest", "employer_digest")
_MEMBERSHIP = _in_order(Membership, "id", "joined_at", "left_at")


def _columns(table: str, names: Sequence[str]) -> str:
    return ", ".join(f"{table}.{name}" for name in names)


# The panel, shared, before the seat, as every act locks them. What else is read is as of the statement's beginning: an
# act that had to wait for a lock may find the seat's last ballot too low, and then the trigger refuses the next number.
_LOCK_AND_READ = f"""
WITH panel AS MATERIALIZED (
    SELECT {_columns("p", _PANEL)} FROM jury_panel p
     WHERE p.id = (SELECT panel_id FROM jury_seat WHERE id = %s) FOR SHARE
), seat AS MATERIALIZED (
    SELECT {_columns("s", _SEAT)}, s.juror_id FROM jury_seat s JOIN panel ON panel.id = s.panel_id
     WHERE s.id = %s FOR UPDATE OF s
)
SELECT {_columns("panel", _PANEL)}, {_columns("seat", _SEAT)}, {_columns("juror", _JUROR)},
       {_columns("person", _PERSON)}, {_columns("membership", _MEMBERSHIP)},
       (SELECT max(sequence) FROM jury_ballot WHERE seat_id = seat.id),
       assize_now()
  FROM panel, seat
  JOIN jury_juror juror ON juror.id = seat.juror_id
  JOIN members_person person ON person.id = juror.person_id
  JOIN members_membership membership ON membership.id = juror.membership_id
 WHERE person.user_id = %s
   AND NOT EXISTS (SELECT FROM members_rolegrant AS held
                    WHERE held.user_id = person.user_id AND (held.revoked_at IS NULL OR held.revoked_at > assize_now()))
"""  # noqa: S608 - names of columns
_WRITE = f"""
WITH entry AS ({INSERT_ENTRY})
INSERT INTO jury_ballot (seat_id, sequence, sealed) VALUES (%s, %s, %s) RETURNING cast_at
"""  # noqa: S608 - a statement of ours
_IS_COMPLETE = """
SELECT NOT EXISTS (
    SELECT FROM jury_seat s JOIN jury_panel p ON p.id = s.panel_id
     WHERE p.id = %s AND s.status = 'summoned' AND NOT EXISTS (
        SELECT FROM jury_ballot b
         WHERE b.seat_id = s.id AND (p.addendum_at IS NULL OR b.cast_at > p.addendum_at)))
"""


@dataclass(frozen=True)
class QuickCast:
    """A ballot that is cast, and what the juror is told beside it."""

    ballot: CastBallot
    panel_id: int
    case_ref: str
    closes_at: datetime
    may_complete: bool
    """Whether it may be the last ballot that the panel waits for."""


@dataclass(frozen=True)
class _Chair:
    panel: Panel
    seat: Seat
    juror: Juror
    last_sequence: int
    now: datetime


def cast_if_in_order(
    *,
    seat_id: int,
    choice: str,
    reason_codes: Sequence[str],
    words: str,
    is_medical_question: bool,
    replaces: int,
    by: User,
) -> QuickCast | None:
    """Cast a ballot that is in order by every rule of `cast_ballot`, which takes the same; None, and nothing written,
    where it is not, or where somebody else acted meanwhile.
    """
    if choice not in Choice or not by.is_active:
        return None
    content = as_content(choice, reason_codes, words, is_medical=is_medical_question)
    try:
        with transaction.atomic():
            chair = _locked_chair(seat_id, by)
            if chair is None or chair.last_sequence != replaces or not _may_vote(chair, content):
                return None
            cast = _write(chair, content)
    except (IntegrityError, WordsTooLong, WordsUnreadable, ValueError):
        # The trigger of the ballots knows better, by what happened meanwhile; or no seal holds what is said.
        return None
    panel = chair.panel
    if panel.closes_at is None:
        return None  # never: an open panel has its close
    # A first ballot, or one of a juror who has read what was added since.
    may_complete = replaces == 0 or panel.addendum_at is not None
    return QuickCast(cast, panel.pk, panel.case_ref, panel.closes_at, may_complete)


def is_complete(panel_id: int) -> bool:
    """Whether a ballot came from every seat of a panel, since its addendum if it has one: then it closes at once."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_COMPLETE, [panel_id])
        return bool(cursor.fetchone()[0])


def _locked_chair(seat_id: int, by: User) -> _Chair | None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_AND_READ, [seat_id, seat_id, by.pk])
        found = cursor.fetchone()
    if found is None:
        return None
    values = iter(found)
    panel, seat, juror = _next(Panel, _PANEL, values), _next(Seat, _SEAT, values), _next(Juror, _JUROR, values)
    juror.person, juror.membership = _next(Person, _PERSON, values), _next(Membership, _MEMBERSHIP, values)
    panel.case_facts = json.loads(panel.case_facts)  # the driver hands JSON on as text
    last_sequence, now = values
    return _Chair(panel, seat, juror, last_sequence or 0, now)


def _next(model: type[Row], names: Sequence[str], values: Iterator[Any]) -> Row:
    return model.from_db(connection.alias, names, [next(values) for _ in names])


def _may_vote(chair: _Chair, content: BallotContent) -> bool:
    """The conditions of `jury.services.ballots`, without the words for what is wrong."""
    panel, seat = chair.panel, chair.seat
    if panel.status != Panel.Status.OPEN or seat.status != Seat.Status.SUMMONED:
        return False
    if panel.closes_at is None or panel.closes_at <= chair.now or len(content.reason_codes) > REASON_CODES_MAX:
        return False
    offered = {reason.code for reason in rules_of(panel).reasons_for(OUTCOME_OF[content.choice])}
    return (
        offered.issuperset(content.reason_codes)
        and is_qualified(chair.juror, chair.now)
        and conflict_with(chair.juror, panel) is None
    )


def _write(chair: _Chair, content: BallotContent) -> CastBallot:
    panel, sequence = chair.panel, chair.last_sequence + 1
    token = token_of(panel, chair.juror.number)
    ballot = seal(
        content,
        public=bytes(panel.public_key),
        panel=panel_name(panel),
        seat=seat_name(chair.seat.pk),
        sequence=sequence,
    )
    entry: list[Any] = values_of(
        kind="ballot.cast",
        stream=stream_of(panel),
        by=SeatActor(token),
        body=body_of(panel, token, sequence, ballot.sealed),
        at=chair.now,
    )
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [*entry, chair.seat.pk, sequence, ballot.sealed])
        (cast_at,) = cursor.fetchone()
    return CastBallot(ballot.receipt, token, sequence, cast_at)
