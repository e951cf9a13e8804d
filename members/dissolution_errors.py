"""What the rules of ending a plan forbid: the thing, the rule and the next step."""

from __future__ import annotations

import datetime as dt

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.errors import DomainError, NotAllowed
from members.models import Dissolution


class EndsPlansAsNoReviewer(NotAllowed):
    """The end of a plan is proposed and confirmed by reviewers."""

    def __str__(self) -> str:
        return _("The end of a plan is proposed and confirmed by reviewers only. Ask one of them.")


class OwnDissolution(NotAllowed):
    """Whoever proposed the end of a plan does not confirm it."""

    def __str__(self) -> str:
        return _("You proposed the end of this plan yourself, and two reviewers end one. Another has to confirm it.")


class PlanDissolving(DomainError):
    """The plan takes nobody in any more."""

    def __init__(self, title: str, ends_on: dt.date) -> None:
        super().__init__(title, ends_on)
        self._title = title
        self._on = ends_on

    def __str__(self) -> str:
        values = {"plan": self._title, "day": date_format(self._on, "DATE_FORMAT")}
        return (
            _(
                "%(plan)s takes nobody in any more: it has too few members to go on, and its cover ends at 00:00 of "
                "%(day)s. Look at the other plans."
            )
            % values
        )


class GiftsNotGiven(DomainError):
    """The plan's sponsor gives nobody their shares."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self._title = title

    def __str__(self) -> str:
        return _(
            "The sponsor of %(plan)s gives nobody their shares: its rules do not list gifts among what the sponsor "
            "bears. Let them join as a member who pays."
        ) % {"plan": self._title}


class AlreadyDissolving(DomainError):
    """The end of the plan is proposed or confirmed already."""

    def __init__(self, dissolution: Dissolution) -> None:
        super().__init__(dissolution.pk)
        self._dissolution = dissolution

    def __str__(self) -> str:
        return _("The end of plan %(plan)s is %(status)s already, and a plan ends once. Look at it as it stands.") % {
            "plan": self._dissolution.plan.code,
            "status": self._dissolution.get_status_display(),
        }


class DissolutionNotProposed(DomainError):
    """Only a proposal can be confirmed or taken back."""

    def __init__(self, dissolution: Dissolution) -> None:
        super().__init__(dissolution.pk)
        self._dissolution = dissolution

    def __str__(self) -> str:
        return _(
            "The end of plan %(plan)s is %(status)s, and only what is proposed can be confirmed or taken back. "
            "Look at it as it stands."
        ) % {"plan": self._dissolution.plan.code, "status": self._dissolution.get_status_display()}
