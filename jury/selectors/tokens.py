"""How the panel, the seat and the juror are named where a ballot is sealed and logged."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from jury.models import Panel, Seat
from jury.sealing import seat_token


@dataclass(frozen=True)
class SeatActor:
    """A juror as the log knows them on one panel: by the seat's token, which leads to nobody."""

    token: str

    @property
    def audit_ref(self) -> str:
        """The stable reference."""
        return f"seat:{self.token}"


def panel_name(panel: Panel) -> str:
    """How a panel's ballots and tokens are bound to it."""
    return f"{panel.case_ref}/{panel.round}"


def seat_name(seat_id: int) -> str:
    """How a ballot is bound to its seat."""
    return f"seat:{seat_id}"


def token_of(panel: Panel, juror_number: int) -> str:
    """The token of a juror's seat: computed each time it is shown or logged, and stored with no juror or seat."""
    if not settings.SEAT_TOKEN_SECRET:
        # Without a secret everybody could compute whose token is whose.
        raise ImproperlyConfigured("This process has no SEAT_TOKEN_SECRET: it neither takes ballots nor shows seats.")
    return seat_token(settings.SEAT_TOKEN_SECRET, panel=panel_name(panel), juror_number=juror_number)


def token_of_seat(seat: Seat) -> str:
    """The same for a seat with its panel and juror."""
    return token_of(seat.panel, seat.juror.number)
