"""Investigations, duties and reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from adjudication.services.refusals.words import day, moment
from audit.errors import DomainError, NotAllowed


class InvestigationUnknown(DomainError):
    """There is no such investigation for this person."""

    http_status = 404

    def __init__(self) -> None:
        super().__init__(_("There is no such investigation on your list. Go back to the list."))


class InvestigationTaken(DomainError):
    """Somebody else was faster."""

    def __init__(self, ref: str, taken_at: dt.datetime | None) -> None:
        super().__init__(
            _("Claim %(ref)s was taken by another investigator (%(at)s). Choose another one from the list.")
            % {"ref": ref, "at": moment(taken_at) if taken_at else ""}
        )


class InvestigatorConflicted(NotAllowed):
    """Nobody investigates themselves, their family, or whoever they filed for."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            _("You are close to the person of claim %(ref)s, so somebody else must investigate it.") % {"ref": ref}
        )


class NotYourInvestigation(NotAllowed):
    """Only who took it works on it."""

    def __init__(self, ref: str) -> None:
        super().__init__(_("The investigation of claim %(ref)s is not yours. Take one from the list.") % {"ref": ref})


class InvestigationNotOpen(DomainError):
    """The report is signed, or the claim was withdrawn."""

    def __init__(self, ref: str, status: str) -> None:
        super().__init__(
            _("The investigation of claim %(ref)s is closed (%(status)s). Nothing can be changed in it any more.")
            % {"ref": ref, "status": status}
        )


class DutyDayImpossible(DomainError):
    """A duty is done between the filing of the claim and today."""

    def __init__(self, on: dt.date, first: dt.date, today: dt.date) -> None:
        super().__init__(
            _(
                "A duty done on %(on)s is not possible: the claim came on %(first)s and today is %(today)s. "
                "Check the day."
            )
            % {"on": day(on), "first": day(first), "today": day(today)}
        )


class DutyIncomplete(DomainError):
    """A duty needs a result, findings and a summary."""

    def __init__(self) -> None:
        super().__init__(_("A duty needs its result, what was found, and a summary for the jury. Fill in all three."))


class NamesInSummary(DomainError):
    """What jurors read must not say who the claimant is."""

    def __init__(self, found: Iterable[str]) -> None:
        words = {"name": _("the name"), "phone": _("the phone number"), "id_number": _("the identity number")}
        super().__init__(
            _(
                "The text for the jury gives away %(what)s of somebody on the claimant's side. "
                "Jurors must not know who it is: write “the member” instead."
            )
            % {"what": ", ".join(words[one] for one in found)}
        )


class DutiesMissing(DomainError):
    """The report needs all five duties."""

    def __init__(self, duties: Sequence[str]) -> None:
        super().__init__(
            _("The report cannot be signed: these duties have no result yet: %(duties)s.")
            % {"duties": "; ".join(duties)}
        )


class ReasonNotInPlan(DomainError):
    """A reason code that the plan doesn't have, or not for this recommendation."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(
            _(
                "These reasons cannot be given for this recommendation: %(codes)s. "
                "Choose from the reasons that the plan names for it."
            )
            % {"codes": ", ".join(code[:40] for code in codes)}
        )


class ReportIncomplete(DomainError):
    """A report needs a recommendation, a reason, its text and a summary."""

    def __init__(self) -> None:
        super().__init__(
            _("The report needs a recommendation, at least one reason, its text, and a summary for the jury.")
        )


class ReportNotReturnable(DomainError):
    """A report can be returned only before a hearing is opened."""

    def __init__(self, ref: str, status: str) -> None:
        super().__init__(
            _(
                "Claim %(ref)s is %(status)s. "
                "A report can be returned only after it is signed and before a jury is drawn."
            )
            % {"ref": ref, "status": status}
        )


class ReturnReasonMissing(DomainError):
    """Returning a report says why."""

    def __init__(self) -> None:
        super().__init__(_("Say why the report is returned, so that the next investigator knows what to look for."))
