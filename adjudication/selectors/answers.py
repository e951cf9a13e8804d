"""Answers of applicants to reports by which their claims would be rejected."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from adjudication.models import Answer, Claim, DutyRecord
from adjudication.selectors.claims import own_claims
from adjudication.selectors.facts import trace_of
from adjudication.selectors.latest import latest_investigation
from adjudication.selectors.readable_files import reason_texts
from members.access import AnyUser
from members.rules.eligibility_types import Finding

CONSENT = frozenset({Answer.Status.ACCEPTED, Answer.Status.SILENT})
HEARD = CONSENT | {Answer.Status.HEARD}
"""After which a rejection by clause can be issued: the applicant spoke, or had the time to."""


@dataclass(frozen=True)
class ReportForApplicant:
    """What an applicant reads of a report before they answer: no more than a jury would, and the clauses not met."""

    answer: Answer
    recommendation: str
    reasons: tuple[str, ...]
    summary: str
    duties: tuple[DutyRecord, ...]
    clauses: tuple[Finding, ...]


def report_for_applicant(claim: Claim) -> ReportForApplicant | None:
    """The last report as the applicant may read it; None where they were not asked about it."""
    answer = latest_answer(claim)
    if answer is None:
        return None
    report = answer.investigation
    return ReportForApplicant(
        answer=answer,
        recommendation=report.recommendation,
        reasons=reason_texts(claim.plan_version.rules, report.reason_codes),
        summary=report.jury_summary,
        duties=tuple(report.duties.order_by("pk").defer("findings")),
        clauses=_clauses(claim, answer),
    )


def _clauses(claim: Claim, answer: Answer) -> tuple[Finding, ...]:
    """The clauses not met; where one that binds would reject the claim, that one, also where it cannot be judged."""
    trace = trace_of(claim)
    if not answer.clauses:
        return trace.not_met
    return tuple(finding for finding in trace.findings if finding.clause in answer.clauses)


def latest_answer(claim: Claim) -> Answer | None:
    """The answer to the claim's last report; None where the applicant was not asked about it."""
    last = latest_investigation(claim)
    return Answer.objects.filter(investigation=last).select_related("investigation").first() if last else None


def answers_awaited(user: AnyUser) -> QuerySet[Answer]:
    """The answers awaited from this user as the applicant or the payer, the nearest deadline first."""
    claims = own_claims(user).select_related(None).order_by().values("pk")
    found = Answer.objects.filter(status=Answer.Status.ASKED, investigation__claim__in=claims)
    return found.select_related("investigation__claim__plan").order_by("due_at", "pk")
