"""Decisions: the outcome of the table, checked and issued by a reviewer; immutable once issued."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.db import transaction

from adjudication.errors.decisions import AlreadyDecided, IdentityUnsettled, NothingToDecide, TookPart
from adjudication.errors.findings import LateFindingWaits
from adjudication.errors.holds import ClaimOnHold
from adjudication.models import Claim, Decision, EligibilityCheck
from adjudication.rules.facts import FACT_WORDS
from adjudication.rules.outcomes import DecisionOutcome
from adjudication.selectors.decisions import BINDING_CLAUSE, Proposal, people_who_took_part, proposed_decision
from adjudication.selectors.findings import late_findings
from adjudication.selectors.latest import latest_decision
from adjudication.services.conflicts import check_no_conflict
from adjudication.services.eligibility import ON_DECISION, check_again
from adjudication.services.locks import locked_claim
from adjudication.services.states import enter
from adjudication.services.telling import tell_applicants
from adjudication.services.withdrawals import check_noted
from audit import clock
from audit.actors import Actor
from audit.services import append
from members.errors.plans import ReasonNotInPlan
from members.models import User
from members.rules.eligibility import Trace
from members.selectors.identity import is_identity_settled

_DECIDED = {
    DecisionOutcome.APPROVED: "adjudication.approved",
    DecisionOutcome.REJECTED: "adjudication.rejected",
}


def issue_decision(*, claim_ref: str, reason_codes: list[str], by: User) -> Decision:
    """Issue the decision that the plan's table gives for this claim; `reason_codes` are added to those found.

    Raises ClaimUnknown, AlreadyDecided, NothingToDecide, ConflictOfInterest, TookPart, ClaimOnHold, IdentityUnsettled,
    LateFindingWaits, ReasonNotInPlan, WithdrawalUnnoted; nothing changes then.
    """
    with transaction.atomic():
        # Of two reviewers at once the second waits here and then sees the first one's decision.
        claim = locked_claim(ref=claim_ref)
        decided = latest_decision(claim)
        if decided is not None and claim.status in {Claim.Status.APPROVED, Claim.Status.REJECTED, Claim.Status.PAID}:
            raise AlreadyDecided(ref=claim.ref, outcome=Decision.Outcome(decided.outcome), at=decided.decided_at)
        if claim.hold_reason:
            raise ClaimOnHold(ref=claim.ref, reason=claim.hold_reason)
        check_no_conflict(claim, by)
        if by.pk in people_who_took_part(claim):
            raise TookPart(ref=claim.ref)
        late = late_findings(claim)
        if late:
            raise LateFindingWaits(ref=claim.ref, facts=[FACT_WORDS[one.fact] for one in late], at=late[0].found_at)
        check_again(claim=claim, occasion=ON_DECISION, by=by)
        proposal = proposed_decision(claim)
        if proposal is None:
            raise NothingToDecide(ref=claim.ref, status=Claim.Status(claim.status))
        if proposal.outcome == Decision.Outcome.APPROVED and not is_identity_settled(claim.membership.person):
            raise IdentityUnsettled(ref=claim.ref)
        proposal = replace(proposal, reason_codes=_with_extra(claim, proposal, reason_codes))
        return write_decision(claim=claim, proposal=proposal, act=_act(claim, proposal), decided_by=by, by=by)


@transaction.atomic
def reject_by_clause(*, claim: Claim, check: EligibilityCheck, by: Actor) -> Decision:
    """Reject by a clause that is not met, where the plan version says so. The claim's row is locked already."""
    trace = Trace.from_json(check.trace)
    known = {reason.code for reason in claim.plan_version.rules.reasons_for(Decision.Outcome.REJECTED)}
    proposal = Proposal(
        outcome=Decision.Outcome.REJECTED,
        amount_minor=None,
        reason_codes=tuple(code for code in trace.reason_codes if code in known),
        basis={"rule": "failed_clause", "clauses": list(trace.reason_codes)},
        check=check,
        changes=(),
        hearing=None,
    )
    # No person decided, so `decided_by` stays empty: the actor only filed the claim.
    return write_decision(claim=claim, proposal=proposal, act=claim.reject_by_clause, decided_by=None, by=by)


@transaction.atomic
def write_decision(
    *, claim: Claim, proposal: Proposal, act: Callable[[], None], decided_by: User | None, by: Actor
) -> Decision:
    """Write a decision and its entry, and move the claim by `act`: every decision is written here.

    The entry's content can never change. The claim's row is locked by the caller's act. Raises WithdrawalUnnoted where
    it would approve a claim that rests on a withdrawn record which nobody has noted.
    """
    if proposal.outcome == Decision.Outcome.APPROVED:
        check_noted(claim)
    now = clock.now()
    decision = Decision.objects.create(
        claim=claim,
        sequence=claim.decisions.count() + 1,
        outcome=proposal.outcome,
        amount_minor=proposal.amount_minor,
        reason_codes=list(proposal.reason_codes),
        basis=proposal.basis,
        plan_version=claim.plan_version,
        eligibility_check=proposal.check,
        hearing=proposal.hearing,
        decided_by=decided_by,
        decided_at=now,
    )
    claim.amount_minor = proposal.amount_minor
    enter(claim, act, due_at=None, at=now)
    entry = append(
        kind="decision.issued",
        stream=claim.stream,
        by=by,
        body={
            "sequence": decision.sequence,
            "outcome": decision.outcome,
            "amount_minor": decision.amount_minor,
            "reason_codes": decision.reason_codes,
            "basis": decision.basis,
            "rules_digest": claim.plan_version.digest,
        },
    )
    tell_applicants(_DECIDED[DecisionOutcome(decision.outcome)], claim, entry)
    return decision


def _act(claim: Claim, proposal: Proposal) -> Callable[[], None]:
    act: Callable[[], None]
    outcome = proposal.outcome
    if proposal.basis["rule"] == BINDING_CLAUSE:
        act = claim.reject_by_clause
    elif claim.status == Claim.Status.INVESTIGATED:
        act = claim.approve_uncontested if outcome == Decision.Outcome.APPROVED else claim.reject_uncontested
    else:
        act = claim.approve if outcome == Decision.Outcome.APPROVED else claim.reject
    return act


def _with_extra(claim: Claim, proposal: Proposal, extra: list[str]) -> tuple[str, ...]:
    allowed = [reason.code for reason in claim.plan_version.rules.reasons_for(proposal.outcome)]
    unknown = [code for code in extra if code not in allowed]
    if unknown:
        raise ReasonNotInPlan(codes=unknown, allowed=allowed)
    return tuple(dict.fromkeys([*proposal.reason_codes, *extra]))
