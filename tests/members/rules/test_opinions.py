"""What a second opinion adds to the clauses: it refutes, it settles what is open, it mends nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from members.errors.plans import PlanFileInvalid
from members.rules.eligibility import NOT_MET, check_eligibility
from members.rules.plan_types import QUESTION_SUBJECTS
from members.rules.plans import parse_plan

from .plan_files import SHIPPED, XHB_2018, XHB_2020, changed, parsed
from .test_changes import FACTS, ILL
from .test_eligibility import GOOD, at, day

STROKE_IN_WAIT = {"icd10": "I63.9", "first_diagnosed_on": day(90), "submitted_at": at(day(95))}


def result(clause: str, opinion: dict[str, bool], rules: Any = XHB_2020, **facts: Any) -> str:
    trace = check_eligibility(replace(GOOD, **facts, opinion=opinion), rules)
    return next(finding.result for finding in trace.findings if finding.clause == clause)


@pytest.mark.parametrize(
    ("clause", "subject", "facts", "without", "yes", "no"),
    [
        ("condition_covered", "condition_covered", {}, "met", "met", "not_met"),
        ("condition_covered", "condition_covered", {"icd10": "Z00"}, "not_met", "not_met", "not_met"),
        ("severity", "severity", {}, "met", "met", "not_met"),
        ("severity", "severity", {"icd10": "Z00"}, "unknown", "unknown", "unknown"),
        ("health_statement", "health_statement", {}, "met", "met", "not_met"),
        (
            "health_statement", "health_statement", {"is_health_statement_true": None}, "needs_finding", "met",
            "not_met",
        ),
        (
            "health_statement", "health_statement", {"is_health_statement_true": False}, "not_met", "not_met",
            "not_met",
        ),
        # The clause on suspected tumours asks only where the tumour was confirmed soon after the wait.
        ("suspected_tumour", "suspected_tumour", ILL, "needs_finding", "met", "not_met"),
        ("suspected_tumour", "suspected_tumour", {}, "met", "met", "met") ,
        ("suspected_tumour", "suspected_tumour", ILL | {"suspected_on": day(90)}, "not_met", "not_met", "not_met"),
        ("suspected_tumour", "suspected_tumour", {"icd10": "I63.9"}, "met", "met", "met"),
        # Earlier signs of nobody knows when leave both clauses on the wait to be found out.
        ("waiting_period", "first_diagnosis", {}, "met", "met", "needs_finding"),
        ("waiting_period", "first_diagnosis", STROKE_IN_WAIT, "not_met", "not_met", "not_met"),
        ("waiting_period", "first_diagnosis", STROKE_IN_WAIT | {"is_accident": True}, "met", "met", "met"),
        (
            "suspected_tumour", "first_diagnosis", ILL | {"is_suspicion_investigated": True}, "met", "met",
            "needs_finding",
        ),
        # An accident lifts the wait, and is a fact.
        ("waiting_period", "accident", STROKE_IN_WAIT, "not_met", "met", "not_met"),
        ("waiting_period", "accident", STROKE_IN_WAIT | {"is_accident": True}, "met", "met", "not_met"),
        ("waiting_period", "waiting_period", {}, "met", "met", "met"),
        # What no doctor can tell.
        ("age", "severity", {}, "met", "met", "met"),
        ("apply_by", "first_diagnosis", {}, "met", "met", "met"),
    ],
)  # fmt: skip
def test_what_an_answer_does(clause: str, subject: str, facts: dict[str, Any], without: str, yes: str, no: str) -> None:
    assert result(clause, {}, **facts) == without
    assert result(clause, {subject: True}, **facts) == yes
    assert result(clause, {subject: False}, **facts) == no


def test_rules_without_the_clause_ask_for_no_suspicion() -> None:
    assert result("suspected_tumour", {"suspected_tumour": False}, XHB_2018, **ILL) == "met"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FACTS)
def test_an_answer_never_mends_a_clause_that_the_facts_fail(facts: Any) -> None:
    said = {subject: answer for subject, answer in facts.opinion.items() if subject != "accident"}
    before = check_eligibility(replace(facts, opinion={}), XHB_2020)
    after = check_eligibility(replace(facts, opinion=said), XHB_2020)
    assert {one.clause for one in before.findings if one.result == NOT_MET} <= {
        one.clause for one in after.findings if one.result == NOT_MET
    }
    assert after.amount_minor == before.amount_minor


def test_sentences_name_the_professionals_in_both_languages() -> None:
    trace = check_eligibility(replace(GOOD, opinion={"severity": False}), XHB_2020)
    (finding,) = trace.not_met
    assert finding.sentence.en.endswith(
        "The professionals do not find that the plan's definition is met in this severity."
    )
    assert finding.sentence.zh.endswith("专业陪审员认为不符合本计划对该轻重程度的定义。")
    assert finding.values["opinion"] == "not_confirmed"


@pytest.mark.parametrize("rules", SHIPPED.values(), ids=str)
def test_the_shipped_plans_say_what_their_questions_bear_on(rules: Any) -> None:
    assert {question.code: question.bears_on for question in rules.opinions.questions} == {
        "diagnosis_confirmed": "condition_covered",
        "definition_met": "severity",
        "first_diagnosis_day_right": "first_diagnosis",
    }


def test_the_key_may_be_left_out_and_leaves_no_trace_then() -> None:
    rules = parsed(changed('bears_on = "severity"\n', ""))
    assert [question.bears_on for question in rules.opinions.questions] == [
        "condition_covered",
        None,
        "first_diagnosis",
    ]
    assert rules.canonical_json.count("bears_on") == 2
    assert rules.digest != XHB_2020.digest


def test_another_word_is_refused_with_file_line_and_key() -> None:
    text = changed('bears_on = "severity"', 'bears_on = "mood"')
    line = text[: text.index('bears_on = "mood"')].count("\n") + 1
    with pytest.raises(PlanFileInvalid) as refused:
        parse_plan(text, "mine.toml")
    problem = refused.value.problems[0]
    assert (problem.file, problem.line, problem.key) == ("mine.toml", line, "opinions.questions[2].bears_on")
    assert str(problem.allowed) == ", ".join(QUESTION_SUBJECTS)
