from __future__ import annotations

import datetime as dt

import pytest

from members.rules.reminding import is_time_to_remind

START = dt.datetime(2026, 3, 11, 8, tzinfo=dt.UTC)
DAY = dt.timedelta(hours=24)
SECOND = dt.timedelta(seconds=1)


@pytest.mark.parametrize(
    ("passed", "is_time"),
    [
        (dt.timedelta(0), False),
        (dt.timedelta(hours=18) - SECOND, False),
        (dt.timedelta(hours=18), True),
        (DAY - SECOND, True),
        (DAY, False),
        (DAY + SECOND, False),
        (-DAY, False),
    ],
)
def test_the_last_quarter_is_the_time_to_remind(passed: dt.timedelta, is_time: bool) -> None:
    assert is_time_to_remind(start=START, end=START + DAY, now=START + passed) is is_time
