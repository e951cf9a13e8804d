"""The clauses that bind, asked on the facts that count: without each of them nothing is approved."""

from __future__ import annotations

from dataclasses import replace

from adjudication.models import Answer, Claim
from adjudication.selectors.facts import facts_of
from members.rules.eligibility import MET, Finding, check_eligibility


def unmet_binding(claim: Claim) -> tuple[Finding, ...]:
    """The clauses that bind and are not met on the facts that count now; one that cannot be judged is not met.

    The facts that professionals found are among them. Their yes and no to the medical questions are not: what follows
    from those is in the decision table. Empty under a version that binds nothing, as those before the key existed.
    """
    rules = claim.plan_version.rules
    binding = set(rules.claims.binding)
    if not binding:
        return ()
    trace = check_eligibility(replace(facts_of(claim), opinion={}), rules)
    return tuple(one for one in trace.findings if one.clause in binding and one.result != MET)


def sent_back_for(claim: Claim) -> frozenset[str]:
    """The clauses for which the claim has been investigated again: for each of them once."""
    rounds = claim.investigations.values_list("for_clauses", flat=True)
    return frozenset(clause for clauses in rounds for clause in clauses)


def rejecting_clauses(claim: Claim) -> tuple[Finding, ...]:
    """The clauses that bind, that the claim was investigated again for, and that the last report leaves unmet."""
    asked = sent_back_for(claim)
    return tuple(one for one in unmet_binding(claim) if one.clause in asked) if asked else ()


def is_by_clause(answer: Answer | None) -> bool:
    """Whether the applicant is heard on a rejection by clause, and not asked whether they want the jury."""
    return answer is not None and bool(answer.clauses)
