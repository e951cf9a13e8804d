"""Verdict, triggers, opinions, and the table where they meet."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jury.rules import verdicts
from jury.rules.verdicts import (
    BallotFacts,
    Choice,
    RoundFacts,
    Trigger,
)
from members.rules.plan_types import OpinionRules
from members.rules.verdicts import Opinion, RoundOutcome, Verdict

SUPPORT, AGAINST, HUNG = Verdict.SUPPORT, Verdict.AGAINST, Verdict.HUNG
YES, NO, OPEN = Opinion.CONFIRMED, Opinion.NOT_CONFIRMED, Opinion.INCONCLUSIVE
APPROVED, REJECTED = RoundOutcome.APPROVED, RoundOutcome.REJECTED
FRESH, BACK = RoundOutcome.FRESH_PANEL, RoundOutcome.REINVESTIGATE
TABLE = {
    "support": {"confirmed": "approved", "not_confirmed": "fresh_panel", "inconclusive": "reinvestigate"},
    "against": {"confirmed": "fresh_panel", "not_confirmed": "rejected", "inconclusive": "reinvestigate"},
    "hung": {"confirmed": "approved", "not_confirmed": "rejected", "inconclusive": "reinvestigate"},
}


@pytest.mark.parametrize(
    ("support", "against", "seats", "quorum", "majority", "expected"),
    [
        (16, 15, 31, 21, 5000, SUPPORT),
        (15, 16, 31, 21, 5000, AGAINST),
        (15, 15, 31, 21, 5000, HUNG),
        (11, 10, 31, 21, 5000, SUPPORT),
        (20, 0, 31, 21, 5000, HUNG),
        (0, 21, 31, 21, 5000, AGAINST),
        (0, 0, 31, 21, 5000, HUNG),
        (2, 1, 3, 3, 6666, SUPPORT),
        (2, 1, 3, 3, 6667, HUNG),
        (1, 2, 3, 3, 6667, HUNG),
        (0, 3, 3, 3, 6667, AGAINST),
        (501, 499, None, 1000, 5000, SUPPORT),
        (500, 500, None, 1000, 5000, HUNG),
        (999, 0, None, 1000, 5000, HUNG),
    ],
)
def test_the_verdict(support, against, seats, quorum, majority, expected):
    assert verdicts.verdict(support, against, seats, quorum, majority) is expected


@pytest.mark.parametrize(
    ("support", "against", "expected"),
    [(15, 15, HUNG), (16, 15, SUPPORT), (15, 16, AGAINST), (5001, 5000, SUPPORT), (5000, 5000, HUNG)],
)
def test_more_than_half_decides_where_no_majority_is_given(support, against, expected):
    assert verdicts.verdict(support, against, None, 1) is expected


@given(st.integers(0, 500), st.integers(0, 500), st.integers(1, 1000), st.integers(5000, 9999))
def test_a_verdict_has_a_quorum_and_a_side_that_changes_with_the_ballots(support, against, quorum, majority):
    found = verdicts.verdict(support, against, None, quorum, majority)
    turned = verdicts.verdict(against, support, None, quorum, majority)
    assert turned is {SUPPORT: AGAINST, AGAINST: SUPPORT, HUNG: HUNG}[found]
    if found is not HUNG:
        assert support + against >= quorum
        assert max(support, against) * 2 > support + against
    if support == against:
        assert found is HUNG


@pytest.mark.parametrize(
    ("support", "against", "seats", "quorum", "majority"),
    [(16, 16, 31, 21, 5000), (-1, 3, 31, 2, 5000), (2, 1, 3, 4, 5000), (2, 1, 3, 0, 5000)]
    + [(2, 1, 3, 2, majority) for majority in (4999, 10_000)],
)
def test_impossible_counts_are_refused(support, against, seats, quorum, majority):
    with pytest.raises(ValueError, match=r"seats|majority"):
        verdicts.verdict(support, against, seats, quorum, majority)


def test_the_margin_is_counted_in_ballots():
    assert verdicts.margin(11, 20) == verdicts.margin(20, 11) == 9


FACTS = BallotFacts(
    support=20,
    against=5,
    verdict=SUPPORT,
    recommendation=Choice.SUPPORT,
    medical_flags=4,
    aid_minor=10_000_000,
)


RULES = OpinionRules(
    triggers=(),
    thin_margin_ballots=1,
    medical_flags=5,
    aid_above_minor=None,
    professionals=3,
    hours=72,
    questions=(),
)


@pytest.mark.parametrize(
    ("triggers", "settings", "change", "met"),
    [
        ((), {}, {}, ()),
        (("always",), {}, {}, (Trigger.ALWAYS,)),
        (("opposes_investigator",), {}, {}, ()),
        (("opposes_investigator",), {}, {"recommendation": Choice.AGAINST}, (Trigger.OPPOSES_INVESTIGATOR,)),
        (("opposes_investigator",), {}, {"verdict": HUNG}, ()),
        (("thin_margin",), {"thin_margin_ballots": 15}, {}, (Trigger.THIN_MARGIN,)),
        (("thin_margin",), {"thin_margin_ballots": 14}, {}, ()),
        (("thin_margin",), {"thin_margin_ballots": 15}, {"verdict": HUNG}, ()),
        ((), {"thin_margin_ballots": 15}, {}, ()),
        (("hung",), {}, {"verdict": HUNG}, (Trigger.HUNG,)),
        (("hung",), {}, {}, ()),
        (("medical_flags",), {"medical_flags": 4}, {}, (Trigger.MEDICAL_FLAGS,)),
        (("medical_flags",), {"medical_flags": 5}, {}, ()),
        (("aid_above",), {"aid_above_minor": 9_999_999}, {}, (Trigger.AID_ABOVE,)),
        (("aid_above",), {"aid_above_minor": 10_000_000}, {}, ()),
        (("aid_above",), {"aid_above_minor": None}, {}, ()),
        (("always", "medical_flags"), {"medical_flags": 1}, {}, (Trigger.ALWAYS, Trigger.MEDICAL_FLAGS)),
        (("always", "medical_flags", "hung"), {"medical_flags": 1}, {"is_final": True}, ()),
    ],
)
def test_what_opens_a_second_opinion(triggers, settings, change, met):
    rules = dataclasses.replace(RULES, triggers=triggers, **settings)
    assert verdicts.needs_opinion(rules, dataclasses.replace(FACTS, **change)) == met


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([YES], YES),
        ([NO], NO),
        ([OPEN], OPEN),
        ([None], OPEN),
        ([], OPEN),
        ([YES, NO], OPEN),
        ([YES, YES, NO], YES),
        ([YES, NO, NO], NO),
        ([YES, YES, None], YES),
        ([YES, None, None], OPEN),
        ([YES, None], OPEN),
        ([YES, NO, OPEN], OPEN),
        ([YES, YES, NO, NO], OPEN),
    ],
)
def test_the_professionals_majority_on_one_question(answers, expected):
    assert verdicts.question_opinion(answers) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["mild", "mild", "severe"], "mild"),
        (["severe", "mild", "mild"], "mild"),
        (["mild", "severe"], None),
        (["mild", None], None),
        (["mild", None, None], None),
        (["mild", "mild", None, None], None),
        ([None, None, "mild"], None),
        ([None], None),
        ([], None),
    ],
)
def test_what_more_than_half_of_those_asked_find(values, expected):
    assert verdicts.majority_value(values) == expected


@pytest.mark.parametrize(
    ("by_question", "expected"),
    [
        ({}, OPEN),
        ({"diagnosis": [YES], "first day": [YES]}, YES),
        ({"diagnosis": [YES], "first day": [NO]}, NO),
        ({"diagnosis": [YES], "first day": [None]}, OPEN),
        ({"diagnosis": [None], "first day": [NO]}, NO),
    ],
)
def test_the_opinion_on_all_questions(by_question, expected):
    assert verdicts.combined_opinion(by_question) is expected


@pytest.mark.parametrize(
    ("verdict", "opinion", "first_time", "after_investigation"),
    [
        (SUPPORT, YES, APPROVED, APPROVED),
        (SUPPORT, NO, FRESH, FRESH),
        (SUPPORT, OPEN, BACK, APPROVED),
        (AGAINST, YES, FRESH, FRESH),
        (AGAINST, NO, REJECTED, REJECTED),
        (AGAINST, OPEN, BACK, REJECTED),
        (HUNG, YES, APPROVED, APPROVED),
        (HUNG, NO, REJECTED, REJECTED),
    ],
)
@pytest.mark.parametrize("recommendation", Choice)
def test_the_decision_table(verdict, opinion, first_time, after_investigation, recommendation):
    facts = RoundFacts(recommendation)
    assert verdicts.outcome(verdict, opinion, facts, TABLE) is first_time
    again = dataclasses.replace(facts, was_investigated_again=True)
    assert verdicts.outcome(verdict, opinion, again, TABLE) is after_investigation


@pytest.mark.parametrize(("recommendation", "expected"), [(Choice.SUPPORT, APPROVED), (Choice.AGAINST, REJECTED)])
def test_a_hung_panel_without_an_answer_ends_with_the_investigators_recommendation(recommendation, expected):
    facts = RoundFacts(recommendation)
    assert verdicts.outcome(HUNG, None, facts, TABLE) is expected
    assert verdicts.outcome(HUNG, OPEN, facts, TABLE) is BACK
    again = dataclasses.replace(facts, was_investigated_again=True)
    assert verdicts.outcome(HUNG, OPEN, again, TABLE) is expected
    assert verdicts.outcome(HUNG, None, dataclasses.replace(facts, is_final=True), TABLE) is expected


@pytest.mark.parametrize("recommendation", Choice)
@pytest.mark.parametrize("opinion", [*Opinion, None])
@pytest.mark.parametrize(("verdict", "expected"), [(SUPPORT, APPROVED), (AGAINST, REJECTED)])
def test_a_final_verdict_stands_whatever_the_opinion(verdict, expected, opinion, recommendation):
    assert verdicts.outcome(verdict, opinion, RoundFacts(recommendation, is_final=True), TABLE) is expected


@pytest.mark.parametrize(("verdict", "expected"), [(SUPPORT, APPROVED), (AGAINST, REJECTED)])
def test_a_verdict_without_an_opinion_stands(verdict, expected):
    assert verdicts.outcome(verdict, None, RoundFacts(Choice.AGAINST), TABLE) is expected


@pytest.mark.parametrize(("opinion", "expected"), [(YES, APPROVED), (NO, REJECTED), (OPEN, BACK)])
def test_a_final_panel_that_is_hung_takes_the_hung_row(opinion, expected):
    assert verdicts.outcome(HUNG, opinion, RoundFacts(Choice.AGAINST, is_final=True), TABLE) is expected


def test_a_plans_own_table_is_followed():
    table = {**TABLE, "support": {**TABLE["support"], "not_confirmed": "rejected"}}
    assert verdicts.outcome(SUPPORT, NO, RoundFacts(Choice.SUPPORT), table) is REJECTED
    assert verdicts.outcome(AGAINST, YES, RoundFacts(Choice.SUPPORT), table) is FRESH


def test_no_plan_can_order_panels_without_end():
    table = {row: dict.fromkeys(Opinion, "fresh_panel") for row in Verdict}
    facts = RoundFacts(Choice.AGAINST, is_final=True)
    for verdict in Verdict:
        for opinion in Opinion:
            assert verdicts.outcome(verdict, opinion, facts, table) in {APPROVED, REJECTED}
