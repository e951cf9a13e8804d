"""Days of the calendar compared with the clock."""

from __future__ import annotations

import datetime as dt

from members.rules.dates import start_of_day
from pages.moments import page_now


def still_to_come(on: dt.date, zone: str) -> dt.datetime | None:
    """The start of a day that is still to come in the zone; None from that moment on."""
    starts_at = start_of_day(on, zone)
    return starts_at if starts_at > page_now() else None
