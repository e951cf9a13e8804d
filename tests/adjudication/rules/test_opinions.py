"""What an opinion means once its facts are known."""

from __future__ import annotations

import pytest

from adjudication.rules.opinions import opinion_on_facts
from members.rules.plan_types import Question, Text
from members.rules.verdicts import Opinion

YES, NO, UNSURE = Opinion
TEXT = Text("?", "？")
QUESTIONS = (Question("a", TEXT, "condition_covered"), Question("b", TEXT, "severity"), Question("c", TEXT))


@pytest.mark.parametrize(
    ("a", "b", "c", "found", "is_payable", "expected"),
    [
        (YES, YES, YES, ["severity"], True, YES),
        (YES, NO, YES, ["severity"], True, YES),
        (YES, UNSURE, YES, ["severity"], True, YES),
        (YES, NO, YES, ["severity"], False, NO),
        (NO, NO, YES, ["severity"], True, NO),
        (UNSURE, NO, YES, ["severity"], True, UNSURE),
        (NO, NO, YES, ["severity", "icd10"], True, YES),
        # A question that bears on nothing is settled by no fact.
        (YES, YES, NO, ["severity", "icd10"], True, NO),
        # Without facts the conclusion is the jury room's.
        (YES, NO, YES, [], True, NO),
    ],
)
def test_a_fact_settles_the_question_that_it_answers(
    a: Opinion, b: Opinion, c: Opinion, found: list[str], is_payable: bool, expected: Opinion
) -> None:
    answers = {"a": a, "b": b, "c": c}
    assert opinion_on_facts(NO, answers, QUESTIONS, found, is_payable=is_payable) == expected


def test_a_question_that_nobody_answered_is_open() -> None:
    assert opinion_on_facts(UNSURE, {"a": YES, "b": YES}, QUESTIONS, ["severity"], is_payable=True) == UNSURE
