"""The days on which the whole suite is played in addition to today."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

from run.hard_days import HARD_DAYS, SHARES, day_of, files_with_a_calendar, share_of


def test_every_day_is_what_its_name_says() -> None:
    shanghai = {name: dt.datetime.fromisoformat(at).astimezone(ZoneInfo("Asia/Shanghai")) for name, at in HARD_DAYS}
    berlin = {name: at.astimezone(ZoneInfo("Europe/Berlin")) for name, at in shanghai.items()}
    hour = dt.timedelta(hours=1)

    assert shanghai["the 29th of a month"].day == 29
    assert shanghai["the 1st of a month"].day == 1
    assert (shanghai["the last minutes of a year"] + hour).year == shanghai["the last minutes of a year"].year + 1
    assert (shanghai["the first minutes of a year"] - hour).year == shanghai["the first minutes of a year"].year - 1
    assert (shanghai["29 February"].month, shanghai["29 February"].day) == (2, 29)
    assert (shanghai["23:30 in Shanghai"].hour, shanghai["23:30 in Shanghai"].minute) == (23, 30)
    for name in ("the night when Berlin's clocks go forward", "the night when Berlin's clocks go back"):
        at = berlin[name].astimezone(dt.UTC)
        zone = ZoneInfo("Europe/Berlin")
        assert (at - hour).astimezone(zone).utcoffset() != (at + hour).astimezone(zone).utcoffset(), name


def test_each_day_has_its_turn() -> None:
    assert {day_of(f"{number:040x}") for number in range(len(HARD_DAYS))} == set(HARD_DAYS)


def test_each_file_has_its_turn_on_each_day_and_only_one() -> None:
    turns = Counter(
        (day_of(commit), path)
        for commit in (f"{number:040x}" for number in range(len(HARD_DAYS) * SHARES))
        for path in share_of(commit)
    )
    assert set(turns) == {(day, path) for day in HARD_DAYS for path in files_with_a_calendar()}
    assert set(turns.values()) == {1}
    sizes = [len(share_of(f"{number * len(HARD_DAYS):040x}")) for number in range(SHARES)]
    assert max(sizes) < 2 * min(sizes)
