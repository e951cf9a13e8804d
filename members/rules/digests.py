"""When the digest of staff is due, and what it counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from members.rules.dates import local_day, start_of_day
from pages.waiting import Waiting, WaitingState

HOUR = 8
"""From this hour on, in the zone of the site; the workers may be late, but not before."""
SOON = dt.timedelta(days=1)


@dataclass(frozen=True)
class Counted:
    """The figures of a digest."""

    waiting: int
    soon: int
    problems: int


def day_of_digest(now: dt.datetime, zone: str) -> dt.date | None:
    """The day whose digest is due; None before its hour, which is that of the clock on the wall."""
    day = local_day(now, zone)
    begins = start_of_day(day, zone)
    due = begins.replace(hour=HOUR)
    return day if now >= due else None


def counted(found: Sequence[Waiting], now: dt.datetime) -> Counted:
    """How much waits, how much of it ends within a day or has ended, and what went wrong."""
    problems = sum(one.state is WaitingState.PROBLEM for one in found)
    soon = sum(one.due_at is not None and one.due_at - now <= SOON for one in found)
    return Counted(waiting=len(found) - problems, soon=soon, problems=problems)
