"""What forbids an act on plans and their versions, or under their rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, Words


class PlanFileInvalid(DomainError):
    """A plan file cannot be used. Says in which file, line and key, what is wrong there, and what is allowed.

    Entries of a list are counted from 1: `aid[2].amount` is the amount of the second `[[aid]]`. `problems` are all
    that are wrong with the file, this one the first of them.
    """

    http_status = 400
    text = _("%(file)s, line %(line)s, key %(key)s: %(problem)s. Allowed: %(allowed)s.")
    text_without_line = _("%(file)s, key %(key)s: %(problem)s. Allowed: %(allowed)s.")
    text_of_file = _("%(file)s %(problem)s. Allowed: %(allowed)s.")
    file: str
    key: str
    problem: Words
    allowed: Words
    line: int | None = None
    problems: tuple[PlanFileInvalid, ...] = ()

    def __str__(self) -> str:
        if not self.key:
            return self.write(self.text_of_file)
        return self.write(self.text_without_line if self.line is None else self.text)


class PlanVersionPublished(DomainError):
    text = _(
        "Version %(version)s of plan %(plan)s is published, and a published version never changes. Write the change as "
        "a new version with a later start and a name of its own."
    )
    plan: str
    version: str


class PlanFileDiffers(DomainError):
    """A file says something else than the version that is published under its name, and not as a later revision."""

    text = _(
        "Version %(version)s of plan %(plan)s is published with other rules (revision %(held)s), and a published "
        "version never changes. If the file is corrected, write “revision = %(next)s” in it: new databases then get "
        "the corrected file, and this one keeps what it has. If the rules change, write them as a new version with a "
        "later start and a name of its own."
    )
    plan: str
    version: str
    held: int
    next: int


class SeniorPlanUnknown(DomainError):
    text = _(
        "Version %(version)s of plan %(plan)s tells members past the oldest age of plan %(senior)s, and there is no "
        "such plan here (past_age.senior_plan). Publish that plan first, name another one, or write “none”."
    )
    plan: str
    version: str
    senior: str


class RulesUnknown(DomainError):
    """What was stored under a version's digest is read, and no such version is published in this database."""

    text = _(
        "No version in this database has the rules with the digest %(digest)s, so nothing can be done under them. The "
        "operator of the service can publish the file that has this digest again (manage.py load_plans --file FILE), "
        "or restore the version from a backup."
    )
    digest: str


class PlanIsAnother(DomainError):
    text = _(
        "Plan %(plan)s has another %(key)s in its earlier versions, and that can't change: its accounts are kept in "
        "it. Give the new plan a code of its own."
    )
    plan: str
    key: str


class StartsInThePast(DomainError):
    text = _(
        "Version %(version)s of plan %(plan)s would start at %(at)s, which has passed: members must be able to read "
        "rules before they apply. Give it a start in the future."
    )
    version: str
    plan: str
    at: dt.datetime


class NoRulesInForce(DomainError):
    """The plan has no version on that day."""

    text = _(
        "No version of plan %(plan)s is in force on %(on)s. Choose a day on or after the start of its first version."
    )
    plan: Words
    on: dt.date


class NotANoticeDay(DomainError):
    text = _(
        "%(on)s is not a notice day: plan %(plan)s publishes its notices on day %(days)s of the month. Choose one of "
        "these days."
    )
    on: dt.date
    plan: str
    days: Sequence[int]


class ReasonNotInPlan(DomainError):
    """The plan has no such reason code, or not for this choice, recommendation or outcome."""

    text = _("The plan's rules do not give this reason here: %(codes)s. Choose from: %(allowed)s.")
    codes: Sequence[str]
    allowed: Sequence[str]
