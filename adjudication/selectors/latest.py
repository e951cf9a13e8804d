"""The latest of the rows of which a claim can have several."""

from __future__ import annotations

from adjudication.models import Claim, Decision, EligibilityCheck, Hearing, Investigation


def latest_check(claim: Claim) -> EligibilityCheck:
    """The last run of the clauses; every claim has one, since filing runs them."""
    return claim.eligibility_checks.select_related("plan_version").order_by("-pk")[0]


def latest_decision(claim: Claim) -> Decision | None:
    """The decision in force."""
    return claim.decisions.select_related("plan_version", "eligibility_check").order_by("-sequence").first()


def latest_hearing(claim: Claim) -> Hearing | None:
    """The hearing of the last round, with its panel, its request for an opinion and its report."""
    return claim.hearings.select_related("panel", "opinion_request", "investigation").order_by("-round").first()


def latest_investigation(claim: Claim) -> Investigation | None:
    """The investigation of the last round."""
    return claim.investigations.order_by("-round").first()
