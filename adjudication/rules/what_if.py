"""What would be decided on a claim under other rules: a pure function of the facts that the decision rested on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from adjudication.rules.outcomes import DecisionOutcome
from members.rules.eligibility import MET, Facts, Finding, Trace, check_eligibility
from members.rules.plan_types import PlanRules

APPROVED, REJECTED = DecisionOutcome

SAME = "same"
WOULD_REJECT = "would_reject"
OTHER_AMOUNT = "other_amount"
WOULD_APPROVE = "would_approve"
UNSURE = "unsure"
OTHERWISE = (WOULD_REJECT, OTHER_AMOUNT, WOULD_APPROVE)


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided: the outcome, the aid in minor units, the clauses not met then, and the reasons given."""

    outcome: DecisionOutcome
    amount_minor: int | None
    not_met: frozenset[str]
    reasons: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rejudged:
    """The result for the same claim: one of the kinds above, the outcome, its aid, and the clauses that cause it."""

    kind: str
    outcome: DecisionOutcome
    amount_minor: int | None
    findings: tuple[Finding, ...] = ()

    @property
    def is_otherwise(self) -> bool:
        """Whether the decision would have been another."""
        return self.kind in OTHERWISE


def rejudge(decided: Decided, facts: Facts, own: PlanRules, other: PlanRules) -> Rejudged:
    """Apply the clauses of `other`, as if they had been in force at first diagnosis, to a claim that `own` decided.

    An approved claim is decided otherwise when a clause is not met that the decision had not already overridden, or
    when its aid differs; a rejected one when clauses that it failed were all its reasons and every clause is now met. A
    jury's verdict on the evidence is never guessed: where only an investigation could tell, the claim is unsure.
    """
    facts = replace(
        facts, is_aided_before="aided_before" in decided.not_met, has_open_claim="other_claim" in decided.not_met
    )
    trace = check_eligibility(facts, other if other.starts_at == own.starts_at else as_if_in_force(other, own))
    newly_open = trace.open_findings
    if newly_open:
        open_before = {finding.clause for finding in check_eligibility(facts, own).open_findings}
        newly_open = tuple(finding for finding in newly_open if finding.clause not in open_before)
    if decided.outcome == APPROVED:
        return _approved_before(decided, trace, newly_open)
    return _rejected_before(decided, trace, newly_open)


def as_if_in_force(other: PlanRules, own: PlanRules) -> PlanRules:
    """The other rules with the start of those that decided: the question is what they would have said.

    A caller with many claims builds it once for each version that decided some of them.
    """
    return replace(other, starts_at=own.starts_at)


def aid_in(trace: Trace) -> int | None:
    """The aid that the rules give for the facts of the trace; None where they give none."""
    is_covered = any(one.clause == "condition_covered" and one.result == MET for one in trace.findings)
    return trace.amount_minor if is_covered else None


def _approved_before(decided: Decided, trace: Trace, newly_open: tuple[Finding, ...]) -> Rejudged:
    failing = tuple(finding for finding in trace.not_met if finding.clause not in decided.not_met)
    amount_minor = aid_in(trace)
    if failing or (amount_minor is None and not _waits_for_disease(newly_open)):
        return Rejudged(WOULD_REJECT, REJECTED, None, failing or trace.not_met)
    if newly_open or amount_minor is None:
        return Rejudged(UNSURE, decided.outcome, decided.amount_minor, newly_open)
    if amount_minor != decided.amount_minor:
        return Rejudged(OTHER_AMOUNT, APPROVED, amount_minor, _of(trace, frozenset({"age"})))
    return Rejudged(SAME, APPROVED, decided.amount_minor)


def _rejected_before(decided: Decided, trace: Trace, newly_open: tuple[Finding, ...]) -> Rejudged:
    amount_minor = aid_in(trace)
    other_reasons = decided.reasons - decided.not_met
    if not decided.not_met or trace.not_met or other_reasons:
        return Rejudged(SAME, REJECTED, None)
    if amount_minor is None and not _waits_for_disease(newly_open):
        return Rejudged(SAME, REJECTED, None)
    if newly_open or amount_minor is None:
        return Rejudged(UNSURE, REJECTED, None, newly_open)
    return Rejudged(WOULD_APPROVE, APPROVED, amount_minor, _of(trace, decided.not_met))


def _waits_for_disease(newly_open: tuple[Finding, ...]) -> bool:
    """Whether there is no amount only because nobody has said which of the diseases of a code it is."""
    return any(finding.clause == "condition_covered" for finding in newly_open)


def _of(trace: Trace, clauses: frozenset[str]) -> tuple[Finding, ...]:
    return tuple(finding for finding in trace.findings if finding.clause in clauses)
