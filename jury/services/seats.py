"""Stepping down from a seat."""

from __future__ import annotations

from audit.actors import Actor, SystemActor
from jury.errors.seats import NotYourSeat, RecusalReasonUnknown
from jury.models import Seat
from jury.recusals import RecusalReason
from jury.services.draws import give_up_seat
from members.models import User


def recuse_seat(*, seat_id: int, reason: str, by: Actor) -> Seat:
    """Step down from a case, at any time before its close; `reason` is one of `jury.recusals.RecusalReason`.

    Only the juror may, and the service itself: staff can't step down for a juror. The next number of the same walk is
    summoned where a quarter of the voting hours remains, and otherwise at the extension. Raises NotYourSeat,
    RecusalReasonUnknown, PanelNotOpen and SeatGivenUp.
    """
    if reason not in RecusalReason.values:
        raise RecusalReasonUnknown
    require_owner(Seat.objects.select_related("juror__person").get(pk=seat_id), by)
    return give_up_seat(seat_id=seat_id, reason=RecusalReason(reason), by=by)


def require_owner(seat: Seat, by: Actor) -> None:
    """Raise NotYourSeat for anyone but the juror drawn for the seat and the service itself."""
    if isinstance(by, SystemActor):
        return
    if not isinstance(by, User) or seat.juror.person.user_id != by.pk:
        raise NotYourSeat
