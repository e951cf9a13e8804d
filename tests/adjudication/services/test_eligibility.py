"""The clauses are asked again as facts arrive, every run is a row, and the reasons of a decision come from them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from adjudication.errors.decisions import NothingToDecide
from adjudication.models import Claim, EligibilityCheck
from adjudication.selectors.checks import check_steps
from adjudication.selectors.decisions import proposed_decision
from adjudication.selectors.facts import facts_of, facts_of_many
from adjudication.services.advancing import advance_claim
from adjudication.services.eligibility import ON_DECISION, check_again
from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from jury.models import Opinion
from jury.services.opinions import close_request, give_opinion
from members.models import Membership
from tests.adjudication.deciding import make_decided_claim
from tests.adjudication.making import days_ago
from tests.adjudication.trials import Trial, make_trial, small_cast
from tests.bent import bend_all

pytestmark = pytest.mark.django_db
AGAINST = {"recommendation": "against", "reason_codes": ["not_proved"]}


def occasions(claim: Claim) -> list[str]:
    return list(claim.eligibility_checks.order_by("pk").values_list("occasion", flat=True))


def changed(claim: Claim) -> list[tuple[str, str | None, str | None]]:
    """What the last run changed."""
    return [
        (change.clause, change.before.result if change.before else None, change.after.result if change.after else None)
        for change in check_steps(claim)[-1].changes
    ]


def answer(trial: Trial, *answers: dict[str, str]) -> None:
    """Each doctor's answers; a question not named is answered yes. Who has none stays silent."""
    given = Opinion.objects.filter(request=trial.request).order_by("pk").select_related("professional")
    for opinion, said in zip(given, answers, strict=False):
        full = {question["code"]: said.get(question["code"], "yes") for question in trial.request.questions}
        give_opinion(opinion_id=opinion.pk, answers=full, reasons="Seen.", by=opinion.professional)


@pytest.fixture
def at_doctors() -> Trial:
    """A narrow vote: three doctors are asked."""
    trial = make_trial(jurors=3)
    trial.draw()
    assert trial.vote("ssa") == "second_opinion"
    return trial


def test_a_closed_opinion_asks_the_clauses_again_with_an_entry(at_doctors: Trial) -> None:
    trial = at_doctors
    assert occasions(trial.claim) == ["submitted", "report_signed"]
    trial.opine("no")
    assert occasions(trial.claim) == ["submitted", "report_signed", "opinion_closed"]
    check = trial.claim.eligibility_checks.latest("pk")
    assert check.outcome == "not_eligible"
    entry = Entry.objects.filter(kind="eligibility.checked", stream=trial.claim.stream).latest("pk")
    assert (entry.body["check"], entry.body["occasion"]) == (check.pk, "opinion_closed")
    assert entry.body["not_met"] == ["condition_covered", "severity"]
    assert changed(trial.claim) == [
        ("condition_covered", "met", "not_met"),
        ("severity", "met", "not_met"),
        ("waiting_period", "met", "needs_finding"),
    ]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        # Two of three decide; one of three is no majority of those asked.
        (({"definition_met": "no"}, {"definition_met": "no"}, {}), ("severity", "met", "not_met")),
        (({"definition_met": "no"}, {}, {}), ("severity", "met", "met")),
        (({"definition_met": "unsure"}, {"definition_met": "unsure"}, {}), None),
        (({"definition_met": "no"}, {}, {"definition_met": "unsure"}), None),
    ],
)
def test_the_majority_of_those_asked_counts_question_by_question(
    at_doctors: Trial, answers: tuple[dict[str, str], ...], expected: tuple[str, str, str] | None
) -> None:
    answer(at_doctors, *answers)
    at_doctors.advance()
    found = {clause: (clause, before, after) for clause, before, after in changed(at_doctors.claim)}
    assert found.get("severity") == expected


def test_a_request_without_opinions_changes_nothing_but_is_recorded_as_a_run(at_doctors: Trial) -> None:
    bend_all(type(at_doctors.request).objects.all(), due_at=clock.now())
    at_doctors.advance()
    assert occasions(at_doctors.claim)[2] == "opinion_closed"
    assert check_steps(at_doctors.claim)[2].changes == ()


def test_nothing_of_an_opinion_counts_before_it_is_closed(at_doctors: Trial) -> None:
    answer(at_doctors, {"definition_met": "no"}, {"definition_met": "no"})
    assert facts_of(at_doctors.claim).opinion == {}
    at_doctors.advance()
    assert occasions(at_doctors.claim) == ["submitted", "report_signed"]


def test_an_opinion_closed_by_hand_is_asked_of_the_clauses_once(at_doctors: Trial) -> None:
    answer(at_doctors, {}, {}, {})
    close_request(request_id=at_doctors.request.pk, by=SYSTEM)
    for _ in range(3):
        advance_claim(claim_id=at_doctors.claim.pk)
    assert occasions(at_doctors.claim) == ["submitted", "report_signed", "opinion_closed"]


def test_questions_that_bear_on_nothing_change_nothing() -> None:
    silent = {f'bears_on = "{subject}"\n': "" for subject in ("condition_covered", "severity", "first_diagnosis")}
    trial = make_trial(small_cast(silent), jurors=3)
    trial.draw()
    trial.vote("ssa")
    trial.opine("no")
    assert changed(trial.claim) == []


@pytest.mark.parametrize(
    ("one", "other", "heard"),
    [
        ("yes", "yes", {"severity": True}),
        ("yes", "no", {"severity": False}),
        ("no", "unsure", {"severity": False}),
        ("yes", "unsure", {}),
    ],
)
def test_several_questions_on_one_thing(one: str, other: str, heard: dict[str, bool]) -> None:
    bear = {'bears_on = "condition_covered"': 'bears_on = "severity"', 'bears_on = "first_diagnosis"\n': ""}
    trial = make_trial(small_cast(bear), jurors=3)
    trial.draw()
    trial.vote("ssa")
    said = {"diagnosis_confirmed": one, "definition_met": other}
    answer(trial, said, said, said)
    trial.advance()
    assert facts_of(trial.claim).opinion == heard


def test_facts_of_many_take_as_many_queries_as_of_one(
    at_doctors: Trial, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    at_doctors.opine("no")
    claims = list(Claim.objects.select_related("membership__person", "plan_version").filter(pk=at_doctors.claim.pk))
    others = [make_decided_claim(at_doctors.version) for _ in range(3)]
    with django_assert_num_queries(8):
        facts_of_many(claims)
    more = list(Claim.objects.select_related("membership__person", "plan_version"))
    assert len(more) == len(others) + 1
    with django_assert_num_queries(8):
        found = facts_of_many(more)
    assert found[at_doctors.claim.pk].opinion["severity"] is False
    assert all(found[one.pk].opinion == {} for one in others)


def test_a_decision_gives_every_clause_that_is_not_met_and_the_reports_and_the_jurys_reasons() -> None:
    # A mild thyroid cancer, which the rules exclude, inside the wait, claimed by somebody who did not tell the truth.
    cast = small_cast()
    joined_at = clock.now() - dt.timedelta(days=60)
    bend_all(Membership.objects.filter(pk=cast.membership.pk), joined_at=joined_at, waits_from=joined_at)
    cast.membership.refresh_from_db()
    report = {"recommendation": "against", "reason_codes": ["health_statement", "not_proved"]}
    trial = make_trial(cast, jurors=3, report=report, icd10="C73", severity="mild", first_diagnosed_on=days_ago(10))
    trial.draw()
    trial.vote("aaa", reason_codes=["not_cooperating"])
    assert trial.issue().reason_codes == [
        "exclusion", "waiting_period", "health_statement", "not_proved", "not_cooperating",
    ]  # fmt: skip


def test_the_doctors_answer_is_among_the_reasons() -> None:
    trial = make_trial(jurors=3, report=AGAINST)
    trial.draw()
    trial.vote("aas")
    answer(trial, *[{"definition_met": "no"}] * 3)
    trial.advance()
    decision = trial.issue()
    assert decision.outcome == "rejected"
    assert decision.reason_codes == ["severity", "not_proved"]
    assert decision.eligibility_check.occasion == "opinion_closed"


def test_facts_that_changed_by_the_decision_are_asked_then_and_stored_with_it() -> None:
    trial = make_trial(jurors=3, report=AGAINST)
    trial.draw()
    trial.vote("aaa")
    # The member left before the day on the report, which nobody knew when the report was signed.
    left_at = clock.now() - dt.timedelta(days=41)
    Membership.objects.filter(pk=trial.cast.membership.pk).update(left_at=left_at, end_reason="left")
    claim = trial.reload()
    proposal = proposed_decision(claim)
    assert proposal is not None
    assert [change.clause for change in proposal.changes] == ["membership"]
    assert proposal.reason_codes == ("membership", "not_proved")
    assert occasions(claim) == ["submitted", "report_signed"], "looking stores nothing"

    decision = trial.issue()
    assert decision.reason_codes == ["membership", "not_proved"]
    assert decision.eligibility_check.occasion == "decision"
    assert occasions(claim) == ["submitted", "report_signed", "decision"]
    assert changed(claim) == [("membership", "met", "not_met")]


def test_a_decision_on_unchanged_facts_adds_no_run() -> None:
    trial = make_trial(jurors=3)
    trial.draw()
    trial.vote("sss")
    decision = trial.issue()
    assert decision.eligibility_check.occasion == "report_signed"
    assert occasions(trial.claim) == ["submitted", "report_signed"]


def test_aid_that_was_paid_on_the_membership_meanwhile_is_seen() -> None:
    trial = make_trial(jurors=3)
    check = check_again(claim=trial.claim, occasion=ON_DECISION, by=SYSTEM)
    assert check.occasion == "report_signed"
    Membership.objects.filter(pk=trial.cast.membership.pk).update(left_at=clock.now(), end_reason="aided")
    trial.reload()
    again = check_again(claim=trial.claim, occasion=ON_DECISION, by=SYSTEM)
    assert (again.occasion, again.outcome) == ("decision", "not_eligible")
    assert changed(trial.claim) == [("aided_before", "met", "not_met")]
    assert check_again(claim=trial.claim, occasion=ON_DECISION, by=SYSTEM) == again
    assert EligibilityCheck.objects.filter(claim=trial.claim).count() == 3


def test_an_issue_that_is_refused_stores_no_run() -> None:
    trial = make_trial(jurors=3)
    trial.draw()
    Membership.objects.filter(pk=trial.cast.membership.pk).update(
        left_at=clock.now() - dt.timedelta(days=41), end_reason="left"
    )
    with pytest.raises(NothingToDecide):
        trial.issue()
    assert occasions(trial.claim) == ["submitted", "report_signed"]


def test_a_fresh_panels_file_holds_what_the_doctors_found() -> None:
    trial = make_trial(jurors=11)
    trial.draw()
    trial.vote("ssa")
    first = {one["clause"]: one for one in trial.panel.case_file["clauses"]}
    trial.opine("no")
    file: dict[str, Any] = trial.panel.case_file
    again = {one["clause"]: one for one in file["clauses"]}
    assert (first["severity"]["result"], again["severity"]["result"]) == ("met", "not_met")
    assert "professionals" in again["severity"]["sentence"]["en"]


def test_steps_are_shown_in_order_with_counts() -> None:
    trial = make_trial(jurors=3)
    filed, report = check_steps(trial.claim)
    assert (filed.is_first, filed.occasion, filed.changes) == (True, "The claim was filed", ())
    assert (filed.met, filed.not_met, filed.still_open) == (13, 0, 1)
    assert (report.is_first, report.occasion) == (False, "The report was signed")
    assert [change.clause for change in report.changes] == ["health_statement"]


def test_a_run_of_another_release_is_shown_by_its_own_name() -> None:
    claim = make_decided_claim(small_cast().version)
    EligibilityCheck.objects.create(
        claim=claim, plan_version=claim.plan_version, occasion="full_moon", outcome="eligible",
        trace=claim.eligibility_checks.get().trace, checked_at=clock.now(),
    )  # fmt: skip
    assert check_steps(claim)[-1].occasion == "full_moon"
