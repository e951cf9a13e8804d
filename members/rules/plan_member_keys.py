"""Reading the keys of a plan file on early joiners, on closing, and on members past the oldest age."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from members.rules.plan_members import PAST_AGE_STEPS, PastAgeRules
from members.rules.plan_reader import Reader

_CODE = re.compile(r"[a-z][a-z0-9_-]*")


def moment_or_none(reader: Reader, key: str, timezone: str) -> datetime | None:
    """A moment as a wall clock in the plan's own zone shows it, or the word none."""
    moment = reader.take(key)
    if moment == "none":
        return None
    if not isinstance(moment, datetime) or moment.tzinfo is not None or not 1900 <= moment.year < 3000:
        reader.refuse(key, moment, _("a day and time in the plan's time zone: 2018-11-27T12:00:00, or “none”"))
        return None
    return moment.replace(tzinfo=ZoneInfo(timezone))


def day_or_none(reader: Reader, key: str) -> date | None:
    """A day, or the word none."""
    day = reader.take(key)
    if day == "none":
        return None
    # A moment is a kind of day in Python, but not to the author of the file.
    if not isinstance(day, date) or isinstance(day, datetime) or not 1900 <= day.year < 3000:
        reader.refuse(key, day, _("a day without quotes: 2019-01-31, or “none”"))
        return None
    return day


def past_age(reader: Reader) -> PastAgeRules:
    """What becomes of members past the oldest age; each key is there if and only if `then` needs it."""
    then = reader.choice_or_none("then", PAST_AGE_STEPS)
    warn_days = reader.whole_or_none("warn_days", 1, 365)
    if (warn_days is None) != (then is None):
        reader.refuse("warn_days", warn_days or "none", _("days if “then” is “ends” or “stays”, otherwise “none”"))
    ends_after_days = reader.whole_or_none("ends_after_days", 1, 365)
    if (ends_after_days is None) != (then != "ends"):
        reader.refuse("ends_after_days", ends_after_days or "none", _("days if “then” is “ends”, otherwise “none”"))
    senior_plan = None
    if reader.take("senior_plan") != "none":
        senior_plan = reader.matching("senior_plan", _CODE, "xhb-senior")
    if senior_plan is not None and then is None:
        reader.refuse("senior_plan", senior_plan, _("“none” if “then” is “none”: it would be named to nobody"))
    return PastAgeRules(then, warn_days, ends_after_days, senior_plan)
