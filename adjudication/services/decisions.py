"""Decisions: what the table says, checked and issued by a reviewer; immutable once made."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from adjudication.errors import AlreadyDecided, ClaimOnHold, NothingToDecide, TookPart, UnknownReason
from adjudication.models import Claim, Decision
from adjudication.selectors.decisions import Proposal, people_who_took_part, proposed_decision
from adjudication.services.eligibility import ON_DECISION, check_again
from audit.services import append
from members.models import User


def issue_decision(*, claim_ref: str, reason_codes: list[str], by: User) -> Decision:
    """Issue the decision that the plan's table gives for this claim; `reason_codes` are added to those found.

    Raises AlreadyDecided, NothingToDecide, TookPart, ClaimOnHold, UnknownReason; nothing changes then.
    """
    with transaction.atomic():
        claim = Claim.objects.select_for_update().get(ref=claim_ref)
        decided = claim.decisions.order_by("-sequence").first()
        if decided is not None and claim.status in {Claim.Status.APPROVED, Claim.Status.REJECTED, Claim.Status.PAID}:
            raise AlreadyDecided(claim, decided)
        if claim.hold_reason:
            raise ClaimOnHold(claim)
        if by.pk in people_who_took_part(claim):
            raise TookPart(claim)
        check_again(claim=claim, occasion=ON_DECISION, by=by)
        proposal = proposed_decision(claim)
        if proposal is None:
            raise NothingToDecide(claim)
        return _write(claim, proposal, _with_extra(claim, proposal, reason_codes), by)


def _write(claim: Claim, proposal: Proposal, reasons: list[str], by: User) -> Decision:
    now = timezone.now()
    decision = Decision.objects.create(
        claim=claim,
        sequence=claim.decisions.count() + 1,
        outcome=proposal.outcome,
        amount_minor=proposal.amount_minor,
        reason_codes=reasons,
        basis=proposal.basis,
        plan_version=claim.plan_version,
        eligibility_check=proposal.check,
        hearing=proposal.hearing,
        decided_by=by,
        decided_at=now,
    )
    claim.amount_minor = proposal.amount_minor
    _move(claim, proposal)
    claim.status_since, claim.due_at = now, None
    claim.save()
    append(
        kind="decision.issued",
        stream=claim.stream,
        by=by,
        body={
            "sequence": decision.sequence,
            "outcome": decision.outcome,
            "amount_minor": decision.amount_minor,
            "reason_codes": reasons,
            "basis": proposal.basis,
            "rules_digest": claim.plan_version.digest,
        },
    )
    return decision


def _move(claim: Claim, proposal: Proposal) -> None:
    if claim.status == Claim.Status.INVESTIGATED:
        claim.approve_uncontested() if proposal.outcome == "approved" else claim.reject_uncontested()
    else:
        claim.approve() if proposal.outcome == "approved" else claim.reject()


def _with_extra(claim: Claim, proposal: Proposal, extra: list[str]) -> list[str]:
    allowed = [code.code for code in claim.plan_version.rules.reason_codes if proposal.outcome in code.for_outcomes]
    for code in extra:
        if code not in allowed:
            raise UnknownReason(code, allowed)
    return list(dict.fromkeys([*proposal.reason_codes, *extra]))
