"""When a payment without an answer is asked about again."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.rules.asking import (
    in_flight_until,
    is_for_a_person,
    next_attempt_at,
    next_probe_at,
    told_if_silent_since,
)

AT = dt.datetime(2026, 3, 11, 10, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def wait(unanswered: int, silent_for: dt.timedelta = dt.timedelta(0), key: str = "payout:C26-7K3M9Q") -> dt.timedelta:
    return next_attempt_at(key=key, unanswered=unanswered, since=AT - silent_for, at=AT) - AT


@pytest.mark.parametrize(
    ("unanswered", "silent_for", "whole"),
    [
        (1, dt.timedelta(0), dt.timedelta(seconds=15)),
        (2, dt.timedelta(seconds=15), dt.timedelta(minutes=1)),
        (3, dt.timedelta(minutes=1), dt.timedelta(minutes=5)),
        (4, dt.timedelta(minutes=6), dt.timedelta(minutes=15)),
        (5, dt.timedelta(minutes=21), HOUR),
        (6, HOUR, HOUR),
        (50, dt.timedelta(days=2), HOUR),
        (78, dt.timedelta(days=3, hours=6, microseconds=-1), HOUR),
        (78, dt.timedelta(days=3, hours=6), HOUR * 6),
        (1, dt.timedelta(days=3, hours=6), HOUR * 6),
        (400, dt.timedelta(days=60), HOUR * 6),
    ],
)
def test_each_wait_is_longer_than_the_one_before(
    unanswered: int, silent_for: dt.timedelta, whole: dt.timedelta
) -> None:
    assert whole * 0.9 < wait(unanswered, silent_for) <= whole


@given(st.text(max_size=80), st.integers(1, 500), st.timedeltas(dt.timedelta(0), dt.timedelta(days=100)))
def test_a_wait_depends_on_nothing_but_the_payment(key: str, unanswered: int, silent_for: dt.timedelta) -> None:
    assert wait(unanswered, silent_for, key) == wait(unanswered, silent_for, key)
    assert dt.timedelta(seconds=13.5) <= wait(unanswered, silent_for, key) <= HOUR * 6


def test_payments_of_one_moment_do_not_stay_together() -> None:
    assert len({wait(6, HOUR, f"payout:{number}") for number in range(100)}) > 90


@pytest.mark.parametrize(
    ("silent_for", "is_told"), [(HOUR * 6 - dt.timedelta(microseconds=1), False), (HOUR * 6, True), (HOUR * 7, True)]
)
def test_a_person_is_told_after_six_hours(silent_for: dt.timedelta, is_told: bool) -> None:
    assert is_for_a_person(since=AT - silent_for, at=AT) == is_told
    assert (AT - silent_for <= told_if_silent_since(AT)) == is_told


@pytest.mark.parametrize(("probes", "seconds"), [(0, 15), (1, 60), (2, 300), (3, 300), (1000, 300)])
def test_a_silent_service_is_probed_at_least_every_five_minutes(probes: int, seconds: int) -> None:
    assert next_probe_at(probes=probes, at=AT) == AT + dt.timedelta(seconds=seconds)


def test_what_is_in_flight_is_due_again_after_three_time_outs() -> None:
    assert in_flight_until(AT, 20) == AT + dt.timedelta(minutes=1)
