"""Days, ages and moments as the plans count them."""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def local_day(moment: datetime, timezone: str) -> date:
    """The calendar day of an aware moment in the plan's time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(ZoneInfo(timezone)).date()


def start_of_day(on: date, timezone: str) -> datetime:
    """00:00 of a day in the plan's time zone."""
    return datetime.combine(on, time.min, tzinfo=ZoneInfo(timezone))


def end_of_day(on: date, timezone: str) -> datetime:
    """The last moment of a day in the plan's time zone."""
    return datetime.combine(on, time.max, tzinfo=ZoneInfo(timezone))


def completed_years(born_on: date, on: date) -> int:
    """Age in completed years: a year is completed on the birthday itself.

    Somebody born on 29 February completes a year on 1 March where the year has no 29 February. Raises ValueError for
    a day before the birth.
    """
    if on < born_on:
        raise ValueError(f"{on} lies before the birth on {born_on}")
    had_birthday = (on.month, on.day) >= (born_on.month, born_on.day)
    return on.year - born_on.year - (0 if had_birthday else 1)


def day_number(first_day: date, on: date) -> int:
    """Which day `on` is when `first_day` counts as day 1 (waiting period: the day of joining)."""
    return (on - first_day).days + 1


def days_after(event_on: date, on: date) -> int:
    """How many days `on` lies after the event, whose own day is not counted (the applying deadline)."""
    return (on - event_on).days


def last_day_of(first_day: date, days: int) -> date:
    """The last day of a stretch of `days` days of which `first_day` is day 1."""
    return first_day + timedelta(days=days - 1)


def months_after(on: date, months: int) -> date:
    """The same day of the month so many months later; the last day of that month where it has no such day."""
    years, month = divmod(on.month - 1 + months, 12)
    year, month = on.year + years, month + 1
    return date(year, month, min(on.day, calendar.monthrange(year, month)[1]))
