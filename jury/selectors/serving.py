"""Jurors whom no channel reached with their summons."""

from __future__ import annotations

from audit import clock
from audit.selectors.sweeps import ROWS_A_PAGE
from jury.models import Panel, Seat
from members.models import Delivery, Message

NOT_THROUGH = frozenset({"failed", "bounced"})
"""A summons of unknown fate may have arrived: it costs nobody their seat."""


def seats_not_reached(behind: int = 0) -> list[int]:
    """Seats of open votes whose summons failed or came back by some channel and was not opened, by id."""
    # By the partial index of what did not get through, which is short.
    failed = Delivery.objects.filter(
        status__in=NOT_THROUGH, message__kind="jury.summoned", message__read_at=None, message__due_at__gt=clock.now()
    )
    seats = {params["seat"] for params in failed.values_list("message__params", flat=True) if "seat" in params}
    found = Seat.objects.filter(
        pk__in=seats,
        pk__gt=behind,
        status=Seat.Status.SUMMONED,
        panel__status=Panel.Status.OPEN,
        first_seen_at=None,
        ballots=None,
    )
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])


def evidence_of_no_summons(seat: Seat) -> list[dict[str, str]]:
    """What shows that the juror was not reached: each channel, where it ended, and its code; nothing where they may
    have been.

    A juror who opened the message or the file, or voted, was reached, whatever the channels say.
    """
    if seat.status != Seat.Status.SUMMONED or seat.first_seen_at is not None or seat.last_sequence:
        return []
    summons = (
        Message.objects.filter(kind__exact="jury.summoned", params__contains={"seat": seat.pk}).order_by("-pk").first()
    )
    if summons is None or summons.read_at is not None:
        return []
    ways = list(summons.deliveries.order_by("pk"))
    if not ways or any(one.status not in NOT_THROUGH for one in ways):
        return []
    return [{"channel": str(one.channel), "status": str(one.status), "code": one.fault} for one in ways]
