"""Who may join, judged on the day of joining, and what somebody who leaves still has to pay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from members.rules.dates import completed_years, days_after, local_day, start_of_day
from members.rules.plan_types import HealthQuestion, PlanRules
from members.rules.plans import charge_on_for

TOO_YOUNG = "too_young"
TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True)
class AgeFinding:
    """What the joining age says: None for `problem` when it is met; the age in days and in completed years."""

    problem: str | None
    age_days: int
    age_years: int


def joining_age(rules: PlanRules, born_on: date, joined_on: date) -> AgeFinding:
    """Whether the age on the day of joining is within the plan's limits, youngest and oldest included.

    Raises ValueError for a day before the birth.
    """
    age_years = completed_years(born_on, joined_on)
    age_days = days_after(born_on, joined_on)
    if age_days < rules.join.age_min_days or age_years < rules.join.age_min_years:
        return AgeFinding(TOO_YOUNG, age_days, age_years)
    if age_years > rules.join.age_max_years:
        return AgeFinding(TOO_OLD, age_days, age_years)
    return AgeFinding(None, age_days, age_years)


def unanswered_questions(rules: PlanRules, answers: Mapping[str, bool]) -> tuple[HealthQuestion, ...]:
    """The questions of the health statement that have no answer."""
    return tuple(question for question in rules.join.health_questions if question.code not in answers)


def refused_questions(rules: PlanRules, answers: Mapping[str, bool]) -> tuple[HealthQuestion, ...]:
    """The questions whose answer does not allow joining."""
    return tuple(
        question
        for question in rules.join.health_questions
        if question.code in answers and answers[question.code] is not question.allowed_answer
    )


def notices_still_owed(rules: PlanRules, joined_at: datetime, left_at: datetime) -> tuple[date, ...]:
    """The notice days whose period somebody who leaves at `left_at` still pays, oldest first.

    Members are counted at 00:00 of the notice day (`joined_at` before it, `left_at` not before it); the period is
    open until its charge day begins. So leaving on the notice day itself, after midnight, still pays.
    """
    today = local_day(left_at, rules.timezone)
    owed = []
    for notice_on in _notice_days_around(rules, today):
        counted_at = start_of_day(notice_on, rules.timezone)
        charged_at = start_of_day(charge_on_for(rules, notice_on), rules.timezone)
        # Leaving at 00:00 of the notice day still counts as a member, joining at 00:00 does not: so `<=` and `<`.
        if joined_at < counted_at <= left_at < charged_at:
            owed.append(notice_on)
    return tuple(owed)


def _notice_days_around(rules: PlanRules, on: date) -> list[date]:
    """The notice days of this month and the one before: a charge follows its notice within a month."""
    first = on.replace(day=1)
    before = date(first.year - (first.month == 1), 12 if first.month == 1 else first.month - 1, 1)
    return [month.replace(day=day) for month in (before, first) for day in sorted(rules.calendar.notice_days)]
