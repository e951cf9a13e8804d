"""What the rules of reading personal data forbid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed, Words


class OwnHousehold(NotAllowed):
    """Staff have no special way to themselves, their family, or the person who pays for them."""

    text = _(
        "You and this person belong to one household, and nobody may use their staff role for their own "
        "family. Your own data are on your start page; for anything else ask a colleague."
    )


class UnmaskingReasonUnknown(DomainError):
    http_status = 400
    text = _("A look at personal data needs a reason from the list: %(allowed)s.")
    allowed: Sequence[Words]


class UnmaskingWordsUnfit(DomainError):
    http_status = 400
    text = _("Say in your own words what you need the data for: between %(shortest)s and %(longest)s characters.")
    shortest: int
    longest: int


class TooManyUnmaskings(DomainError):
    """More people in an hour than anybody's work needs."""

    http_status = 429
    text = _(
        "You have looked at the personal data of %(most)s people within an hour, and more are not allowed. The next "
        "look is possible at %(at)s."
    )
    most: int
    at: dt.datetime
