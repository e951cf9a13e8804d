"""Opening the case file, and casting a sealed ballot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from audit import clock
from audit.actors import Actor
from audit.services import append
from jury.errors.ballots import BallotAlreadyCast, ChoiceUnknown, NoBallotToReplace, TooManyReasons
from jury.errors.jurors import JurorLapsed
from jury.errors.panels import not_voting
from jury.errors.seats import JurorConflicted, NotYourSeat, SeatGivenUp
from jury.models import Ballot, Panel, Seat
from jury.recusals import RecusalReason
from jury.rules.verdicts import Choice
from jury.sealing import REASON_CODES_MAX, BallotContent, seal
from jury.selectors.draws import stream_of
from jury.selectors.panels import rules_of
from jury.selectors.pool import conflict_with, has_standing
from jury.services.closing import panel_name, seat_name
from jury.services.draws import give_up_seat
from members.errors.plans import ReasonNotInPlan
from members.models import User

_OUTCOME_OF = {Choice.SUPPORT: "approved", Choice.AGAINST: "rejected"}

# FOR SHARE: ballots of different seats don't wait for each other, but they wait for a close under way.
_SHARE_PANEL = """
    SELECT id, plan_id, case_ref, round, status, closes_at, case_facts, rules_digest, public_key
      FROM jury_panel WHERE id = (SELECT panel_id FROM jury_seat WHERE id = %s) FOR SHARE
"""


def open_case_file(*, seat_id: int, by: Actor) -> Seat:
    """Open the case file of a seat: record when its juror first saw it, after checking for conflicts once more.

    Raises NotYourSeat, SeatGivenUp, PanelNotOpen, PanelClosed, JurorLapsed and JurorConflicted; the last frees the
    seat.
    """
    try:
        with transaction.atomic():
            seat, panel, now = _locked_seat(seat_id, by)
            if seat.first_seen_at is None:
                seat.first_seen_at = now
                seat.save(update_fields=["first_seen_at"])
                append(
                    kind="casefile.opened",
                    stream=stream_of(panel),
                    by=by,
                    body={"panel": panel.pk, "round": panel.round, "seat": seat.pk},
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
) -> Ballot:
    """Record, seal and commit a ballot; its `receipt` lets the juror find it in the published list.

    `replaces` is the number of ballots that the juror's page knew of, 0 for none: of two ballots cast at once the
    second is refused. Until the close a new ballot supersedes the last. What it says is stored only under the seal.
    Raises BallotAlreadyCast, NoBallotToReplace, ChoiceUnknown, ReasonNotInPlan, TooManyReasons, WordsTooLong,
    WordsUnreadable, and what `open_case_file` raises.
    """
    content = _content(choice, reason_codes, words, is_medical=is_medical_question)
    try:
        with transaction.atomic():
            seat, panel, now = _locked_seat(seat_id, by)
            # Under the seat's lock: of two tabs that send at once, the second waits and then finds the first's number.
            if replaces != seat.last_sequence:
                if seat.last_cast_at is None:
                    raise NoBallotToReplace
                raise BallotAlreadyCast(cast=seat.last_cast_at)
            _require_reasons_of_plan(panel, content)
            ballot = _seal_and_store(seat, panel, content, now)
            append(
                kind="ballot.cast",
                stream=stream_of(panel),
                by=by,
                body={"panel": panel.pk, "round": panel.round, "commitment": ballot.commitment},
            )
    except JurorConflicted:
        give_up_seat(seat_id=seat_id, reason=RecusalReason.CONFLICT, by=by, is_owner=False)
        raise
    return ballot


def _content(choice: str, reason_codes: Sequence[str], words: str, *, is_medical: bool) -> BallotContent:
    try:
        chosen = Choice(choice)
    except ValueError:
        raise ChoiceUnknown from None
    return BallotContent(chosen, tuple(dict.fromkeys(reason_codes)), words.strip(), is_medical)


def _locked_seat(seat_id: int, by: Actor) -> tuple[Seat, Panel, datetime]:
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
    # Read after the locks, since waiting for them takes time; never before what the same juror has done already.
    now = clock.now_after(seat.summoned_at, seat.first_seen_at, seat.last_cast_at)
    # `<=` as in panel_is_due: from the very moment of the close the panel can be counted, so no ballot is taken.
    if panel.status != Panel.Status.OPEN or panel.closes_at is None or panel.closes_at <= now:
        raise not_voting(panel.closes_at, now)
    if not has_standing(seat.juror, now):
        raise JurorLapsed
    reason = conflict_with(seat.juror, panel)
    if reason is not None:
        raise JurorConflicted(reason=reason.value)
    return seat, panel, now


def _require_reasons_of_plan(panel: Panel, content: BallotContent) -> None:
    wanted = _OUTCOME_OF[content.choice]
    offered = [reason.code for reason in rules_of(panel).reasons_for(wanted)]
    unknown = [code for code in content.reason_codes if code not in offered]
    if unknown:
        raise ReasonNotInPlan(codes=unknown, allowed=offered)
    if len(content.reason_codes) > REASON_CODES_MAX:
        raise TooManyReasons(most=REASON_CODES_MAX)


def _seal_and_store(seat: Seat, panel: Panel, content: BallotContent, now: datetime) -> Ballot:
    sequence = seat.last_sequence + 1
    sealed = seal(
        content,
        public=bytes(panel.public_key),
        panel=panel_name(panel),
        seat=seat_name(seat),
        sequence=sequence,
    )
    ballot = Ballot.objects.create(
        seat=seat,
        sequence=sequence,
        sealed=sealed.sealed,
        commitment=sealed.commitment,
        receipt=sealed.receipt,
        cast_at=now,
    )
    seat.last_sequence, seat.last_cast_at = sequence, now
    seat.save(update_fields=["last_sequence", "last_cast_at"])
    return ballot
