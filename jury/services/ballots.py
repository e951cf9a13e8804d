"""Opening the case file, and casting a sealed ballot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from psycopg.errors import RestrictViolation

from audit import clock
from audit.actors import Actor
from audit.services import append
from jury.errors.ballots import BallotAlreadyCast, ChoiceUnknown, NoBallotToReplace, TooManyReasons
from jury.errors.jurors import JurorLapsed
from jury.errors.panels import PanelNotOpen, not_voting
from jury.errors.seats import JurorConflicted, NotYourSeat, SeatGivenUp
from jury.models import Panel, Seat
from jury.recusals import RecusalReason
from jury.rules.verdicts import Choice
from jury.sealing import REASON_CODES_MAX, BallotContent, SealedBallot, seal, sealed_digest
from jury.selectors.draws import stream_of
from jury.selectors.panels import rules_of
from jury.selectors.pool import conflict_with, has_standing
from jury.selectors.tokens import SeatActor, panel_name, seat_name, token_of
from jury.services.draws import give_up_seat
from members.errors.plans import ReasonNotInPlan
from members.models import User

OUTCOME_OF = {Choice.SUPPORT: "approved", Choice.AGAINST: "rejected"}
"""What each choice stands for in the plan's list of reasons."""

# FOR SHARE: ballots of different seats don't wait for each other, but they wait for a close under way.
_SHARE_PANEL = """
    SELECT id, plan_id, case_ref, round, status, closes_at, case_facts, rules_digest, public_key
      FROM jury_panel WHERE id = (SELECT panel_id FROM jury_seat WHERE id = %s) FOR SHARE
"""
_INSERT = "INSERT INTO jury_ballot (seat_id, sequence, sealed) VALUES (%s, %s, %s) RETURNING cast_at"


@dataclass(frozen=True)
class CastBallot:
    """What the juror is shown once, in the answer to the casting: the receipt is stored nowhere, by nobody."""

    receipt: str
    token: str
    sequence: int
    cast_at: datetime


@dataclass(frozen=True)
class _Chair:
    """A seat on which its juror may act: locked, with its panel share-locked, what was cast, and the moment."""

    seat: Seat
    panel: Panel
    last_sequence: int
    last_cast_at: datetime | None
    now: datetime

    @property
    def token(self) -> str:
        return token_of(self.panel, self.seat.juror.number)


def open_case_file(*, seat_id: int, by: Actor) -> Seat:
    """Open the case file of a seat: record when its juror first saw it, after checking for conflicts once more.

    Raises NotYourSeat, SeatGivenUp, PanelNotOpen, PanelClosed, JurorLapsed and JurorConflicted; the last frees the
    seat.
    """
    try:
        with transaction.atomic():
            chair = _locked_chair(seat_id, by)
            seat, panel = chair.seat, chair.panel
            if seat.first_seen_at is None:
                seat.first_seen_at = chair.now
                seat.save(update_fields=["first_seen_at"])
                append(
                    kind="casefile.opened",
                    stream=stream_of(panel),
                    by=SeatActor(chair.token),
                    body={"panel": panel.pk, "round": panel.round, "token": chair.token},
                )
    except JurorConflicted:
        # Outside the transaction that the exception rolled back: the seat is freed although the act is refused.
        give_up_seat(seat_id=seat_id, reason=RecusalReason.CONFLICT, by=by, is_owner=False)
        raise
    return seat


def cast_ballot(
    *,
    seat_id: int,
    choice: str,
    reason_codes: Sequence[str],
    words: str,
    is_medical_question: bool,
    replaces: int,
    by: Actor,
) -> CastBallot:
    """Seal, record and log a ballot; the receipt in the answer lets the juror find it in the published list.

    `replaces` is the number of ballots that the juror's page knew of, 0 for none: of two ballots cast at once the
    second is refused. Until the close a new ballot supersedes the last. What it says, commitment and receipt
    stand only under the seal. Raises BallotAlreadyCast, NoBallotToReplace, ChoiceUnknown, ReasonNotInPlan,
    TooManyReasons, WordsTooLong, WordsUnreadable, and what `open_case_file` raises.
    """
    content = as_content(choice, reason_codes, words, is_medical=is_medical_question)
    try:
        with transaction.atomic():
            chair = _locked_chair(seat_id, by)
            # Under the seat's lock: of two tabs that send at once, the second waits and then finds the first's number.
            if replaces != chair.last_sequence:
                if chair.last_cast_at is None:
                    raise NoBallotToReplace
                raise BallotAlreadyCast(cast=chair.last_cast_at)
            _require_reasons_of_plan(chair.panel, content)
            cast = _record(chair, _sealed(chair, content))
    except JurorConflicted:
        give_up_seat(seat_id=seat_id, reason=RecusalReason.CONFLICT, by=by, is_owner=False)
        raise
    return cast


def as_content(choice: str, reason_codes: Sequence[str], words: str, *, is_medical: bool) -> BallotContent:
    """What a juror says, as it is sealed. Raises ChoiceUnknown."""
    try:
        chosen = Choice(choice)
    except ValueError:
        raise ChoiceUnknown from None
    return BallotContent(chosen, tuple(dict.fromkeys(reason_codes)), words.strip(), is_medical)


def _locked_chair(seat_id: int, by: Actor) -> _Chair:
    """The seat, locked, its panel, share-locked, and the moment; all conditions for a juror to act are checked here."""
    # Panel first, then seat, as in every act: transactions that lock in one order can't deadlock.
    panel = next(iter(Panel.objects.raw(_SHARE_PANEL, [seat_id])), None)
    seat = (
        Seat.objects.select_for_update(of=("self",))
        .select_related("juror__person", "juror__membership")
        .get(pk=seat_id)
    )
    if panel is None or not isinstance(by, User) or seat.juror.person.user_id != by.pk:
        raise NotYourSeat
    if seat.status != Seat.Status.SUMMONED:
        raise SeatGivenUp
    last = seat.ballots.order_by("-sequence").values_list("sequence", "cast_at").first()
    last_sequence, last_cast_at = last or (0, None)
    # Read after the locks, since waiting for them takes time; never before what the same juror has done already.
    now = clock.now_after(seat.summoned_at, seat.first_seen_at, last_cast_at)
    # `<=` as in panel_is_due: from the very moment of the close the panel can be counted, so no ballot is taken.
    if panel.status != Panel.Status.OPEN or panel.closes_at is None or panel.closes_at <= now:
        raise not_voting(panel.closes_at, now)
    if not has_standing(seat.juror, now):
        raise JurorLapsed
    reason = conflict_with(seat.juror, panel)
    if reason is not None:
        raise JurorConflicted(reason=reason.value)
    return _Chair(seat, panel, last_sequence, last_cast_at, now)


def _require_reasons_of_plan(panel: Panel, content: BallotContent) -> None:
    wanted = OUTCOME_OF[content.choice]
    offered = [reason.code for reason in rules_of(panel).reasons_for(wanted)]
    unknown = [code for code in content.reason_codes if code not in offered]
    if unknown:
        raise ReasonNotInPlan(codes=unknown, allowed=offered)
    if len(content.reason_codes) > REASON_CODES_MAX:
        raise TooManyReasons(most=REASON_CODES_MAX)


def _sealed(chair: _Chair, content: BallotContent) -> SealedBallot:
    return seal(
        content,
        public=bytes(chair.panel.public_key),
        panel=panel_name(chair.panel),
        seat=seat_name(chair.seat.pk),
        sequence=chair.last_sequence + 1,
    )


def _record(chair: _Chair, ballot: SealedBallot) -> CastBallot:
    """Write the ballot and its entry: of what it says, the digest of the sealed bytes and nothing else."""
    panel, sequence, token = chair.panel, chair.last_sequence + 1, chair.token
    try:
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, [chair.seat.pk, sequence, ballot.sealed])
            (cast_at,) = cursor.fetchone()
    except IntegrityError as error:
        # The trigger reads the clock once more, and later: the close may have come since.
        if isinstance(error.__cause__, RestrictViolation):
            raise PanelNotOpen from error
        raise
    append(
        kind="ballot.cast",
        stream=stream_of(panel),
        by=SeatActor(token),
        body=body_of(panel, token, sequence, ballot.sealed),
    )
    return CastBallot(ballot.receipt, token, sequence, cast_at)


def body_of(panel: Panel, token: str, sequence: int, sealed: bytes) -> dict[str, Any]:
    """What the log says of a ballot that was cast: of what it says, the digest of the sealed bytes and nothing else."""
    return {
        "panel": panel.pk,
        "round": panel.round,
        "token": token,
        "sequence": sequence,
        "sealed": sealed_digest(sealed),
    }
