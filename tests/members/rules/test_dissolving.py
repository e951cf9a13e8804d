"""When a plan has too few members, and on which day it then ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.dates import months_after
from members.rules.dissolving import ends_on, equal_parts, is_too_few, not_before

from .plan_files import MUTUAL, SENIOR, XHB_2018


@pytest.mark.parametrize(
    ("members", "is_below"), [(0, True), (3_299_999, True), (3_300_000, False), (3_300_001, False)]
)
def test_the_threshold_itself_is_enough(members: int, is_below: bool) -> None:
    assert is_too_few(MUTUAL, members) is is_below
    assert not is_too_few(SENIOR, members)


@pytest.mark.parametrize(
    ("notice_on", "mutual", "xhb"),
    [
        (date(2019, 1, 7), date(2019, 1, 21), date(2020, 1, 7)),
        (date(2019, 1, 21), date(2019, 2, 7), date(2020, 1, 21)),
        (date(2019, 12, 21), date(2020, 1, 7), date(2020, 12, 21)),
        (date(2020, 2, 21), date(2020, 3, 7), date(2021, 2, 21)),
    ],
)
def test_the_first_plan_ends_at_its_next_notice_and_the_second_covers_one_more_year(
    notice_on: date, mutual: date, xhb: date
) -> None:
    assert ends_on(MUTUAL, notice_on) == mutual
    assert ends_on(XHB_2018, notice_on) == xhb


def test_the_cover_goes_on_to_the_first_notice_day_after_the_months() -> None:
    days = replace(XHB_2018.calendar, notice_days=(5, 28))
    rules = replace(XHB_2018, calendar=days)
    # Six months after 28 August are 28 February; a month after 31 January the last of February.
    six = replace(rules, dissolution=replace(rules.dissolution, cover_months=6))
    assert ends_on(six, date(2023, 8, 28)) == date(2024, 2, 28)
    assert ends_on(six, date(2023, 8, 29)) == date(2024, 3, 5)


def test_a_plan_without_a_threshold_has_no_such_day() -> None:
    with pytest.raises(ValueError, match="no threshold"):
        ends_on(SENIOR, date(2020, 1, 7))


@pytest.mark.parametrize(
    ("planned", "today", "day"),
    [
        (date(2020, 1, 21), date(2020, 1, 20), date(2020, 1, 21)),
        (date(2020, 1, 21), date(2020, 1, 21), date(2020, 2, 7)),
        (date(2020, 1, 21), date(2020, 6, 8), date(2020, 6, 21)),
    ],
)
def test_no_cover_ends_on_a_day_that_has_come(planned: date, today: date, day: date) -> None:
    assert not_before(MUTUAL, planned, today) == day


@pytest.mark.parametrize(
    ("on", "months", "later"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2023, 12, 7), 1, date(2024, 1, 7)),
        (date(2023, 12, 7), 0, date(2023, 12, 7)),
    ],
)
def test_months_later(on: date, months: int, later: date) -> None:
    assert months_after(on, months) == later


@given(st.dates(date(2018, 1, 1), date(2100, 1, 1)), st.integers(1, 120))
def test_a_plan_always_ends_later_and_on_a_notice_day(fell_below: date, months: int) -> None:
    for rules in (MUTUAL, replace(XHB_2018, dissolution=replace(XHB_2018.dissolution, cover_months=months))):
        day = ends_on(rules, fell_below)
        assert day > fell_below
        assert day.day in rules.calendar.notice_days
        assert not_before(rules, day, day - timedelta(days=1)) == day


@pytest.mark.parametrize(
    ("surplus", "members", "parts"),
    [(120, 20, (6, 0)), (119, 20, (5, 19)), (19, 20, (0, 19)), (0, 5, (0, 0)), (7, 0, (0, 7))],
)
def test_a_surplus_in_equal_parts(surplus: int, members: int, parts: tuple[int, int]) -> None:
    assert equal_parts(surplus, members) == parts
