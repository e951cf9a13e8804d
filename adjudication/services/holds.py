"""Placing, renewing and lifting a hold on a claim; the hold is a flag with a reason, not a state."""

from __future__ import annotations

from django.db import transaction

from adjudication.errors.holds import ClaimNotOnHold, ClaimOnHold, HoldReasonUnfit, NothingToHold
from adjudication.models import Claim
from adjudication.models.claims import OPEN_STATUSES
from adjudication.queue import nudge
from adjudication.selectors.recipients import open_investigation_of
from adjudication.selectors.withdrawals import has_unnoted
from adjudication.services.answers import renew_time
from adjudication.services.conflicts import check_no_conflict
from adjudication.services.locks import locked_claim
from adjudication.services.states import begin_hold, end_of_hold, hold_facts
from adjudication.services.telling import tell_applicants, tell_investigator
from adjudication.services.withdrawals import check_noted
from audit import clock
from audit.actors import SYSTEM, Actor
from audit.services import append
from members.access import is_reviewer
from members.errors.roles import ReviewersOnly
from members.models import User

LONGEST_REASON = 200


@transaction.atomic
def place_hold(*, claim_ref: str, reason: str, by: User) -> Claim:
    """Stop a claim in its state: nothing moves it, no decision is issued and no notice includes it. The hold lifts by
    itself after the plan's days, unless it is renewed.

    An open vote closes at its time but is counted only afterwards; an applicant who is asked whether they want the jury
    may answer, and has the full time again afterwards. Raises ClaimUnknown, ReviewersOnly, ConflictOfInterest,
    NothingToHold, ClaimOnHold, HoldReasonUnfit.
    """
    claim, reason = _claim_for(claim_ref, by), _one_line(reason)
    if claim.status not in OPEN_STATUSES:
        raise NothingToHold(ref=claim.ref, status=Claim.Status(claim.status))
    if claim.hold_reason:
        raise ClaimOnHold(ref=claim.ref, reason=claim.hold_reason)
    _check_reason(reason)
    begin_hold(claim, reason)
    entry = append(kind="claim.held", stream=claim.stream, by=by, body={"status": claim.status, **hold_facts(claim)})
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
    _release(claim, by, is_over=False)
    return claim


@transaction.atomic
def renew_hold(*, claim_ref: str, reason: str, by: User) -> Claim:
    """Let a hold go on for the plan's days from now, for a reason that the member reads; as often as there is one.

    Raises ClaimUnknown, ReviewersOnly, ConflictOfInterest, ClaimNotOnHold, HoldReasonUnfit.
    """
    claim, reason = _claim_for(claim_ref, by), _one_line(reason)
    if not claim.hold_reason:
        raise ClaimNotOnHold(ref=claim.ref)
    _check_reason(reason)
    claim.hold_reason, claim.hold_until = reason, end_of_hold(claim, clock.now())
    claim.save(update_fields=["hold_reason", "hold_until"])
    entry = append(
        kind="claim.hold_renewed", stream=claim.stream, by=by, body={"status": claim.status, **hold_facts(claim)}
    )
    tell_applicants("adjudication.held_longer", claim, entry)
    return claim


@transaction.atomic
def lapse_hold(*, claim_id: int, by: Actor = SYSTEM) -> bool:
    """Lift a hold whose time is over; returns whether it did anything. Safe to run twice.

    A hold of a release that gave it no end runs from now for as long as others. An approved claim that rests on a
    withdrawn record stays on hold until somebody has noted it, each time for as long again.
    """
    claim = locked_claim(pk=claim_id)
    now = clock.now()
    if not claim.hold_reason or (claim.hold_until is not None and claim.hold_until > now):
        return False
    if claim.hold_until is None or (claim.status == Claim.Status.APPROVED and has_unnoted(claim)):
        claim.hold_until = end_of_hold(claim, now)
        claim.save(update_fields=["hold_until"])
        body = {"status": claim.status, **hold_facts(claim)}
        entry = append(kind="claim.hold_renewed", stream=claim.stream, by=by, body=body)
        tell_applicants("adjudication.held_longer", claim, entry)
        return True
    _release(claim, by, is_over=True)
    return True


def _release(claim: Claim, by: Actor, *, is_over: bool) -> None:
    if claim.status == Claim.Status.APPROVED:
        check_noted(claim)
    claim.hold_reason, claim.held_since, claim.hold_until = "", None, None
    claim.released_at = clock.now()
    claim.save(update_fields=["hold_reason", "held_since", "hold_until", "released_at"])
    is_renewed = renew_time(claim=claim, by=by)
    body = {"status": claim.status, "is_over": is_over}
    entry = append(kind="claim.released", stream=claim.stream, by=by, body=body)
    if not is_renewed:
        tell_applicants("adjudication.released", claim, entry)
    tell_investigator("adjudication.released_investigation", claim, open_investigation_of(claim), entry)
    nudge(claim.pk)


def _one_line(reason: str) -> str:
    return " ".join(reason.split())


def _check_reason(reason: str) -> None:
    if not reason or len(reason) > LONGEST_REASON:
        raise HoldReasonUnfit(most=LONGEST_REASON)


def _claim_for(claim_ref: str, by: User) -> Claim:
    if not is_reviewer(by):
        raise ReviewersOnly
    claim = locked_claim(ref=claim_ref)
    check_no_conflict(claim, by)
    return claim
