"""The waiting period as a line of days."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.waiting import PICTURE_WIDTH, TODAY_WIDTH, WaitingLine, waiting_line

from .plan_files import SENIOR, SHIPPED, XHB_2020

NOON = dt.datetime(2020, 1, 10, 4, tzinfo=dt.UTC)


def line(days: int, joined_days: int = 0, rules: object = XHB_2020) -> WaitingLine:
    return waiting_line(
        rules,  # type: ignore[arg-type]
        waits_from=NOON,
        joined_at=NOON + dt.timedelta(days=joined_days),
        left_at=None,
        now=NOON + dt.timedelta(days=days),
    )


@pytest.mark.parametrize(
    ("days", "number", "is_over", "is_suspicion_over"),
    [
        (0, 1, False, False),
        (89, 90, False, False),
        (90, 91, True, False),
        (179, 180, True, False),
        (180, 181, True, True),
    ],
)
def test_the_boundary_days(days: int, number: int, is_over: bool, is_suspicion_over: bool) -> None:
    found = line(days)
    assert (found.number, found.is_over, found.is_suspicion_over) == (number, is_over, is_suspicion_over)
    assert (found.ends_on, found.covered_from) == (dt.date(2020, 4, 8), dt.date(2020, 4, 9))
    assert found.suspicion_ends_on == dt.date(2020, 7, 7)


def test_without_the_clause_nothing_comes_after_the_wait() -> None:
    found = line(100, rules=SENIOR)
    assert (found.suspicion_ends_on, found.suspicion_width, found.is_suspicion_over) == (None, 0, True)


def test_a_wait_that_goes_on_begins_before_the_membership() -> None:
    assert not line(5).goes_on
    assert line(50, joined_days=40).goes_on


@given(st.integers(0, 4000), st.integers(0, 4000), st.sampled_from(sorted(SHIPPED)))
def test_the_picture_stays_in_its_frame_and_in_order(days: int, joined_days: int, name: str) -> None:
    found = line(max(days, joined_days), joined_days, SHIPPED[name])
    assert 0 < found.wait_width <= found.wait_width + found.suspicion_width < PICTURE_WIDTH
    assert 0 <= min(found.joined_at_x, PICTURE_WIDTH - TODAY_WIDTH) <= found.today_at_x <= PICTURE_WIDTH - TODAY_WIDTH
    assert (found.today_at_x >= found.wait_width) == found.is_over
