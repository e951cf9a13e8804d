"""Opening the case file, and casting a sealed ballot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from audit.actors import Actor
from audit.services import append
from jury.errors import (
    BallotAlreadyCast,
    ChoiceUnknown,
    JurorConflicted,
    JurorLapsed,
    NotYourSeat,
    PanelNotOpen,
    ReasonCodeUnknown,
    SeatGivenUp,
    TooManyReasons,
)
from jury.models import Ballot, Panel, Seat
from jury.recusals import RecusalReason
from jury.rules.verdicts import Choice
from jury.sealing import REASON_CODES_MAX, BallotContent, seal
from jury.selectors.draws import stream_of
from jury.selectors.panels import rules_of
from jury.selectors.pool import conflict_with, has_standing
from jury.services.closing import panel_name, seat_name
from jury.services.draws import give_up_seat
from members.models import User

_OUTCOME_OF = {Choice.SUPPORT: "approved", Choice.AGAINST: "rejected"}

# FOR SHARE: ballots of different seats don't wait for each other, but a close under way is waited for.
_HOLD_PANEL = """
    SELECT id, plan_id, case_ref, round, status, closes_at, case_facts, rules_digest, public_key
      FROM jury_panel WHERE id = (SELECT panel_id FROM jury_seat WHERE id = %s) FOR SHARE
"""


def open_case_file(*, seat_id: int, by: Actor) -> Seat:
    """Take the seat: mark when its juror first saw the file, after looking for conflicts once more.

    Raises NotYourSeat, SeatGivenUp, PanelNotOpen, JurorLapsed and JurorConflicted; the last frees the seat.
    """
    try:
        with transaction.atomic():
            now = timezone.now()
            seat, panel = _hold_seat(seat_id, by, now)
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

    `replaces` is the number of ballots that the juror's page knew of, 0 for none: of two castings at once the second
    is refused. Until the close a new ballot supersedes the last. Nothing of what it says is kept but under the seal.
    Raises BallotAlreadyCast, ChoiceUnknown, ReasonCodeUnknown, TooManyReasons, WordsTooLong, WordsUnreadable, and what
    `open_case_file` raises.
    """
    content = _content(choice, reason_codes, words, is_medical=is_medical_question)
    try:
        with transaction.atomic():
            now = timezone.now()
            seat, panel = _hold_seat(seat_id, by, now)
            if replaces != seat.last_sequence:
                raise BallotAlreadyCast(seat.last_cast_at)
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


def _hold_seat(seat_id: int, by: Actor, now: datetime) -> tuple[Seat, Panel]:
    """The seat, locked, and its panel, held open; everything that a juror needs to act is checked here."""
    # Panel first, then seat, as everywhere: two locks in one order can't wait for each other.
    panel = next(iter(Panel.objects.raw(_HOLD_PANEL, [seat_id])), None)
    seat = (
        Seat.objects.select_for_update(of=("self",))
        .select_related("juror__person", "juror__membership")
        .get(pk=seat_id)
    )
    if panel is None or not isinstance(by, User) or seat.juror.person.user_id != by.pk:
        raise NotYourSeat
    if seat.status != Seat.Status.SUMMONED:
        raise SeatGivenUp
    if panel.status != Panel.Status.OPEN or panel.closes_at is None or panel.closes_at <= now:
        raise PanelNotOpen(panel.closes_at)
    if not has_standing(seat.juror, now):
        raise JurorLapsed
    reason = conflict_with(seat.juror, panel)
    if reason is not None:
        raise JurorConflicted(reason.value)
    return seat, panel


def _require_reasons_of_plan(panel: Panel, content: BallotContent) -> None:
    wanted = _OUTCOME_OF[content.choice]
    offered = {reason.code for reason in rules_of(panel).reason_codes if wanted in reason.for_outcomes}
    for code in content.reason_codes:
        if code not in offered:
            raise ReasonCodeUnknown(code)
    if len(content.reason_codes) > REASON_CODES_MAX:
        raise TooManyReasons(REASON_CODES_MAX)


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
