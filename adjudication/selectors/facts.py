"""What is known of claims, as the eligibility clauses ask for it: for one claim or for many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adjudication.models import Claim, Investigation
from adjudication.models.claims import OPEN_STATUSES
from jury.rules.verdicts import Opinion
from jury.selectors.opinions import answers_given
from members.models import HealthStatement, Membership
from members.models.memberships import EndReason
from members.rules.eligibility import Facts, Trace, check_eligibility
from members.selectors.moves import lines_of


def trace_of(claim: Claim) -> Trace:
    """The clauses of the version in force at first diagnosis, asked of what is known now. Stores nothing."""
    return check_eligibility(facts_of(claim), claim.plan_version.rules)


def facts_of(claim: Claim) -> Facts:
    """What is known of a claim now: from person, membership, statement, the last signed report and the last opinion.

    Whether shares are owed is not known here: arrears never stand in the way of aid, they are taken off it at payout.
    """
    return facts_of_many([claim])[claim.pk]


def facts_of_many(claims: Sequence[Claim]) -> dict[int, Facts]:
    """The same for every claim, by its number in the table; the same few queries for any number of claims.

    Claims come with their membership and person at hand.
    """
    lines = lines_of(claim.membership_id for claim in claims)
    memberships = {pk for line in lines.values() for pk in line}
    answers = _health_answers(memberships)
    reports = _last_reports(claims)
    opinions = opinions_on(claims)
    of_membership: dict[int, list[tuple[int, str]]] = {}
    rows = Claim.objects.filter(membership__in=memberships).values_list("membership_id", "pk", "status")
    for membership_id, pk, status in rows:
        of_membership.setdefault(membership_id, []).append((pk, status))
    aided = _aided(claims, memberships)
    found = {}
    for claim in claims:
        line = lines[claim.membership_id]
        others = {status for each in line for pk, status in of_membership.get(each, []) if pk != claim.pk}
        is_aided = Claim.Status.PAID in others or not aided.isdisjoint(line)
        signed = _signed(answers, line, claim.membership_id)
        opinion = opinions.get(claim.ref, {})
        found[claim.pk] = _facts(claim, reports.get(claim.pk), signed, opinion, others, is_aided)
    return found


def _facts(
    claim: Claim,
    report: Investigation | None,
    answers: dict[str, bool],
    opinion: dict[str, bool],
    others: set[str],
    is_aided: bool,
) -> Facts:
    """`others` are the states of the other claims of the membership's line, of which one is aided once."""
    membership = claim.membership
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
        health_answers=answers,
        opinion=opinion,
        # A signed report that doesn't give the statement as its reason has found it true; before one nobody knows.
        is_health_statement_true=None if report is None else "health_statement" not in report.reason_codes,
        is_aided_before=is_aided,
        has_open_claim=not others.isdisjoint(OPEN_STATUSES),
    )


def _aided(claims: Sequence[Claim], memberships: set[int]) -> set[int]:
    """Those of the memberships that ended with aid; asked only of those that do not come with a claim."""
    at_hand = {claim.membership_id: claim.membership.end_reason for claim in claims}
    others = Membership.objects.filter(pk__in=memberships - at_hand.keys(), end_reason=EndReason.AIDED)
    return {pk for pk, reason in at_hand.items() if reason == EndReason.AIDED} | set(
        others.values_list("pk", flat=True)
    )


def _signed(answers: dict[int, dict[str, Any]], line: tuple[int, ...], membership_id: int) -> dict[str, Any]:
    """What was signed up to a membership: by whoever moved without being asked again, in the plan before."""
    signed: dict[str, Any] = {}
    for pk in line[: line.index(membership_id) + 1]:
        signed |= answers.get(pk, {})
    return signed


def _health_answers(memberships: set[int]) -> dict[int, dict[str, Any]]:
    statements = HealthStatement.objects.filter(membership__in=memberships).only("membership_id", "answers")
    return {statement.membership_id: dict(statement.answers) for statement in statements}


def _last_reports(claims: Sequence[Claim]) -> dict[int, Investigation]:
    """The signed investigation of the last round of each claim."""
    signed = Investigation.objects.filter(claim__in=[claim.pk for claim in claims], status="signed")
    # The state machine reads the status of every row it is given: left out, it would be asked for row by row.
    wanted = signed.only("claim_id", "reason_codes", "round", "status")
    return {report.claim_id: report for report in wanted.order_by("round")}


def opinions_on(claims: Sequence[Claim]) -> dict[str, dict[str, bool]]:
    """What the last closed opinion on each claim says, by the claim's name and what its questions bear on.

    Several questions may bear on one thing: any no refutes it, and only when all are yes is it confirmed.
    """
    given = answers_given([claim.ref for claim in claims])
    found: dict[str, dict[str, bool]] = {}
    for claim in claims:
        if claim.ref not in given:
            continue
        heard: dict[str, list[Opinion]] = {}
        for question in claim.plan_version.rules.opinions.questions:
            if question.bears_on and question.code in given[claim.ref]:
                heard.setdefault(question.bears_on, []).append(given[claim.ref][question.code])
        found[claim.ref] = {
            subject: Opinion.NOT_CONFIRMED not in answers
            for subject, answers in heard.items()
            if Opinion.NOT_CONFIRMED in answers or set(answers) == {Opinion.CONFIRMED}
        }
    return found
