"""Acts of jurors on a claim's panel: the jury room's acts, followed by a nudge for the claim."""

from __future__ import annotations

from collections.abc import Sequence

from adjudication.queue import nudge
from adjudication.selectors.seats import claim_id_of_seat
from audit.actors import Actor
from jury.models import Seat, SeatDispute
from jury.services import ballots, disputes, panels, quick_ballots
from jury.services.ballots import CastBallot
from jury.services.quick_ballots import QuickCast
from members.models import User


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
    """Cast a ballot and nudge the claim, because the last ballot may close its panel.

    No transaction around both: a conflict found while casting frees the seat, and raising would roll that back. Raises
    what the jury's `cast_ballot` raises.
    """
    cast = ballots.cast_ballot(
        seat_id=seat_id,
        choice=choice,
        reason_codes=reason_codes,
        words=words,
        is_medical_question=is_medical_question,
        replaces=replaces,
        by=by,
    )
    _nudge_claim_of(seat_id)
    return cast


def cast_quickly(
    *,
    seat_id: int,
    choice: str,
    reason_codes: Sequence[str],
    words: str,
    is_medical_question: bool,
    replaces: int,
    by: User,
) -> QuickCast | None:
    """Cast a ballot that is in order, as `cast_ballot` would; None, and nothing written, where that must look into it.

    The claim is nudged only where this was the last ballot that the panel waited for: no other closes it early.
    """
    cast = quick_ballots.cast_if_in_order(
        seat_id=seat_id,
        choice=choice,
        reason_codes=reason_codes,
        words=words,
        is_medical_question=is_medical_question,
        replaces=replaces,
        by=by,
    )
    if cast is not None and cast.may_complete and quick_ballots.is_complete(cast.panel_id):
        _nudge_claim_of(seat_id)
    return cast


def recuse_seat(*, seat_id: int, reason: str, by: Actor) -> Seat:
    """Step down and nudge the claim, because every remaining seat may have cast its ballot. Raises what the jury's act
    raises.
    """
    seat = panels.recuse_seat(seat_id=seat_id, reason=reason, by=by)
    _nudge_claim_of(seat_id)
    return seat


def dispute_seat(*, seat_id: int, by: Actor) -> SeatDispute:
    """Dispute what came from a seat and nudge the claim, because another panel may have to judge it. Raises what the
    jury's act raises.
    """
    dispute = disputes.dispute_seat(seat_id=seat_id, by=by)
    _nudge_claim_of(seat_id)
    return dispute


def _nudge_claim_of(seat_id: int) -> None:
    claim_id = claim_id_of_seat(seat_id)
    if claim_id is not None:
        nudge(claim_id)
