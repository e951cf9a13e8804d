"""Reasons to refuse asking for a second opinion, or giving one."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed


class NoProfessionals(DomainError):
    text = _(
        "The rules ask for a second opinion, but no professional juror is available who took no part in this case. "
        "Give the role to a doctor; the opinions are then requested at once."
    )


class OpinionAlreadyGiven(DomainError):
    text = _("You gave this opinion at %(given)s; a given opinion isn't changed.")
    given: dt.datetime


class OpinionGivenUp(DomainError):
    text = _("You have stepped down from this opinion; it is no longer yours. There is nothing to do.")


class OpinionsClosed(DomainError):
    text = _(
        "Opinions on this case could be given until %(due)s, and while the request was open. "
        "The case continues without yours."
    )
    due: dt.datetime


class OpinionsNotDue(DomainError):
    text = _("The second opinion is concluded when everybody asked has answered, at the latest at %(due)s.")
    due: dt.datetime


class NotYourOpinion(NotAllowed):
    text = _("This opinion was asked of another professional; only they can give it.")


class AnswersIncomplete(DomainError):
    text = _("Answer every question with yes, no or unsure, and give your reasons.")
