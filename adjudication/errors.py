"""Facts that forbid an act on a hearing or a decision, in words for whoever tried it."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from adjudication.models import Claim, Decision
from audit.errors import DomainError, NotAllowed


class NotInvestigated(DomainError):
    """A hearing needs a signed report."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(
            _(
                "Claim %(ref)s is %(status)s: a hearing opens only on a claim whose investigation report is signed. "
                "Reload the page to see where the claim stands."
            )
            % {"ref": claim.ref, "status": claim.get_status_display()}
        )


class AlreadyDecided(DomainError):
    """Somebody has decided meanwhile."""

    def __init__(self, claim: Claim, decision: Decision) -> None:
        super().__init__(
            _(
                "Claim %(ref)s was already decided (%(outcome)s) on %(at)s. A decision is never changed; "
                "open the claim to read it."
            )
            % {
                "ref": claim.ref,
                "outcome": decision.get_outcome_display(),
                "at": date_format(timezone.localtime(decision.decided_at), "DATETIME_FORMAT"),
            }
        )


class NothingToDecide(DomainError):
    """The decision table has no answer yet."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(
            _(
                "Claim %(ref)s can't be decided now: it is %(status)s, and the panel or the professionals have not "
                "finished. The claim's page says until when they have time."
            )
            % {"ref": claim.ref, "status": claim.get_status_display()}
        )


class TookPart(NotAllowed):
    """Who investigated, filed or judged a claim doesn't issue its decision."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(
            _(
                "You took part in claim %(ref)s (as its applicant, investigator, juror or professional): somebody else "
                "has to issue its decision."
            )
            % {"ref": claim.ref}
        )


class UnknownReason(DomainError):
    """The plan has no such reason code for this outcome."""

    def __init__(self, code: str, allowed: list[str]) -> None:
        super().__init__(
            _("%(code)s is not a reason for this outcome under the plan's rules; choose from: %(allowed)s.")
            % {"code": code, "allowed": ", ".join(allowed)}
        )


class ClaimOnHold(DomainError):
    """Nothing moves while a claim is on hold."""

    def __init__(self, claim: Claim) -> None:
        super().__init__(
            _("Claim %(ref)s is on hold: %(reason)s. Lift the hold first.")
            % {"ref": claim.ref, "reason": claim.hold_reason}
        )
