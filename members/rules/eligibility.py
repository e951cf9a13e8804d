"""Eligibility: every clause of a plan version asked of the facts of a claim, and the trace of the answers."""

from __future__ import annotations

from types import MappingProxyType

from members.rules import clauses, person_clauses
from members.rules.eligibility_types import (
    CLAUSE_TITLES,
    ELIGIBLE,
    MET,
    NEEDS_FINDING,
    NOT_ELIGIBLE,
    NOT_MET,
    UNDETERMINED,
    UNKNOWN,
    Eligibility,
    Facts,
    Finding,
    Result,
    Trace,
)
from members.rules.opinions import after_opinion, with_opinion
from members.rules.plan_types import PlanRules

__all__ = [
    "CLAUSE_TITLES",
    "ELIGIBLE",
    "MET",
    "NEEDS_FINDING",
    "NOT_ELIGIBLE",
    "NOT_MET",
    "UNDETERMINED",
    "UNKNOWN",
    "Eligibility",
    "Facts",
    "Finding",
    "Result",
    "Trace",
    "check_eligibility",
]

_IN_ORDER = (
    clauses.possible_dates,
    clauses.plan_version,
    clauses.membership,
    clauses.condition_covered,
    clauses.severity,
    clauses.exclusion,
    clauses.age,
    clauses.waiting_period,
    clauses.suspected_tumour,
    clauses.apply_by,
    person_clauses.health_statement,
    person_clauses.aided_before,
    person_clauses.other_claim,
    person_clauses.arrears,
)


def check_eligibility(facts: Facts, rules: PlanRules) -> Trace:
    """Ask every clause of the version that was in force at first diagnosis; none stops at the first that is not met.

    `rules` is the version that `version_for_diagnosis` gives; boundaries are written in `members.rules.clauses`.
    """
    facts = with_opinion(facts)
    findings = tuple(after_opinion(clause(facts, rules), facts.opinion, rules) for clause in _IN_ORDER)
    return Trace(rules.code, rules.version, rules.digest, findings, MappingProxyType(dict(facts.sources)))
