"""Why an act on a claim, a draft, a file or an investigation is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from audit.errors import DomainError, NotAllowed


def _day(on: dt.date) -> str:
    return formats.date_format(on, "Y-m-d")


def _moment(at: dt.datetime) -> str:
    return formats.date_format(timezone.localtime(at), "Y-m-d H:i")


# -------- Claims ------------------------------------------------------------------------------------------------------
class NotYourClaim(NotAllowed):
    """Only the member, whoever pays for them, or staff may do this with a claim."""

    def __init__(self) -> None:
        super().__init__(
            _("You can claim only for yourself and for the people you pay for. Sign in as the member, or ask them to.")
        )


class ClaimAlreadyOpen(DomainError):
    """The membership has another claim that isn't closed."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            _(
                "Claim %(ref)s of this member is still open, and a member has one claim at a time. "
                "Follow that claim, or withdraw it before you send another."
            )
            % {"ref": ref}
        )


class SeverityUnknown(DomainError):
    """Neither mild nor severe."""

    def __init__(self, severity: str) -> None:
        super().__init__(
            _("“%(severity)s” is not a severity. Choose mild or severe, as the report says.")
            % {"severity": severity[:20]}
        )


class HospitalMissing(DomainError):
    """A claim names the hospital that made the diagnosis."""

    def __init__(self) -> None:
        super().__init__(_("The hospital is missing. Write the name of the hospital that made the diagnosis."))


class TextTooLong(DomainError):
    """A text is longer than anybody would read."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(
            _("%(what)s is too long. Write at most %(limit)s characters; longer texts can be added as a file.")
            % {"what": what, "limit": limit}
        )


class DiagnosisInFuture(DomainError):
    """Nobody was diagnosed tomorrow."""

    def __init__(self, on: dt.date, today: dt.date) -> None:
        super().__init__(
            _("The first diagnosis (%(on)s) lies after today (%(today)s). Write the day that stands on the report.")
            % {"on": _day(on), "today": _day(today)}
        )


class DiagnosisBeforeBirth(DomainError):
    """Nobody was diagnosed before birth."""

    def __init__(self, on: dt.date) -> None:
        super().__init__(
            _(
                "The first diagnosis (%(on)s) lies before the birth of the person who is ill. "
                "Check the day, and who is ill."
            )
            % {"on": _day(on)}
        )


class SuspicionImpossible(DomainError):
    """The suspicion can't come after the diagnosis, or before birth."""

    def __init__(self, on: dt.date, diagnosed_on: dt.date) -> None:
        super().__init__(
            _(
                "The first suspicion or treatment (%(on)s) must lie between the birth and the first diagnosis "
                "(%(diagnosed)s). Check both days, or leave the first one empty."
            )
            % {"on": _day(on), "diagnosed": _day(diagnosed_on)}
        )


class DiagnosedOutsideMembership(DomainError):
    """The diagnosis lies outside the membership that the claim is for."""

    def __init__(self, on: dt.date, joined_on: dt.date, left_on: dt.date | None) -> None:
        values = {"on": _day(on), "joined": _day(joined_on), "left": _day(left_on) if left_on else ""}
        text = (
            _(
                "On %(on)s this person was not a member: the membership began on %(joined)s and ended on %(left)s. "
                "Only an illness first diagnosed in that time can be claimed."
            )
            if left_on
            else _(
                "On %(on)s this person was not yet a member: the membership began on %(joined)s. "
                "Only an illness first diagnosed since then can be claimed."
            )
        )
        super().__init__(text % values)


class NoRulesInForce(DomainError):
    """The plan had no rules on the day of first diagnosis."""

    def __init__(self, plan: str, on: dt.date) -> None:
        super().__init__(
            _("Plan %(plan)s had no rules in force on %(on)s, so nothing can be claimed for that day. Check the day.")
            % {"plan": plan, "on": _day(on)}
        )


class ClaimUnknown(DomainError):
    """There is no such claim, or not for this person."""

    http_status = 404

    def __init__(self, ref: str) -> None:
        super().__init__(_("There is no claim %(ref)s that you may see. Check the number.") % {"ref": ref[:20]})


class ClaimNotWithdrawable(DomainError):
    """A claim can be withdrawn only before it is decided."""

    def __init__(self, ref: str, status: str) -> None:
        super().__init__(
            _("Claim %(ref)s is %(status)s. A claim can be withdrawn only before it is decided; nothing was changed.")
            % {"ref": ref, "status": status}
        )


class ClaimNotApproved(DomainError):
    """Only an approved claim can be settled."""

    def __init__(self, ref: str, status: str) -> None:
        super().__init__(
            _("Claim %(ref)s is %(status)s. Only an approved claim can be paid.") % {"ref": ref, "status": status}
        )


class NoWordAwaited(DomainError):
    """There is no draw that waits for the applicant's word."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            _("No draw of claim %(ref)s is waiting for your word: it is not announced yet, or already made.")
            % {"ref": ref}
        )


# -------- Drafts ------------------------------------------------------------------------------------------------------
class DraftAlreadySent(DomainError):
    """The draft has become a claim."""

    def __init__(self, ref: str) -> None:
        self.ref = ref
        super().__init__(_("This was already sent: it is claim %(ref)s. Follow it in your list.") % {"ref": ref})


class DraftIncomplete(DomainError):
    """Steps of the form aren't filled in."""

    def __init__(self, steps: Sequence[str]) -> None:
        self.steps = tuple(steps)
        super().__init__(
            _("These steps are not finished: %(steps)s. Finish them, then send the claim.")
            % {"steps": ", ".join(self.steps)}
        )


class DraftUnknown(DomainError):
    """There is no such draft of this person."""

    http_status = 404

    def __init__(self) -> None:
        super().__init__(_("You have no such draft. Start a new claim."))


# -------- Files -------------------------------------------------------------------------------------------------------
class FileEmpty(DomainError):
    """The file has no content."""

    def __init__(self, filename: str) -> None:
        super().__init__(_("“%(name)s” is empty. Choose the file again.") % {"name": filename[:80]})


class FileTooLarge(DomainError):
    """The file is above the limit."""

    def __init__(self, filename: str, limit_bytes: int) -> None:
        super().__init__(
            _("“%(name)s” is larger than %(limit)s MB. Split it, or scan it with a lower resolution.")
            % {"name": filename[:80], "limit": limit_bytes // (1024 * 1024)}
        )


class FileNameInvalid(DomainError):
    """The name holds a path or characters that hide what it is."""

    def __init__(self, filename: str) -> None:
        shown = "".join(character for character in filename if character.isprintable())[:80]
        super().__init__(
            _("“%(name)s” is not a plain file name: no folders, no colons, at most 150 characters. Rename the file.")
            % {"name": shown}
        )


class FileTypeUnknown(DomainError):
    """Only a few kinds of file are taken."""

    def __init__(self, filename: str) -> None:
        super().__init__(
            _("“%(name)s” is not a PDF, a JPEG, PNG or WebP picture, or plain text. Save it as one of these.")
            % {"name": filename[:80]}
        )


class FileDisguised(DomainError):
    """The content isn't what the end of the name says."""

    def __init__(self, filename: str) -> None:
        super().__init__(
            _(
                "“%(name)s” holds something else than its name says. "
                "Open it, save it again as a PDF, and choose that file."
            )
            % {"name": filename[:80]}
        )


class TooManyFiles(DomainError):
    """There is a limit to the files of one claim."""

    def __init__(self, limit: int) -> None:
        super().__init__(_("A claim holds at most %(limit)s files. Put several pages into one PDF.") % {"limit": limit})


class EvidenceFrozen(DomainError):
    """All jurors see one and the same file, so nothing can be added once the report is signed."""

    def __init__(self, ref: str) -> None:
        super().__init__(
            _(
                "The evidence of claim %(ref)s is frozen, so that everybody who judges it sees the same file. "
                "Nothing can be added or removed now."
            )
            % {"ref": ref}
        )


class EvidenceNotYours(NotAllowed):
    """Only the claimant's side and the assigned investigator bring evidence."""

    def __init__(self) -> None:
        super().__init__(
            _("Only the member who claims and the investigator of the claim can add or remove its papers.")
        )


class NotForJuryByClaimant(DomainError):
    """What jurors see is chosen, and its names removed, by the investigator."""

    def __init__(self) -> None:
        super().__init__(_("Only the investigator can show a file to jurors, after removing the names from it."))


class EvidenceUnreadable(DomainError):
    """The stored file is lost or not what was uploaded."""

    def __init__(self, evidence_id: int) -> None:
        super().__init__(
            _("File %(number)s cannot be read from the store, or is not what was uploaded. Tell the plan's office.")
            % {"number": evidence_id}
        )


# -------- Investigations ----------------------------------------------------------------------------------------------
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
            % {"ref": ref, "at": _moment(taken_at) if taken_at else ""}
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
            % {"on": _day(on), "first": _day(first), "today": _day(today)}
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
