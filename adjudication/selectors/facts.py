"""The facts of claims that the eligibility clauses need: for one claim or for many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Max

from adjudication.models import Claim, Finding, Investigation
from adjudication.models.claims import OPEN_STATUSES
from adjudication.rules.facts import SUBJECTS, CountingFacts, FactName, Found, Source, Standing, Stated
from adjudication.rules.facts import facts_of as counting_of
from jury.selectors.opinions import answers_given
from members.models import HealthStatement, Membership
from members.models.memberships import EndReason
from members.rules.dates import completed_years
from members.rules.eligibility import Facts, Trace, check_eligibility
from members.rules.plans import AidBand, DiseaseQuestion, aid_for, condition_for
from members.rules.verdicts import Opinion
from members.selectors.moves import lines_of

_READ = ("claim_id", "fact", "standing", "value", "source", "is_late", "investigation__round", "investigation__status")


def trace_of(claim: Claim) -> Trace:
    """Check the clauses of the version in force at first diagnosis against what is known now. Stores nothing."""
    return check_eligibility(facts_of(claim), claim.plan_version.rules)


def counting_facts(claim: Claim) -> CountingFacts:
    """The facts that count for a claim now, each with its source: stated, or found."""
    return counting_facts_of_many([claim])[claim.pk]


def counting_facts_of_many(claims: Sequence[Claim]) -> dict[int, CountingFacts]:
    """The same for every claim, by its number in the table; two queries for any number of claims."""
    numbers = [claim.pk for claim in claims]
    rounds = dict(
        Investigation.objects.filter(claim__in=numbers)
        .values("claim_id")
        .annotate(last=Max("round"))
        .order_by()
        .values_list("claim_id", "last")
    )
    found: dict[int, list[Found]] = {}
    for one in Finding.objects.filter(claim__in=numbers).select_related("investigation").only(*_READ).order_by("pk"):
        found.setdefault(one.claim_id, []).append(as_found(one))
    return {
        claim.pk: counting_of(stated_in(claim), found.get(claim.pk, ()), rounds.get(claim.pk, 0)) for claim in claims
    }


def stated_in(claim: Claim) -> Stated:
    """What the applicant states."""
    return Stated(
        icd10=claim.icd10,
        severity=claim.severity,
        first_diagnosed_on=claim.first_diagnosed_on,
        suspected_on=claim.suspected_on,
        is_accident=claim.is_accident,
        disease=claim.disease,
    )


def as_found(finding: Finding) -> Found:
    """A finding as the rules read it."""
    return Found(
        number=finding.pk,
        fact=finding.fact,
        standing=finding.standing,
        value=finding.value,
        source=finding.source,
        round=finding.investigation.round,
        is_late=finding.is_late,
    )


def age_of(claim: Claim, facts: CountingFacts) -> int | None:
    """The age at first diagnosis, in completed years, on the day that counts; None where no possible day is known."""
    day, born_on = facts.first_diagnosed_on, claim.membership.person.born_on
    return None if day is None or day < born_on else completed_years(born_on, day)


def aid_band(claim: Claim, facts: CountingFacts) -> AidBand | None:
    """The aid that the rules give for the facts that count; None where they give none."""
    return aid_for(
        claim.plan_version.rules,
        icd10=facts.icd10,
        severity=facts.severity,
        age_years=age_of(claim, facts),
        disease=facts.disease,
    )


def disease_question(claim: Claim, icd10: str = "") -> DiseaseQuestion | None:
    """The question that tells the diseases of a code apart under the claim's rules; None where the code is enough.

    Of the code that counts, unless one is given.
    """
    condition = condition_for(claim.plan_version.rules, icd10 or counting_facts(claim).icd10)
    return condition.asks if condition else None


def facts_of(claim: Claim) -> Facts:
    """What is known about a claim now: from person, membership, statement, the findings, the last signed report and
    the last opinion.

    Whether shares are owed is not known here: arrears never prevent aid; they are deducted from it at payout.
    """
    return facts_of_many([claim])[claim.pk]


def facts_of_many(claims: Sequence[Claim]) -> dict[int, Facts]:
    """The same for every claim, by its number in the table; the same few queries for any number of claims.

    The claims must have membership and person loaded.
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
    counting = counting_facts_of_many(claims)
    found = {}
    for claim in claims:
        line = lines[claim.membership_id]
        others = {status for each in line for pk, status in of_membership.get(each, []) if pk != claim.pk}
        is_aided = Claim.Status.PAID in others or not aided.isdisjoint(line)
        signed = _signed(answers, line, claim.membership_id)
        opinion = opinions.get(claim.ref, {})
        found[claim.pk] = _facts(claim, counting[claim.pk], reports.get(claim.pk), signed, opinion, others, is_aided)
    return found


def _facts(
    claim: Claim,
    counting: CountingFacts,
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
        first_diagnosed_on=counting.first_diagnosed_on,
        submitted_at=claim.submitted_at,
        icd10=counting.icd10,
        severity=counting.severity,
        disease=counting.disease,
        is_accident=counting.is_accident,
        suspected_on=counting.suspected_on,
        is_suspicion_investigated=report is not None or counting[FactName.SUSPECTED_ON].is_found,
        is_ill_before_joining=counting.is_ill_before_joining,
        is_identity_proved=counting.is_identity_proved,
        health_answers=answers,
        opinion=_left_to_say(opinion, counting),
        is_health_statement_true=_is_statement_true(counting, report),
        sources=counting.sources,
        is_aided_before=is_aided,
        has_open_claim=not others.isdisjoint(OPEN_STATUSES),
    )


def _left_to_say(opinion: dict[str, bool], counting: CountingFacts) -> dict[str, bool]:
    """The yes and no of professionals, without those in whose place stands the fact that their majority found."""
    return {
        subject: answer
        for subject, answer in opinion.items()
        if counting[SUBJECTS[subject]].source is not Source.OPINION
        or counting[SUBJECTS[subject]].standing is not Standing.FOUND
    }


def _is_statement_true(counting: CountingFacts, report: Investigation | None) -> bool | None:
    """As it was found; where nobody recorded that, a signed report whose reasons do not include it found it true."""
    if counting[FactName.STATEMENT_TRUE].is_found:
        return counting.is_statement_true
    return None if report is None else "health_statement" not in report.reason_codes


def _aided(claims: Sequence[Claim], memberships: set[int]) -> set[int]:
    """Those of the memberships that ended with aid; queried only for those without a loaded claim."""
    at_hand = {claim.membership_id: claim.membership.end_reason for claim in claims}
    others = Membership.objects.filter(pk__in=memberships - at_hand.keys(), end_reason=EndReason.AIDED)
    return {pk for pk, reason in at_hand.items() if reason == EndReason.AIDED} | set(
        others.values_list("pk", flat=True)
    )


def _signed(answers: dict[int, dict[str, Any]], line: tuple[int, ...], membership_id: int) -> dict[str, Any]:
    """What was declared up to a membership: in the earlier plan, for members who moved without being asked again."""
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
    # The state machine reads the status of every row: if deferred, it would be fetched row by row.
    wanted = signed.only("claim_id", "reason_codes", "round", "status")
    return {report.claim_id: report for report in wanted.order_by("round")}


def opinions_on(claims: Sequence[Claim]) -> dict[str, dict[str, bool]]:
    """What the last closed opinion on each claim says, by the claim's reference and the subject of its questions.

    Several questions may concern one subject: any no refutes it, and only when all are yes is it confirmed.
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
