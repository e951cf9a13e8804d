"""Jurors and professionals whose time is nearly over and who have not answered."""

from __future__ import annotations

from audit.selectors.sweeps import ROWS_A_PAGE
from jury.models import Opinion, OpinionRequest, Panel, Seat
from jury.models.opinions import AWAITED
from members.selectors.reminders import in_last_quarter, not_reminded

SEAT, OPINION = "seat", "opinion"
SEAT_REMINDER, OPINION_REMINDER = "jury.quarter_left", "jury.opinion_quarter_left"


def seats_to_remind(behind: int = 0) -> list[int]:
    """The next seats behind this id whose juror has a quarter of the time left and has not voted."""
    silent = Seat.objects.filter(
        panel__status=Panel.Status.OPEN, status=Seat.Status.SUMMONED, ballots=None, pk__gt=behind
    )
    late = in_last_quarter(silent, start="summoned_at", end="panel__closes_at")
    found = not_reminded(late, SEAT_REMINDER, SEAT, end="panel__closes_at")
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])


def opinions_to_remind(behind: int = 0) -> list[int]:
    """The next opinions behind this id whose professional has a quarter of the time left and has not answered."""
    silent = Opinion.objects.filter(AWAITED, request__status=OpinionRequest.Status.OPEN, pk__gt=behind)
    late = in_last_quarter(silent, start="assigned_at", end="request__due_at")
    found = not_reminded(late, OPINION_REMINDER, OPINION, end="request__due_at")
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])
