"""Findings: recorded by the investigator, never changed, followed by clauses and amount; a late one waits."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from adjudication.errors.claims import DiagnosisBeforeBirth, DiagnosisInFuture, NotYourClaim, SuspicionImpossible
from adjudication.errors.evidence import EvidenceNotYours
from adjudication.errors.findings import (
    DismissalUnfit,
    EvidenceReliedOn,
    FactDayUnfit,
    FactUnknown,
    FactValueUnfit,
    FindingIncomplete,
    FindingTooLate,
    LateFindingWaits,
    NoLateFinding,
    NothingToWithdraw,
    NotYourReview,
    PaperNotOfClaim,
    RemarkEmpty,
    RemarkTooLate,
    RoundStillOpen,
)
from adjudication.errors.investigations import NamesInSummary, NotYourInvestigation
from adjudication.models import Claim, Finding, Investigation
from adjudication.selectors.decisions import aid_at_stake
from adjudication.selectors.facts import counting_facts, counting_facts_of_many
from adjudication.selectors.findings import fact_rows, late_findings
from adjudication.services.claims import withdraw_claim
from adjudication.services.evidence import add_files, remove_evidence
from adjudication.services.facts import finding_digest
from adjudication.services.findings import (
    add_remark,
    dismiss_late_findings,
    order_another_look,
)
from audit.errors import DomainError
from audit.models import Entry
from members.errors.codes import UnknownCode
from members.rules.eligibility import Trace
from tests.adjudication.making import days_ago, make_claim, pdf, record_all, signed, taken
from tests.adjudication.making import found as find
from tests.adjudication.trials import AGAINST, DISPUTED, Trial, make_trial, small_cast
from tests.bent import bend_all
from tests.cast import Cast
from tests.factories import make_user, make_version_from, plan_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def investigation(cast: Cast) -> Investigation:
    return taken(make_claim(cast.membership, cast.member), cast.investigator)


def reloaded(investigation: Investigation) -> Claim:
    return Claim.objects.get(pk=investigation.claim_id)


def last_trace(claim: Claim) -> Trace:
    return Trace.from_json(claim.eligibility_checks.latest("pk").trace)


def test_found_mild_the_claim_is_worth_the_mild_aid(investigation: Investigation) -> None:
    assert aid_at_stake(reloaded(investigation)) == 10_000_000
    finding = find(investigation, "severity", "mild")
    claim = reloaded(investigation)
    assert aid_at_stake(claim) == 5_000_000
    assert claim.severity == "severe", "what the applicant states is never changed"
    assert last_trace(claim).amount_minor == 5_000_000
    assert last_trace(claim).sources == {"severity": f"report:{finding.pk}"}
    assert claim.eligibility_checks.latest("pk").occasion == "finding"


@pytest.mark.parametrize(
    ("fact", "value", "clause", "result"),
    [
        ("icd10", "", "condition_covered", "not_met"),
        ("icd10", "J00", "condition_covered", "not_met"),
        ("severity", "", "severity", "not_met"),
        ("first_diagnosed_on", "", "membership", "unknown"),
        ("identity_proved", "no", "membership", "not_met"),
        ("identity_proved", "", "membership", "not_met"),
        ("statement_true", "no", "health_statement", "not_met"),
        ("statement_true", "yes", "health_statement", "met"),
        ("statement_true", "", "health_statement", "unknown"),
        ("ill_before_joining", "yes", "health_statement", "not_met"),
    ],
)
def test_the_clauses_follow_each_fact(
    investigation: Investigation, fact: str, value: str, clause: str, result: str
) -> None:
    find(investigation, fact, value)
    results = {finding.clause: finding.result for finding in last_trace(reloaded(investigation)).findings}
    assert results[clause] == result


def test_what_is_not_proven_has_no_amount(investigation: Investigation) -> None:
    for fact in ("icd10", "severity", "first_diagnosed_on"):
        find(investigation, fact)
        assert aid_at_stake(reloaded(investigation)) is None, fact
        find(investigation, fact, standing="withdrawn")
        assert aid_at_stake(reloaded(investigation)) == 10_000_000, fact


def test_a_form_that_the_illness_does_not_have_is_worth_nothing(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member, icd10="D05.1", severity="severe")
    assert aid_at_stake(claim) is None
    find(taken(claim, cast.investigator), "severity", "mild")
    assert aid_at_stake(claim) == 5_000_000


def test_another_day_can_mean_other_rules(cast: Cast) -> None:
    earlier = make_version_from(plan_file("xhb-2019-01-01"))
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    bend_all(
        type(cast.membership).objects.filter(pk=cast.membership.pk),
        joined_at=dt.datetime(2019, 1, 5, tzinfo=dt.UTC),
        waits_from=dt.datetime(2019, 1, 5, tzinfo=dt.UTC),
    )
    find(investigation, "first_diagnosed_on", "2019-12-31")
    assert reloaded(investigation).plan_version == earlier
    find(investigation, "first_diagnosed_on", "2020-01-01")
    assert reloaded(investigation).plan_version == cast.version


def test_another_value_replaces_and_the_old_one_stays(investigation: Investigation) -> None:
    first = find(investigation, "severity", "mild")
    second = find(investigation, "severity", "severe")
    assert (first.replaces, second.replaces) == (None, first)
    row = next(row for row in fact_rows(reloaded(investigation)) if row.name == "severity")
    assert [one.finding for one in row.findings] == [first, second]
    assert row.counting is not None
    assert row.counting.finding == second


def test_a_paper_ranks_below_the_report(investigation: Investigation, cast: Cast) -> None:
    claim = reloaded(investigation)
    (paper,) = add_files(uploads=[pdf()], kind="diagnosis", title="", by=cast.member, claim=claim)
    on_paper = find(investigation, "severity", "mild", duty="", evidence_id=paper.pk)
    assert on_paper.source == "paper"
    assert counting_facts(claim).severity == "mild"
    find(investigation, "severity", "severe")
    find(investigation, "severity", "mild", duty="", evidence_id=paper.pk)
    assert counting_facts(claim).severity == "severe"


def test_a_file_that_a_finding_rests_on_stays(investigation: Investigation, cast: Cast) -> None:
    duty = investigation.duties.get(kind="interview")
    (paper,) = add_files(uploads=[pdf()], kind="finding", title="", by=cast.investigator, duty=duty)
    find(investigation, "severity", "mild", duty="", evidence_id=paper.pk)
    with pytest.raises(EvidenceReliedOn):
        remove_evidence(evidence_id=paper.pk, by=cast.investigator)
    with pytest.raises(EvidenceNotYours):
        remove_evidence(evidence_id=0, by=cast.investigator)


def test_the_entry_identifies_the_finding_and_reveals_nothing(investigation: Investigation) -> None:
    finding = find(investigation, "severity", "mild", jury_note="Stage I.")
    entry = Entry.objects.filter(kind="finding.recorded").latest("pk")
    assert entry.body == {
        "finding": finding.pk, "round": 1, "source": "report", "is_late": False, "replaces": None,
        "digest": finding_digest(Finding.objects.get(pk=finding.pk)),
    }  # fmt: skip
    assert not {"mild", "severity", "Stage I."} & set(map(str, entry.body.values()))
    other = find(investigation, "severity", "mild", jury_note="Stage I.")
    assert finding_digest(other) != finding_digest(finding)


def test_the_values_are_encrypted(investigation: Investigation) -> None:
    find(investigation, "icd10", "C73")
    with connection.cursor() as cursor:
        cursor.execute("select value, note from adjudication_finding")
        (value, note) = cursor.fetchone()
    assert "C73" not in value
    assert "Pathology" not in note


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"fact": "weather", "value": "fine"}, FactUnknown),
        ({"fact": "severity", "value": "medium"}, FactValueUnfit),
        ({"fact": "severity", "standing": "found"}, FactValueUnfit),
        ({"fact": "icd10", "value": "C99.9"}, UnknownCode),
        ({"fact": "first_diagnosed_on", "value": "spring"}, FactDayUnfit),
        ({"fact": "first_diagnosed_on", "value": "2031-01-01"}, DiagnosisInFuture),
        ({"fact": "first_diagnosed_on", "value": "1901-01-01"}, DiagnosisBeforeBirth),
        ({"fact": "suspected_on", "value": "1901-01-01"}, SuspicionImpossible),
        ({"fact": "severity", "value": "mild", "note": " "}, FindingIncomplete),
        ({"fact": "severity", "value": "mild", "confidence": "very"}, FindingIncomplete),
        ({"fact": "severity", "standing": "withdrawn"}, NothingToWithdraw),
        ({"fact": "severity", "value": "mild", "evidence_id": 999_999}, PaperNotOfClaim),
        ({"fact": "severity", "value": "mild", "jury_note": "Wang Xiaoming was seen."}, NamesInSummary),
    ],
)
def test_what_is_refused_leaves_nothing(
    investigation: Investigation, changed: dict[str, Any], error: type[DomainError]
) -> None:
    with pytest.raises(error):
        find(investigation, **changed)
    assert not Finding.objects.exists()


def test_only_the_investigator_of_the_claim_finds(investigation: Investigation, cast: Cast) -> None:
    for user in (cast.other_investigator, cast.reviewer, cast.member):
        with pytest.raises(NotYourInvestigation):
            find(investigation, "severity", "mild", by=user)


def test_nothing_is_found_of_a_claim_that_is_over(investigation: Investigation, cast: Cast) -> None:
    withdraw_claim(claim_ref=reloaded(investigation).ref, by=cast.member)
    with pytest.raises(FindingTooLate):
        find(investigation, "severity", "mild")


@pytest.mark.parametrize(
    "statement", ["update adjudication_finding set fact = 'icd10'", "delete from adjudication_finding"]
)
def test_a_finding_is_written_once(investigation: Investigation, statement: str) -> None:
    find(investigation, "severity", "mild")
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def columns(finding: Finding) -> dict[str, Any]:
    """What another row like it would hold."""
    return {one.attname: getattr(finding, one.attname) for one in Finding._meta.concrete_fields if one.attname != "id"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"is_late": True}, "after the freeze"),
        ({"value": ""}, "a value stands"),
        ({"standing": "not_proven"}, "a value stands"),
    ],
)
def test_the_database_keeps_a_finding_to_its_moment(
    investigation: Investigation, changed: dict[str, Any], told: str
) -> None:
    finding = find(investigation, "severity", "mild")
    fields = {
        one.attname: getattr(finding, one.attname) for one in Finding._meta.concrete_fields if one.attname != "id"
    }
    with pytest.raises(DatabaseError, match=told), transaction.atomic():
        Finding.objects.create(**(fields | {"replaces_id": finding.pk} | changed))


def test_the_database_lets_a_finding_replace_only_its_like(investigation: Investigation) -> None:
    first, other = find(investigation, "severity", "mild"), find(investigation, "icd10", "C73")
    fields = columns(other)
    with pytest.raises(DatabaseError, match="same fact"), transaction.atomic():
        Finding.objects.create(**(fields | {"replaces_id": first.pk}))


@pytest.fixture
def trial() -> Trial:
    """An investigated claim in a plan whose jury judges every claim."""
    return make_trial(jurors=3)


def report_of(trial: Trial) -> Investigation:
    return trial.claim.investigations.latest("round")


def test_a_finding_after_the_freeze_changes_nothing_by_itself(trial: Trial) -> None:
    trial.draw()
    before = trial.panel.case_file
    finding = find(report_of(trial), "severity", "mild")
    assert finding.is_late
    assert counting_facts(trial.reload()).severity == "severe"
    assert trial.claim.eligibility_checks.latest("pk").occasion == "report_signed"
    assert trial.panel.case_file == before
    assert trial.vote("sss") == "jury_review"
    with pytest.raises(LateFindingWaits):
        trial.issue()


def test_a_dismissal_with_a_reason_lets_the_decision_go_on(trial: Trial) -> None:
    trial.draw()
    find(report_of(trial), "severity", "mild")
    trial.vote("sss")
    dismiss_late_findings(claim_ref=trial.claim.ref, reason="A slip: another person's record.", by=trial.cast.reviewer)
    assert late_findings(trial.claim) == []
    decision = trial.issue()
    assert (decision.outcome, decision.amount_minor) == ("approved", 30_000_000)


def test_another_look_makes_what_came_late_count(trial: Trial) -> None:
    trial.draw()
    find(report_of(trial), "severity", "mild")
    trial.vote("sss")
    order_another_look(claim_ref=trial.claim.ref, reason="The stage must be cleared.", by=trial.cast.reviewer)
    assert trial.reload().status == "under_investigation"
    assert counting_facts(trial.claim).severity == "mild"
    assert aid_at_stake(trial.claim) == 5_000_000


def test_another_look_before_the_jury_returns_the_report() -> None:
    trial = make_trial(small_cast(DISPUTED), jurors=3, report=AGAINST)
    find(report_of(trial), "severity", "mild")
    order_another_look(claim_ref=trial.claim.ref, reason="Look again.", by=trial.cast.reviewer)
    assert trial.reload().status == "under_investigation"


def test_another_look_waits_for_the_vote_that_is_open(trial: Trial) -> None:
    trial.draw()
    find(report_of(trial), "severity", "mild")
    with pytest.raises(RoundStillOpen):
        order_another_look(claim_ref=trial.claim.ref, reason="Look again.", by=trial.cast.reviewer)


def test_a_late_finding_that_is_withdrawn_waits_for_nobody(trial: Trial) -> None:
    trial.draw()
    find(report_of(trial), "severity", "mild")
    find(report_of(trial), "severity", standing="withdrawn")
    trial.vote("sss")
    assert trial.issue().outcome == "approved"


def test_who_says_what_follows(trial: Trial) -> None:
    with pytest.raises(NoLateFinding):
        dismiss_late_findings(claim_ref=trial.claim.ref, reason="None.", by=trial.cast.reviewer)
    find(report_of(trial), "severity", "mild")
    for user in (trial.cast.investigator, trial.cast.auditor, trial.cast.member):
        with pytest.raises(NotYourReview):
            dismiss_late_findings(claim_ref=trial.claim.ref, reason="No.", by=user)
    for reason in (" ", "x" * 401):
        with pytest.raises(DismissalUnfit):
            dismiss_late_findings(claim_ref=trial.claim.ref, reason=reason, by=trial.cast.reviewer)
    with pytest.raises(DismissalUnfit):
        order_another_look(claim_ref=trial.claim.ref, reason="", by=trial.cast.reviewer)


def test_an_old_investigation_finds_nothing_more(trial: Trial) -> None:
    first = report_of(trial)
    find(first, "severity", "mild")
    order_another_look(claim_ref=trial.claim.ref, reason="Look again.", by=trial.cast.reviewer)
    with pytest.raises(FindingTooLate):
        find(first, "severity", "severe")


def test_the_applicant_answers_until_something_is_decided(trial: Trial) -> None:
    ref, member = trial.claim.ref, trial.cast.member
    remark = add_remark(claim_ref=ref, text=" The report is of stage III. ", by=member)
    assert remark.text == "The report is of stage III."
    assert Entry.objects.get(kind="remark.added").body == {"remark": remark.pk}
    with pytest.raises(RemarkEmpty):
        add_remark(claim_ref=ref, text=" ", by=member)
    with pytest.raises(NotYourClaim):
        add_remark(claim_ref=ref, text="Mine too.", by=make_user())
    trial.draw()
    trial.vote("sss")
    trial.issue()
    with pytest.raises(RemarkTooLate):
        add_remark(claim_ref=ref, text="Too late.", by=member)


def test_the_suspicion_of_a_report_is_a_finding_of_it(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    record_all(investigation, cast.investigator)
    signed(investigation, cast.investigator, suspected_on=days_ago(50))
    assert counting_facts(claim).suspected_on == days_ago(50)
    assert Claim.objects.get(pk=claim.pk).suspected_on is None


def test_the_facts_of_many_take_two_queries(trial: Trial, django_assert_num_queries: Any) -> None:
    find(report_of(trial), "severity", "mild")
    claims = [Claim.objects.get(pk=trial.claim.pk)]
    with django_assert_num_queries(2):
        counting_facts_of_many(claims)
    with django_assert_num_queries(2):
        counting_facts_of_many(claims * 3)
