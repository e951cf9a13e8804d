"""Running the eligibility clauses over a claim and storing the trace."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from adjudication.models import Claim, EligibilityCheck, Investigation
from adjudication.selectors.claims import open_claim_of
from audit.actors import Actor
from audit.services import append
from members.models import HealthStatement, Membership
from members.models.memberships import EndReason
from members.rules.eligibility import Facts, Trace, check_eligibility

ON_SUBMISSION = "submitted"
ON_REPORT = "report_signed"


def facts_of(claim: Claim) -> Facts:
    """What is known of a claim now: from the person, the membership, the statement and the last signed report.

    Whether shares are owed is not known here: arrears never stand in the way of aid, they are taken off it at payout.
    """
    membership = claim.membership
    report = claim.investigations.filter(status="signed").order_by("-round").first()
    return Facts(
        born_on=membership.person.born_on,
        joined_at=membership.joined_at,
        left_at=membership.left_at,
        waiting_from=membership.waits_from,
        first_diagnosed_on=claim.first_diagnosed_on,
        submitted_at=claim.submitted_at,
        icd10=claim.icd10,
        severity=claim.severity,
        is_accident=claim.is_accident,
        suspected_on=claim.suspected_on,
        is_suspicion_investigated=report is not None,
        health_answers=_health_answers(membership),
        is_health_statement_true=_found_true(report),
        is_aided_before=_is_aided(membership, claim),
        has_open_claim=open_claim_of(membership, but=claim) is not None,
    )


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


def _health_answers(membership: Membership) -> dict[str, bool]:
    statement = HealthStatement.objects.filter(membership=membership).first()
    return dict(statement.answers) if statement else {}


def _found_true(report: Investigation | None) -> bool | None:
    """A signed report that doesn't give the statement as its reason has found it true; before a report nobody knows."""
    return None if report is None else "health_statement" not in report.reason_codes


def _is_aided(membership: Membership, claim: Claim) -> bool:
    if membership.end_reason == EndReason.AIDED:
        return True
    return Claim.objects.filter(membership=membership, status=Claim.Status.PAID).exclude(pk=claim.pk).exists()
