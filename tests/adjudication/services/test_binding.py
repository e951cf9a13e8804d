"""Clauses that bind: no jury approves against one; back to investigation once, then rejected, the applicant heard."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from adjudication.errors.answers import AnswerUnknown, NoAnswerAwaited, WordsMissing
from adjudication.errors.claims import TextTooLong
from adjudication.models import Answer, Claim
from adjudication.selectors.answers import latest_answer
from adjudication.selectors.binding import unmet_binding
from adjudication.selectors.board import ready_for_decision
from adjudication.selectors.decisions import proposed_decision
from adjudication.services.answers import answer_report
from adjudication.services.investigations import return_report
from audit import clock
from audit.models import Entry
from members.models import Membership
from members.rules.plans import PlanRules
from tests.adjudication.making import found, kinds, record_all, signed, taken
from tests.adjudication.trials import AGAINST, CLAUSES_THAT_BIND, DISPUTED, NONE_BINDS, Trial, make_trial, small_cast
from tests.members.rules.plan_files import SHIPPED
from tests.members.serving import notices, send
from tests.moving import move_clock

pytestmark = pytest.mark.django_db

MILD_THYROID = {"icd10": "C73", "severity": "mild"}
"""Excluded by the rules of 2020."""
BY_EXCLUSION = {"recommendation": "against", "reason_codes": ["exclusion"]}


@pytest.fixture
def approved_by_all() -> Trial:
    """Jury and doctors are for a claim that an exclusion takes out of the cover."""
    return approved_against_a_clause()


def approved_against_a_clause(changed: dict[str, str] | None = None) -> Trial:
    trial = make_trial(small_cast(changed), jurors=11, report=BY_EXCLUSION, **MILD_THYROID)
    trial.draw()
    trial.vote("sss")
    trial.opine("yes")
    return trial


def second_report(trial: Trial, *findings: tuple[str, str], **report: object) -> str:
    investigation = taken(trial.claim, trial.cast.investigator)
    record_all(investigation, trial.cast.investigator)
    for fact, value in findings:
        found(investigation, fact, value)
    signed(investigation, trial.cast.investigator, **(BY_EXCLUSION | report))
    return trial.advance()


@pytest.mark.parametrize("rules", SHIPPED.values(), ids=SHIPPED)
def test_the_shipped_histories_bind_what_no_jury_can_judge(rules: PlanRules) -> None:
    assert rules.claims.binding == CLAUSES_THAT_BIND
    assert (rules.format, rules.revision) == (3, 3)


def test_an_approval_against_a_clause_that_binds_goes_back_for_that_fact(approved_by_all: Trial) -> None:
    claim = approved_by_all.claim
    assert claim.status == "under_investigation"
    again = claim.investigations.latest("round")
    assert (again.round, again.reason, again.for_clauses) == (2, "clause_not_met", ["exclusion"])
    entry = Entry.objects.get(kind="claim.reinvestigated", stream=claim.stream)
    assert entry.body == {"round": 2, "clauses": ["exclusion"]}


def test_the_next_report_leaves_it_unmet_and_the_applicant_is_heard_before_the_rejection(
    approved_by_all: Trial,
) -> None:
    trial = approved_by_all
    assert second_report(trial) == "investigated"
    answer = latest_answer(trial.claim)
    assert answer is not None
    assert (answer.status, answer.clauses) == ("asked", ["exclusion"])
    assert trial.claim.due_at == answer.due_at
    assert proposed_decision(trial.claim) is None
    answer_report(claim_ref=trial.claim.ref, choice="heard", words=" It has spread. ", by=trial.cast.member)
    trial.advance()
    assert latest_answer(trial.claim).words == "It has spread."  # type: ignore[union-attr]
    assert list(ready_for_decision(trial.cast.reviewer)) == [trial.claim]
    decision = trial.issue()
    assert (decision.outcome, decision.amount_minor, decision.hearing) == ("rejected", None, None)
    assert decision.basis == {"rule": "binding_clause", "clauses": ["exclusion"], "answer": "heard"}
    assert decision.reason_codes == ["exclusion"]
    assert kinds(trial.claim)[-3:] == ["clause.announced", "answer.heard", "decision.issued"]


def test_nothing_is_said_in_time_and_the_rejection_can_be_issued(approved_by_all: Trial) -> None:
    trial = approved_by_all
    second_report(trial)
    send(*notices(trial.claim.stream, "clause.announced"))
    move_clock(days=15)
    trial.advance()
    assert latest_answer(trial.claim).status == "asked"  # type: ignore[union-attr]
    move_clock(days=1)
    trial.advance()
    assert trial.issue().basis["answer"] == "silent"


def test_the_next_report_finds_the_fact_and_a_jury_judges_again(approved_by_all: Trial) -> None:
    trial = approved_by_all
    report = {"recommendation": "support", "reason_codes": ["evidence_convincing"]}
    assert second_report(trial, ("severity", "severe"), **report) == "jury_review"
    assert latest_answer(trial.claim) is None
    trial.draw()
    trial.vote("sss")
    decision = trial.issue()
    assert (decision.outcome, decision.amount_minor) == ("approved", 30_000_000)


def test_once_for_each_clause_and_apart_from_an_opinion_that_is_inconclusive(approved_by_all: Trial) -> None:
    trial = approved_by_all
    report = {"recommendation": "support", "reason_codes": ["evidence_convincing"]}
    second_report(trial, ("severity", "severe"), **report)
    trial.draw()
    trial.vote("aaa")
    assert trial.opine("unsure") == "under_investigation"
    assert [one.reason for one in trial.claim.investigations.order_by("round")][1:] == [
        "clause_not_met", "opinion_inconclusive",
    ]  # fmt: skip
    # Found mild again: the clause has had its one return.
    assert second_report(trial, ("severity", "mild")) == "investigated"
    assert latest_answer(trial.claim).clauses == ["exclusion"]  # type: ignore[union-attr]


def test_a_clause_that_cannot_be_judged_is_not_met() -> None:
    trial = make_trial(jurors=3, findings=[("icd10", "")], report=AGAINST)
    assert {finding.clause for finding in unmet_binding(trial.claim)} == {
        "condition_covered", "severity", "exclusion",
    }  # fmt: skip


def test_a_version_that_binds_nothing_leaves_everything_to_the_jury() -> None:
    trial = approved_against_a_clause(NONE_BINDS)
    decision = trial.issue()
    assert (decision.outcome, decision.amount_minor) == ("approved", 5_000_000)
    assert unmet_binding(trial.claim) == ()


def test_a_clause_that_is_judged_is_the_jurys() -> None:
    trial = make_trial(jurors=3, findings=[("statement_true", "no")], report=AGAINST)
    trial.draw()
    trial.vote("sss")
    trial.opine("yes")
    assert trial.issue().outcome == "approved"


@pytest.mark.parametrize(("changed", "is_proposed"), [(DISPUTED, False), (DISPUTED | NONE_BINDS, True)])
def test_nothing_is_approved_uncontested_against_a_clause_that_binds(
    changed: dict[str, str], is_proposed: bool
) -> None:
    # The clause comes to bind after the signature: nobody signs support against one.
    trial = make_trial(small_cast(changed), jurors=3)
    Membership.objects.filter(pk=trial.claim.membership_id).update(left_at=clock.now(), end_reason="aided")
    trial.reload()
    trial.advance()
    assert (proposed_decision(trial.claim) is not None) == is_proposed
    answer = latest_answer(trial.claim)
    assert (answer is None) == is_proposed


def test_what_doctors_answer_yes_or_no_is_the_tables_and_binds_nothing() -> None:
    trial = make_trial(jurors=11)
    trial.draw()
    trial.vote("ssa")
    trial.opine("no")
    trial.draw()
    trial.vote("sssssaa")
    assert trial.issue().outcome == "approved"


def test_who_is_heard_on_a_clause_cannot_ask_for_the_jury(approved_by_all: Trial) -> None:
    trial = approved_by_all
    second_report(trial)
    ref, member = trial.claim.ref, trial.cast.member
    for choice, words, error in [
        ("jury", "", AnswerUnknown), ("heard", " ", WordsMissing), ("heard", "x" * 4001, TextTooLong),
    ]:  # fmt: skip
        with pytest.raises(error):
            answer_report(claim_ref=ref, choice=choice, words=words, by=member)
    answer_report(claim_ref=ref, choice="accepted", by=member)
    with pytest.raises(NoAnswerAwaited):
        answer_report(claim_ref=ref, choice="heard", words="Late.", by=member)
    trial.advance()
    assert trial.issue().basis["answer"] == "accepted"


def test_who_is_asked_about_the_jury_is_not_heard_on_a_clause() -> None:
    trial = make_trial(small_cast(DISPUTED), jurors=3, report=AGAINST)
    trial.advance()
    with pytest.raises(AnswerUnknown):
        answer_report(claim_ref=trial.claim.ref, choice="heard", words="No.", by=trial.cast.member)


def test_a_report_returned_after_the_applicant_spoke_is_followed_by_another_hearing(approved_by_all: Trial) -> None:
    trial = approved_by_all
    second_report(trial)
    answer_report(claim_ref=trial.claim.ref, choice="heard", words="It has spread.", by=trial.cast.member)
    return_report(claim_ref=trial.claim.ref, reason="Ask the second hospital.", by=trial.cast.reviewer)
    trial.reload()
    assert second_report(trial) == "investigated"
    answer = latest_answer(trial.claim)
    assert answer is not None
    assert (answer.status, answer.clauses, answer.investigation.round) == ("asked", ["exclusion"], 3)


def test_the_database_rejects_nobody_unheard_by_a_clause(approved_by_all: Trial) -> None:
    trial = approved_by_all
    second_report(trial)
    claim = Claim.objects.get(pk=trial.claim.pk)
    claim.reject_by_clause()
    with pytest.raises(DatabaseError, match="heard"), transaction.atomic():
        claim.save(update_fields=["status"])


def test_the_database_takes_no_jury_over_a_clause(approved_by_all: Trial) -> None:
    trial = approved_by_all
    second_report(trial)
    answer = Answer.objects.get(investigation__claim=trial.claim)
    answer.ask_for_jury()
    answer.ended_at, answer.answered_by = answer.asked_at, trial.cast.member
    with pytest.raises(DatabaseError, match="no_jury_over_a_clause_that_binds"), transaction.atomic():
        answer.save(update_fields=["status", "ended_at", "answered_by"])


def test_the_applicant_reads_the_clause_and_speaks_on_the_page(client: Client, approved_by_all: Trial) -> None:
    trial = approved_by_all
    second_report(trial)
    client.force_login(trial.cast.member)
    assert "would be rejected by a clause" in client.get(reverse("home")).content.decode()
    address = reverse("claim_answer", args=[trial.claim.ref])
    page = client.get(address).content.decode()
    assert "Excluded by clause 5.1" in page
    assert "A jury of members should judge the claim" not in page
    refused = client.post(address, {"choice": "heard", "words": ""})
    assert refused.status_code == 409
    client.post(address, {"choice": "heard", "words": "It has spread."})
    trial.advance()
    client.force_login(trial.cast.reviewer)
    for name in ("board_claim", "decision_issue"):
        shown = client.get(reverse(name, args=[trial.claim.ref])).content.decode()
        assert ("It has spread." in shown) == (name == "board_claim")
    assert "The applicant was heard." in shown


def test_the_investigator_reads_for_which_clause_it_came_back(client: Client, approved_by_all: Trial) -> None:
    trial = approved_by_all
    investigation = taken(trial.claim, trial.cast.investigator)
    client.force_login(trial.cast.investigator)
    page = client.get(reverse("investigation_detail", args=[investigation.pk])).content.decode()
    assert "Clauses that bind are not met: Not excluded." in page


def test_the_api_takes_what_the_applicant_says(client: Client, approved_by_all: Trial) -> None:
    trial = approved_by_all
    second_report(trial)
    client.force_login(trial.cast.member)
    address = reverse("api-claim-answer", args=[trial.claim.ref])
    body = {"choice": "heard", "words": "It has spread."}
    shown = client.post(address, body, content_type="application/json").json()
    assert shown["next_step"]["awaits_answer"] is False
