"""Claims and their drafts: what forbids filing, withdrawing or settling one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from adjudication.services.refusals.words import day, moment
from audit.errors import DomainError, NotAllowed


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
            % {"on": day(on), "today": day(today)}
        )


class DiagnosisBeforeBirth(DomainError):
    """Nobody was diagnosed before birth."""

    def __init__(self, on: dt.date) -> None:
        super().__init__(
            _(
                "The first diagnosis (%(on)s) lies before the birth of the person who is ill. "
                "Check the day, and who is ill."
            )
            % {"on": day(on)}
        )


class SuspicionImpossible(DomainError):
    """The suspicion can't come after the diagnosis, or before birth."""

    def __init__(self, on: dt.date, diagnosed_on: dt.date) -> None:
        super().__init__(
            _(
                "The first suspicion or treatment (%(on)s) must lie between the birth and the first diagnosis "
                "(%(diagnosed)s). Check both days, or leave the first one empty."
            )
            % {"on": day(on), "diagnosed": day(diagnosed_on)}
        )


class DiagnosedOutsideMembership(DomainError):
    """The diagnosis lies outside the membership that the claim is for."""

    def __init__(self, on: dt.date, joined_on: dt.date, left_on: dt.date | None) -> None:
        values = {"on": day(on), "joined": day(joined_on), "left": day(left_on) if left_on else ""}
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
            % {"plan": plan, "on": day(on)}
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


class NoAnswerAwaited(DomainError):
    """The applicant is not asked, has answered, or the time for it is over."""

    def __init__(self, ref: str, due_at: dt.datetime | None) -> None:
        self.ref = ref
        if due_at is None:
            text = _(
                "No answer is awaited on claim %(ref)s: you were not asked, or have answered. "
                "The claim's page says where it stands."
            )
        else:
            text = _(
                "The time to answer on claim %(ref)s ended on %(at)s, and no answer counts as consent. "
                "If something kept you from answering, write to the plan's staff before the decision is issued."
            )
        super().__init__(text % {"ref": ref, "at": moment(due_at) if due_at else ""})


class AnswerUnknown(DomainError):
    """An answer is the jury or consent."""

    http_status = 400

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(
            _("Choose whether the jury decides or you accept the rejection: one of %(allowed)s.")
            % {"allowed": ", ".join(allowed)}
        )


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
