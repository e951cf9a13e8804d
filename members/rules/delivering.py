"""When a delivery is tried again, and when it is given up: by time, never by a count alone."""

from __future__ import annotations

import datetime as dt

HELD = dt.timedelta(minutes=5)
"""How long a worker may take over one hand-over; after it, nobody knows what became of it."""
GIVEN_UP_AFTER = dt.timedelta(days=3)
"""How long one round of tries goes on. RFC 5321, 4.5.4.1 asks for four to five days of a mail server; ours is the first
of them, and a person has to be told in time to find another way."""
LONGEST_PAUSE = dt.timedelta(hours=4)


def pause_after(tries: int) -> dt.timedelta:
    """How long to wait after this many tries: a minute, doubled up to four hours. `tries` is 1 or more."""
    return min(dt.timedelta(minutes=2 ** min(tries - 1, 10)), LONGEST_PAUSE)


def next_try(*, first_due_at: dt.datetime, tries: int, now: dt.datetime) -> dt.datetime | None:
    """The moment of the next try; None when the round has lasted three days, and it is given up."""
    if now - first_due_at >= GIVEN_UP_AFTER:
        return None
    return now + pause_after(tries)
