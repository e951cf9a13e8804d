"""Running the eligibility clauses over a claim and storing the trace."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from adjudication.models import Claim, EligibilityCheck
from adjudication.selectors.facts import trace_of
from adjudication.selectors.latest import latest_check
from adjudication.services.telling import tell_applicants
from audit import clock
from audit.actors import Actor
from audit.services import append
from members.rules.changes import changes_between
from members.rules.eligibility import NOT_ELIGIBLE, Trace

ON_SUBMISSION = "submitted"
ON_REPORT = "report_signed"
ON_FINDING = "finding"
ON_OPINION = "opinion_closed"
ON_DECISION = "decision"


@transaction.atomic
def run_check(
    *, claim: Claim, occasion: str, by: Actor, at: dt.datetime | None = None, warns: bool = False
) -> EligibilityCheck:
    """Check every clause for a claim and store the trace as a new row; `warns` tells the applicant if one is not "
    "met."""
    trace = trace_of(claim)
    check = EligibilityCheck.objects.create(
        claim=claim,
        plan_version=claim.plan_version,
        occasion=occasion,
        outcome=trace.outcome,
        trace=trace.as_json(),
        checked_at=at or clock.now(),
    )
    body = {
        "check": check.pk,
        "occasion": occasion,
        "outcome": trace.outcome,
        "not_met": list(trace.reason_codes),
        "rules": trace.rules_digest,
    }
    entry = append(kind="eligibility.checked", stream=claim.stream, by=by, body=body)
    if warns and check.outcome == NOT_ELIGIBLE:
        tell_applicants("adjudication.clause_not_met", claim, entry)
    return check


@transaction.atomic
def check_again(*, claim: Claim, occasion: str, by: Actor) -> EligibilityCheck:
    """The last stored trace if every clause still has the same result, otherwise a new one.

    Facts change without an act on the claim: its membership ends, another of the member's claims is paid.
    """
    last = latest_check(claim)
    if not changes_between(Trace.from_json(last.trace), trace_of(claim)):
        return last
    return run_check(claim=claim, occasion=occasion, by=by)
