"""Placing and lifting a hold on a claim; the hold is a flag with a reason, not a state."""

from __future__ import annotations

from django.db import transaction

from adjudication.errors.holds import ClaimNotOnHold, ClaimOnHold, HoldReasonUnfit, NothingToHold
from adjudication.models import Claim
from adjudication.models.claims import OPEN_STATUSES
from adjudication.queue import nudge
from adjudication.selectors.recipients import open_investigation_of
from adjudication.services.answers import renew_time
from adjudication.services.conflicts import check_no_conflict
from adjudication.services.locks import locked_claim
from adjudication.services.telling import tell_applicants, tell_investigator
from adjudication.services.withdrawals import check_noted
from audit.services import append
from members.access import is_reviewer
from members.errors.roles import ReviewersOnly
from members.models import User

LONGEST_REASON = 200


@transaction.atomic
def place_hold(*, claim_ref: str, reason: str, by: User) -> Claim:
    """Stop a claim in its state: nothing moves it, no decision is issued and no notice includes it.

    An open vote closes at its time but is counted only afterwards; an applicant who is asked whether they want the jury
    may answer, and has the full time again afterwards. Raises ClaimUnknown, ReviewersOnly, ConflictOfInterest,
    NothingToHold, ClaimOnHold, HoldReasonUnfit.
    """
    claim = _claim_for(claim_ref, by)
    reason = " ".join(reason.split())
    if claim.status not in OPEN_STATUSES:
        raise NothingToHold(ref=claim.ref, status=Claim.Status(claim.status))
    if claim.hold_reason:
        raise ClaimOnHold(ref=claim.ref, reason=claim.hold_reason)
    if not reason or len(reason) > LONGEST_REASON:
        raise HoldReasonUnfit(most=LONGEST_REASON)
    claim.hold_reason = reason
    claim.save(update_fields=["hold_reason"])
    entry = append(kind="claim.held", stream=claim.stream, by=by, body={"status": claim.status})
    tell_applicants("adjudication.held", claim, entry)
    tell_investigator("adjudication.held_investigation", claim, open_investigation_of(claim), entry)
    return claim


@transaction.atomic
def lift_hold(*, claim_ref: str, by: User) -> Claim:
    """Lift the hold of a claim; steps that became due during it happen at once.

    Raises ClaimUnknown, ReviewersOnly, ConflictOfInterest, ClaimNotOnHold; WithdrawalUnnoted where the claim is
    approved and rests on a withdrawn record which nobody has noted.
    """
    claim = _claim_for(claim_ref, by)
    if not claim.hold_reason:
        raise ClaimNotOnHold(ref=claim.ref)
    if claim.status == Claim.Status.APPROVED:
        check_noted(claim)
    claim.hold_reason = ""
    claim.save(update_fields=["hold_reason"])
    is_renewed = renew_time(claim=claim, by=by)
    entry = append(kind="claim.released", stream=claim.stream, by=by, body={"status": claim.status})
    if not is_renewed:
        tell_applicants("adjudication.released", claim, entry)
    tell_investigator("adjudication.released_investigation", claim, open_investigation_of(claim), entry)
    nudge(claim.pk)
    return claim


def _claim_for(claim_ref: str, by: User) -> Claim:
    if not is_reviewer(by):
        raise ReviewersOnly
    claim = locked_claim(ref=claim_ref)
    check_no_conflict(claim, by)
    return claim
