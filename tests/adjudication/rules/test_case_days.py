"""Days of an illness against membership and wait."""

from __future__ import annotations

import datetime as dt

import pytest

from adjudication.rules.case_days import MARK, WIDTH, CaseLine, case_line

BEGINS = dt.date(2025, 1, 1)
WAIT_ENDS = dt.date(2025, 3, 31)
CLAUSE_ENDS = dt.date(2025, 6, 29)


def line(*days: dt.date, left_on: dt.date | None = None, clause: dt.date | None = CLAUSE_ENDS) -> CaseLine:
    named = [(f"day{number}", on) for number, on in enumerate(days)]
    return case_line(named, begins_on=BEGINS, wait_ends_on=WAIT_ENDS, suspicion_ends_on=clause, left_on=left_on)


@pytest.mark.parametrize(
    ("on", "zone"),
    [
        (dt.date(2024, 12, 31), "before"), (BEGINS, "wait"), (WAIT_ENDS, "wait"), (dt.date(2025, 4, 1), "suspicion"),
        (CLAUSE_ENDS, "suspicion"), (dt.date(2025, 6, 30), "cover"), (dt.date(2025, 8, 1), "cover"),
        (dt.date(2025, 8, 2), "after"),
    ],
)  # fmt: skip
def test_where_a_day_lies(on: dt.date, zone: str) -> None:
    assert line(on, left_on=dt.date(2025, 8, 1)).days[0].zone == zone


def test_without_the_clause_cover_follows_the_wait() -> None:
    found = line(dt.date(2025, 4, 1), clause=None)
    assert (found.days[0].zone, found.suspicion_width) == ("cover", 0)


def test_days_stand_in_their_order_and_inside_the_picture() -> None:
    found = line(dt.date(2026, 1, 1), dt.date(2024, 1, 1), dt.date(2025, 2, 1))
    assert [day.name for day in found.days] == ["day1", "day2", "day0"]
    assert [day.number for day in found.days] == [1, 2, 3]
    assert found.days[0].x == 0
    assert [day.x for day in found.days] == sorted(day.x for day in found.days)
    assert all(0 <= day.x <= WIDTH - MARK for day in found.days)
    assert found.wait_x > 0
    assert found.wait_x + found.wait_width == found.cover_x
    assert found.cover_x + found.cover_width == WIDTH


def test_cover_ends_with_the_membership() -> None:
    found = line(dt.date(2026, 1, 1), left_on=dt.date(2025, 8, 1))
    assert found.cover_x + found.cover_width < WIDTH
