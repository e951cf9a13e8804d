"""When somebody is reminded of the end of their time."""

from __future__ import annotations

import datetime as dt

SHARE_LEFT = 4
"""A reminder goes out while the last quarter of the time runs: late enough to matter, early enough to act."""


def is_time_to_remind(*, start: dt.datetime, end: dt.datetime, now: dt.datetime) -> bool:
    """Whether the last quarter of the time from `start` to `end` runs: from its first moment, until before `end`."""
    return end - (end - start) / SHARE_LEFT <= now < end
