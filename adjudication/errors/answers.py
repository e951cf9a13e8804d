"""Reasons to refuse the applicant's answer to a report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed


class NoAnswerAwaited(DomainError):
    text = _(
        "No answer is awaited on claim %(ref)s: you were not asked, or have answered. The claim's page shows its state."
    )
    ref: str


class AnswerTooLate(DomainError):
    text = _(
        "The time to answer on claim %(ref)s ended on %(at)s, and no answer counts as consent. If something kept you "
        "from answering, write to the plan's staff before the decision is issued."
    )
    ref: str
    at: dt.datetime


class WordsMissing(DomainError):
    text = _("Write what you say to the rejection, or accept it.")


class AnswerUnknown(DomainError):
    http_status = 400
    text = _("Choose what you answer: one of %(allowed)s.")
    allowed: Sequence[str]


class NoSuchNotice(DomainError):
    text = _("This message is no notice that asks for an answer to a report. Choose one from the page “Not reached”.")


class OwnNotice(NotAllowed):
    text = _("Claim %(ref)s is your own, so another reviewer records attempts to reach you.")
    ref: str
