"""Reasons to refuse becoming a juror, or acting as one."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from audit.errors import DomainError, NotAllowed


class MembershipNotInForce(DomainError):
    text = _("Jurors pay their share: the membership must be in force.")


class JurorTooYoung(DomainError):
    text = _("Jurors are at least %(years)d years old.")
    years: int


class TenureTooShort(DomainError):
    text = _("Jurors have been members for at least %(least)d days; yours is day %(days)d.")
    least: int
    days: int


class JurorWithoutLogin(DomainError):
    text = _("Jurors vote here themselves, so they need their own log-in.")


class WorksForPlan(DomainError):
    text = _("People who work for the plan never sit on its jury.")


class ExamInTheFuture(DomainError):
    text = _("The exam can't have been passed in the future.")


class NotQualified(DomainError):
    """Conditions for jurors aren't met; `unmet` holds one error for each."""

    text = _("You can't become a juror of this plan now. %(unmet)s")
    unmet: Sequence[DomainError]


class ExamNotPassed(DomainError):
    """At least one answer of the exam is wrong; `wrong` holds the codes of those questions."""

    text = ngettext_lazy(
        "One answer isn't right yet. Read the explanation below it and answer again; you may try as often as you like.",
        "%(count)d answers aren't right yet. Read the explanations below them and answer again; "
        "you may try as often as you like.",
        "count",
    )
    count: int
    wrong: tuple[str, ...]


class AlreadyJuror(DomainError):
    text = _("You already have juror number %(number)d in this plan. We will tell you when you are drawn.")
    number: int


class JurorLapsed(DomainError):
    text = _(
        "You are no longer in the pool of jurors of this plan, so you can't judge its cases. There is nothing to do."
    )


class NotYourJurorship(NotAllowed):
    text = _("Only the member themselves can become a juror or leave the pool.")
