"""Acts of jurors on a claim's panel: the jury room's acts, followed by a nudge for the claim."""

from __future__ import annotations

from collections.abc import Sequence

from adjudication.queue import nudge
from adjudication.selectors.seats import claim_id_of_seat
from audit.actors import Actor
from jury.models import Ballot, Seat
from jury.services import ballots, panels


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
    """Cast a ballot and nudge the claim, because the last ballot may close its panel.

    No transaction around both: a conflict found while casting frees the seat, and raising would roll that back. Raises
    what the jury's `cast_ballot` raises.
    """
    ballot = ballots.cast_ballot(
        seat_id=seat_id,
        choice=choice,
        reason_codes=reason_codes,
        words=words,
        is_medical_question=is_medical_question,
        replaces=replaces,
        by=by,
    )
    _nudge_claim_of(seat_id)
    return ballot


def recuse_seat(*, seat_id: int, reason: str, by: Actor) -> Seat:
    """Step down and nudge the claim, because every remaining seat may have cast its ballot. Raises what the jury's act
    raises.
    """
    seat = panels.recuse_seat(seat_id=seat_id, reason=reason, by=by)
    _nudge_claim_of(seat_id)
    return seat


def _nudge_claim_of(seat_id: int) -> None:
    claim_id = claim_id_of_seat(seat_id)
    if claim_id is not None:
        nudge(claim_id)
