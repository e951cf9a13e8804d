"""Reasons to refuse an act on investigations, duties and reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed, Words


class InvestigationUnknown(DomainError):
    http_status = 404
    text = _("There is no such investigation on your list. Go back to the list.")


class InvestigationTaken(DomainError):
    text = _("Claim %(ref)s was taken by another investigator (%(at)s). Choose another one from the list.")
    ref: str
    at: dt.datetime


class ReturnedTooOften(DomainError):
    text = _(
        "Reviewers returned %(number)s of your reports on claim %(ref)s. By the plan somebody else investigates it "
        "now. Choose another claim from the list."
    )
    ref: str
    number: int


class NotYourInvestigation(NotAllowed):
    text = _("The investigation of claim %(ref)s is not yours. Take one from the list.")
    ref: str


class InvestigationNotOpen(DomainError):
    text = _("The investigation of claim %(ref)s is closed (%(status)s). It can no longer be changed.")
    ref: str
    status: Words


class DutyDayImpossible(DomainError):
    text = _(
        "A duty can't have been done on %(on)s: the claim was filed on %(first)s and today is %(today)s. Check the day."
    )
    on: dt.date
    first: dt.date
    today: dt.date


class DutyIncomplete(DomainError):
    text = _("A duty needs its result, what was found, and a summary for the jury. Fill in all three.")


class DetailUnknown(DomainError):
    http_status = 400
    text = _("“%(name)s” is no detail of this duty. Give one of: %(allowed)s.")
    name: str
    allowed: Sequence[str]


class SupportAgainstClause(DomainError):
    text = _(
        "You support the claim, and clauses that bind are not met: %(clauses)s. Record what is true if a fact is "
        "wrong; otherwise recommend against the claim."
    )
    clauses: Sequence[Words]


class NamesInSummary(DomainError):
    text = _(
        "The text for the jury reveals %(what)s of someone on the claimant's side. Jurors must not know who it is: "
        "write “the member” instead."
    )
    what: Sequence[Words]


class DutiesMissing(DomainError):
    text = _("The report cannot be signed: these duties have no result yet: %(duties)s.")
    duties: Sequence[Words]


class ReportIncomplete(DomainError):
    text = _("The report needs a recommendation, at least one reason, its text, and a summary for the jury.")


class ReportNotReturnable(DomainError):
    text = _(
        "Claim %(ref)s is %(status)s. A report can be returned only after it is signed and before a jury is drawn."
    )
    ref: str
    status: Words


class ReturnReasonMissing(DomainError):
    text = _("Say why the report is returned, so that the next investigator knows what to look for.")
