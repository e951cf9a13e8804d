"""Running the eligibility clauses over a claim and storing the trace."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from adjudication.models import Claim, EligibilityCheck
from adjudication.selectors.facts import facts_of
from audit.actors import Actor
from audit.services import append
from members.rules.eligibility import Trace, check_eligibility

ON_SUBMISSION = "submitted"
ON_REPORT = "report_signed"


def trace_of(claim: Claim) -> Trace:
    """The clauses of the version in force at first diagnosis, asked of what is known now. Stores nothing."""
    return check_eligibility(facts_of(claim), claim.plan_version.rules)


@transaction.atomic
def run_check(*, claim: Claim, occasion: str, by: Actor, at: dt.datetime | None = None) -> EligibilityCheck:
    """Ask every clause of a claim and store the trace as a new row."""
    trace = trace_of(claim)
    check = EligibilityCheck.objects.create(
        claim=claim,
        plan_version=claim.plan_version,
        occasion=occasion,
        outcome=trace.outcome,
        trace=trace.as_json(),
        checked_at=at or timezone.now(),
    )
    body = {
        "check": check.pk,
        "occasion": occasion,
        "outcome": trace.outcome,
        "not_met": list(trace.reason_codes),
        "rules": trace.rules_digest,
    }
    append(kind="eligibility.checked", stream=claim.stream, by=by, body=body)
    return check
