"""What the rules of reading personal data forbid: each names the thing, the rule and the next step."""

from __future__ import annotations

from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from audit.errors import DomainError, NotAllowed


class SearchNotYours(NotAllowed):
    """Only the plan's staff search for people."""

    def __str__(self) -> str:
        return _("Only reviewers and auditors search for people. Your own data are on your start page.")


class UnmaskingNotYours(NotAllowed):
    """Personal data are shown to reviewers and auditors only."""

    def __str__(self) -> str:
        return _("Personal data are shown to reviewers and auditors only. Ask one of them.")


class OwnHousehold(NotAllowed):
    """Staff have no special way to themselves, their family, or whoever pays for them."""

    def __str__(self) -> str:
        return _(
            "You and this person belong to one household, and nobody uses the plan's office for their own family. What "
            "is yours stands on your start page; for anything else ask a colleague."
        )


class UnmaskingReasonUnknown(DomainError):
    """The reason is none of the list."""

    http_status = 400

    def __init__(self, allowed: list[str]) -> None:
        super().__init__(allowed)
        self._allowed = allowed

    def __str__(self) -> str:
        return _("A look at personal data needs a reason from the list: %(allowed)s.") % {
            "allowed": ", ".join(self._allowed)
        }


class UnmaskingWordsUnfit(DomainError):
    """The words that say why are too few or too many."""

    http_status = 400

    def __init__(self, shortest: int, longest: int) -> None:
        super().__init__(shortest, longest)
        self._limits = {"shortest": shortest, "longest": longest}

    def __str__(self) -> str:
        return (
            _("Say in your own words what you need the data for: between %(shortest)s and %(longest)s characters.")
            % self._limits
        )


class TooManyUnmaskings(DomainError):
    """More people in an hour than anybody's work needs."""

    http_status = 429

    def __init__(self, most: int, next_at: datetime) -> None:
        super().__init__(most, next_at)
        self._most = most
        self._next_at = next_at

    def __str__(self) -> str:
        return _(
            "You have looked at the personal data of %(most)s people within an hour, and more are not allowed. The "
            "next look is possible at %(at)s."
        ) % {"most": self._most, "at": formats.date_format(timezone.localtime(self._next_at), "Y-m-d H:i")}
