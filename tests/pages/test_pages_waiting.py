"""In which order a start page lists what waits."""

from __future__ import annotations

import datetime as dt

from pages.waiting import Waiting, by_time_left

NOON = dt.datetime(2026, 3, 11, 12, tzinfo=dt.UTC)


def ending(hours: int) -> Waiting:
    return Waiting("x", "/x/", NOON + dt.timedelta(hours=hours))


def since(hours: int) -> Waiting:
    return Waiting("y", "/y/", since=NOON + dt.timedelta(hours=hours))


def test_the_nearest_end_comes_first_and_what_has_passed_before_all() -> None:
    assert by_time_left([ending(3), ending(-2), ending(1)]) == [ending(-2), ending(1), ending(3)]


def test_what_has_no_end_follows_the_longest_waiting_first() -> None:
    assert by_time_left([Waiting("z", "/z/"), since(-1), since(-9), ending(99)]) == [
        ending(99),
        since(-9),
        since(-1),
        Waiting("z", "/z/"),
    ]
