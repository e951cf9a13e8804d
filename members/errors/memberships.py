"""What the rules of joining, moving and leaving forbid."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from audit.errors import DomainError, Words


class JoinsInTheFuture(DomainError):
    text = _("A membership can't begin in the future. Give a moment that has passed.")


class PlanClosed(DomainError):
    text = _("%(plan)s takes no new members from %(at)s on. Those who were members then stay. Look at the other plans.")
    plan: Words
    at: dt.datetime


class TooOldToJoin(DomainError):
    text = _(
        "%(plan)s takes nobody over %(oldest)s years old (completed years on the day of joining), and this person is "
        "older. Look at the other plans."
    )
    plan: Words
    oldest: int


class TooYoungToJoin(DomainError):
    text = ngettext_lazy(
        "%(plan)s takes people from the age of %(years)s year on, and this person is younger. "
        "Come back when they have reached it.",
        "%(plan)s takes people from the age of %(years)s years on, and this person is younger. "
        "Come back when they have reached it.",
        "years",
    )
    plan: Words
    years: int


class NewbornTooYoungToJoin(DomainError):
    text = ngettext_lazy(
        "%(plan)s takes people from the age of %(days)s day on, and this person is younger. "
        "Come back when they have reached it.",
        "%(plan)s takes people from the age of %(days)s days on, and this person is younger. "
        "Come back when they have reached it.",
        "days",
    )
    plan: Words
    days: int


class HealthStatementIncomplete(DomainError):
    http_status = 400
    text = _("The health statement lacks an answer to: %(question)s Answer it with yes or no.")
    question: Words


class HealthStatementForbids(DomainError):
    text = _(
        "%(plan)s can't be joined with this answer to its health statement: %(question)s Nothing was stored. If the "
        "answer was a mistake, correct it; an untrue one would cost the aid later."
    )
    plan: Words
    question: Words


class AlreadyMember(DomainError):
    text = _(
        "This person is already a member of %(plan)s, and nobody can be a member of it twice. The membership is on "
        "the home page; nothing more needs to be done."
    )
    plan: Words


class GiftsNotGiven(DomainError):
    text = _(
        "The sponsor of %(plan)s pays nobody's shares: its rules do not list gifts among what the sponsor bears. "
        "Let them join as a member who pays."
    )
    plan: Words


class MembershipEnded(DomainError):
    text = _("This membership ended on %(day)s. There is nothing left to end.")
    day: dt.date


class EndsBeforeItBegins(DomainError):
    text = _("A membership can't end before it began. Give a later moment.")
