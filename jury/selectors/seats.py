"""Seats: a juror's own."""

from __future__ import annotations

from django.db.models import Count, QuerySet

from jury.models import Seat
from members.access import AnyUser
from members.models import User


def seats_of(user: AnyUser) -> QuerySet[Seat]:
    """The seats drawn for this person, newest first."""
    if not isinstance(user, User) or not user.is_active:
        return Seat.objects.none()
    return _with_panel().filter(juror__person__user=user)


def _with_panel() -> QuerySet[Seat]:
    found = Seat.objects.select_related("panel__plan", "juror").annotate(ballots_cast=Count("ballots"))
    return found.order_by("-pk")
