"""Reasons to refuse an act on a seat."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed


class NotYourSeat(NotAllowed):
    text = _("This seat was drawn for another juror; only they can use it.")


class SeatGivenUp(DomainError):
    text = _("You have stepped down from this case; the seat is no longer yours. There is nothing to do.")


class JurorConflicted(DomainError):
    """The juror is close to the case, so the seat is given up. The text does not reveal the reason."""

    text = _(
        "You can't judge this case, because you may be close to someone involved in it. Your seat goes to the next "
        "juror drawn. Nothing is held against you."
    )
    reason: str


class RecusalReasonUnknown(DomainError):
    text = _("Choose from the list why you step down.")


class SeatDisputed(DomainError):
    text = _(
        "You disputed this seat at %(at)s. It is recorded, and the reviewers were told. There is nothing more to do."
    )
    at: dt.datetime


class DisputeTooLate(DomainError):
    text = _("This seat could be disputed until %(until)s. Write to the plan's reviewers, who can still look into it.")
    until: dt.datetime
