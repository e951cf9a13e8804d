"""Joining ages, the health statement, and what somebody who leaves still owes."""

from __future__ import annotations

import datetime as dt

import pytest

from members.rules.joining import (
    TOO_OLD,
    TOO_YOUNG,
    joining_age,
    notices_still_owed,
    refused_questions,
    unanswered_questions,
)
from members.rules.plans import PlanRules, parse_plan
from tests.factories import SHANGHAI, plan_file

JOINED_ON = dt.date(2020, 3, 1)


@pytest.fixture(scope="module")
def rules() -> PlanRules:
    return parse_plan(plan_file("xhb-2020-01-01"), "xhb-2020-01-01")


@pytest.fixture(scope="module")
def senior() -> PlanRules:
    return parse_plan(plan_file("xhb-senior-2019-05-01"), "xhb-senior-2019-05-01")


@pytest.mark.parametrize(
    ("born_on", "problem"),
    [
        (dt.date(2020, 2, 1), TOO_YOUNG),  # 29 days old
        (dt.date(2020, 1, 31), None),  # 30 days old
        (dt.date(1960, 3, 2), None),  # 59 years, 60 tomorrow
        (dt.date(1960, 3, 1), TOO_OLD),  # 60 today
        (dt.date(2020, 3, 1), TOO_YOUNG),
    ],
)
def test_age_limits_include_both_ends(rules: PlanRules, born_on: dt.date, problem: str | None) -> None:
    assert joining_age(rules, born_on, JOINED_ON).problem == problem


@pytest.mark.parametrize(
    ("born_on", "problem"),
    [
        (dt.date(1960, 3, 2), TOO_YOUNG),
        (dt.date(1960, 3, 1), None),
        (dt.date(1949, 3, 2), None),
        (dt.date(1949, 3, 1), TOO_OLD),
    ],
)
def test_a_plan_may_begin_at_an_age_in_years(senior: PlanRules, born_on: dt.date, problem: str | None) -> None:
    assert joining_age(senior, born_on, JOINED_ON).problem == problem


def test_the_health_statement_names_what_is_missing_and_what_forbids(rules: PlanRules) -> None:
    answers = {question.code: question.allowed_answer for question in rules.join.health_questions}
    assert unanswered_questions(rules, answers) == ()
    assert refused_questions(rules, answers) == ()
    first, second, *_rest = rules.join.health_questions
    assert unanswered_questions(rules, {k: v for k, v in answers.items() if k != first.code}) == (first,)
    assert refused_questions(rules, answers | {second.code: not second.allowed_answer}) == (second,)


def at(day: int, hour: int = 0, minute: int = 0, month: int = 6) -> dt.datetime:
    return dt.datetime(2021, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("joined_at", "left_at", "owed"),
    [
        (at(1, month=1), at(6, 23, 59), []),  # before the count
        (at(1, month=1), at(7), [dt.date(2021, 6, 7)]),  # in the moment of the count: counted
        (at(1, month=1), at(13, 23, 59), [dt.date(2021, 6, 7)]),
        (at(1, month=1), at(14), []),  # the charge day has begun: charged, no longer open
        (at(7), at(8), []),  # joined in the moment of the count: not counted
        (at(6, 23, 59), at(8), [dt.date(2021, 6, 7)]),
        (at(1, month=1), at(27), [dt.date(2021, 6, 21)]),
        (at(1, month=1), at(1, month=7), []),
    ],
)
def test_leaving_after_the_count_still_pays_that_period(
    rules: PlanRules, joined_at: dt.datetime, left_at: dt.datetime, owed: list[dt.date]
) -> None:
    assert list(notices_still_owed(rules, joined_at, left_at)) == owed


def test_a_charge_day_in_the_next_month_keeps_the_period_open_over_the_turn_of_the_year() -> None:
    source = plan_file("xhb-2020-01-01").replace("notice_days = [7, 21]", "notice_days = [7, 25]")
    late = parse_plan(source.replace("charge_days = [14, 28]", "charge_days = [14, 3]"), "late.toml")
    left_at = dt.datetime(2022, 1, 2, 12, tzinfo=SHANGHAI)
    assert notices_still_owed(late, at(1, month=1), left_at) == (dt.date(2021, 12, 25),)
