"""The day on which the tests play, and moving the one clock."""

from __future__ import annotations

import datetime as dt
import os

from django.utils import timezone

from audit import clock, clock_functions

PLAYED_AT = dt.datetime.fromisoformat(os.environ.get("ASSIZE_TEST_NOW") or "2026-03-11T10:15:00+08:00")
"""The moment at which every test begins, whatever the day of the machine; `make test-dates` plays others."""


def day_played(days: int = 0) -> dt.date:
    """The local day on which the tests begin, or so many days from it: for what a parameter says, before any clock."""
    return timezone.localdate(PLAYED_AT) + dt.timedelta(days=days)


def start_clock(at: dt.datetime) -> dt.datetime:
    """Let it be this moment; the clock goes on from there."""
    clock_functions.set_to(at)
    return at


def set_clock(at: dt.datetime) -> dt.datetime:
    """Let it be exactly this moment, until the clock is set or moved again."""
    clock_functions.stop_at(at)
    return at


def move_clock(**delta: float) -> dt.datetime:
    """Let so much time pass: `move_clock(hours=24)`; the moment that it is then."""
    at = clock.now() + dt.timedelta(**delta)
    return set_clock(at) if clock_functions.stands() else start_clock(at)


class About:
    """Equal to a moment within a minute: for what was written a little before the test looks."""

    def __init__(self, at: dt.datetime) -> None:
        self.at = at

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dt.datetime) and abs(other - self.at) < dt.timedelta(minutes=1)

    def __hash__(self) -> int:
        return hash(self.at)

    def __repr__(self) -> str:
        return f"about {self.at:%Y-%m-%d %H:%M:%S}"
