"""What the rules of moving from one plan into another forbid."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, Words


class NoWayIn(DomainError):
    text = _(
        "The rules of %(plan)s let nobody move over from %(origin)s. To be a member of it, join it; it has a waiting "
        "period of its own."
    )
    plan: Words
    origin: Words


class TooOldToMove(DomainError):
    text = _(
        "%(plan)s takes people who move over up to the age of %(oldest)s (completed years on the day of the move), and "
        "this person is older. The membership they have goes on."
    )
    plan: Words
    oldest: int


class TooYoungToMove(DomainError):
    text = _(
        "%(plan)s takes people who move over from the age of %(youngest)s on (completed years on the day of the move), "
        "and this person is younger. The membership they have goes on; come back on that birthday."
    )
    plan: Words
    youngest: int
