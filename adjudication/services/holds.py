"""Putting a claim on hold and letting it go on; the hold is a flag with a reason, not a state."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from adjudication.models import Claim
from adjudication.models.claims import OPEN_STATUSES
from adjudication.queue import nudge
from adjudication.services.answers import renew_time
from adjudication.services.locks import locked_claim
from audit.errors import DomainError, NotAllowed
from audit.services import append
from members.access import is_reviewer
from members.models import User

LONGEST_REASON = 200


class HoldImpossible(DomainError):
    """The claim is decided for good, or is (not) on hold already."""


class NotYourHold(NotAllowed):
    """Only reviewers put a claim on hold."""

    def __init__(self) -> None:
        super().__init__(_("Only a reviewer can put a claim on hold or let it go on. Ask one to do it."))


@transaction.atomic
def place_hold(*, claim_ref: str, reason: str, by: User) -> Claim:
    """Stop a claim where it stands: nothing moves it, no decision is issued and no notice takes it in.

    A vote that is open closes in its time but is counted only afterwards; an applicant who is asked whether they want
    the jury may answer, and has the whole time again afterwards. Raises ClaimUnknown, NotYourHold,
    HoldImpossible.
    """
    claim = _claim_for(claim_ref, by)
    reason = " ".join(reason.split())
    if claim.status not in OPEN_STATUSES:
        raise HoldImpossible(
            _("Claim %(ref)s is %(status)s, and nothing can be put on hold any more.")
            % {"ref": claim.ref, "status": claim.get_status_display()}
        )
    if claim.hold_reason:
        raise HoldImpossible(
            _("Claim %(ref)s is on hold already: %(reason)s. Let it go on first to give another reason.")
            % {"ref": claim.ref, "reason": claim.hold_reason}
        )
    if not reason or len(reason) > LONGEST_REASON:
        raise HoldImpossible(
            _("Say in 1 to %(most)s characters why the claim is put on hold: its member reads it.")
            % {"most": LONGEST_REASON}
        )
    claim.hold_reason = reason
    claim.save(update_fields=["hold_reason"])
    append(kind="claim.held", stream=claim.stream, by=by, body={"status": claim.status})
    return claim


@transaction.atomic
def lift_hold(*, claim_ref: str, by: User) -> Claim:
    """Let a claim go on; what fell due meanwhile happens at once. Raises ClaimUnknown, NotYourHold, HoldImpossible."""
    claim = _claim_for(claim_ref, by)
    if not claim.hold_reason:
        raise HoldImpossible(
            _("Claim %(ref)s is not on hold: nothing has to be lifted. Reload the page.") % {"ref": claim.ref}
        )
    claim.hold_reason = ""
    claim.save(update_fields=["hold_reason"])
    renew_time(claim=claim, by=by)
    append(kind="claim.released", stream=claim.stream, by=by, body={"status": claim.status})
    nudge(claim.pk)
    return claim


def _claim_for(claim_ref: str, by: User) -> Claim:
    if not is_reviewer(by):
        raise NotYourHold
    return locked_claim(claim_ref)
