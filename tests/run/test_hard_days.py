"""The days on which the whole suite is played in addition to today."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from run.hard_days import HARD_DAYS, day_of


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
