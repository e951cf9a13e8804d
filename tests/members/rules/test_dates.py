"""Ages on birthdays and leap days, days that are counted, and the day in the plan's time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.dates import (
    completed_years,
    day_number,
    days_after,
    end_of_day,
    last_day_of,
    local_day,
    start_of_day,
)

SHANGHAI = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("born_on", "on", "years"),
    [
        (date(1980, 5, 17), date(1980, 5, 17), 0),
        (date(1980, 5, 17), date(2020, 5, 16), 39),
        (date(1980, 5, 17), date(2020, 5, 17), 40),
        (date(1960, 12, 31), date(2020, 12, 30), 59),
        (date(1960, 12, 31), date(2020, 12, 31), 60),
        (date(1980, 2, 29), date(2020, 2, 28), 39),
        (date(1980, 2, 29), date(2020, 2, 29), 40),
        (date(1980, 2, 29), date(2019, 2, 28), 38),
        (date(1980, 2, 29), date(2019, 3, 1), 39),
        (date(2000, 2, 29), date(2100, 2, 28), 99),
        (date(2000, 2, 29), date(2100, 3, 1), 100),
    ],
)
def test_completed_years(born_on: date, on: date, years: int) -> None:
    assert completed_years(born_on, on) == years


def test_nobody_has_an_age_before_birth() -> None:
    with pytest.raises(ValueError, match="before the birth"):
        completed_years(date(2000, 1, 2), date(2000, 1, 1))


@given(born_on=st.dates(date(1900, 1, 1), date(2020, 1, 1)), days=st.integers(0, 40_000))
def test_age_never_falls_and_grows_by_one(born_on: date, days: int) -> None:
    on = date.fromordinal(born_on.toordinal() + days)
    step = completed_years(born_on, date.fromordinal(on.toordinal() + 1)) - completed_years(born_on, on)
    assert step in (0, 1)
    assert abs(completed_years(born_on, on) - days / 365.2425) < 1.01


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2018, 12, 31, 15, 59, 59, tzinfo=UTC), date(2018, 12, 31)),
        (datetime(2018, 12, 31, 16, 0, tzinfo=UTC), date(2019, 1, 1)),
    ],
)
def test_the_day_is_that_of_the_plans_zone(moment: datetime, day: date) -> None:
    assert local_day(moment, SHANGHAI) == day


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        local_day(datetime(2019, 1, 1), SHANGHAI)  # noqa: DTZ001


def test_a_day_begins_and_ends_in_the_plans_zone() -> None:
    on = date(2019, 1, 1)
    assert start_of_day(on, SHANGHAI) == datetime(2018, 12, 31, 16, tzinfo=UTC)
    assert end_of_day(on, SHANGHAI) == datetime(2019, 1, 1, 15, 59, 59, 999999, tzinfo=UTC)


def test_counting_with_and_without_the_first_day() -> None:
    assert day_number(date(2020, 1, 1), date(2020, 1, 1)) == 1
    assert last_day_of(date(2020, 1, 1), 90) == date(2020, 3, 30)
    assert day_number(date(2020, 1, 1), date(2020, 3, 30)) == 90
    assert days_after(date(2020, 1, 1), date(2020, 1, 1)) == 0
    assert days_after(date(2020, 1, 1), date(2020, 6, 29)) == 180
