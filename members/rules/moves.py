"""Moving from one plan into another: which way there is, at what age, and from when the waiting period counts."""

from __future__ import annotations

from datetime import date, datetime

from members.rules.dates import completed_years
from members.rules.joining import TOO_OLD, TOO_YOUNG
from members.rules.plan_types import PlanRules, WayIn


def way_in_from(rules: PlanRules, plan_code: str) -> WayIn | None:
    """How members of a plan may move into the one of these rules; None where they may not."""
    return next((way for way in rules.join.ways_in if way.plan == plan_code), None)


def age_problem(way: WayIn, born_on: date, moved_on: date) -> str | None:
    """Whether the age in completed years on the day of the move is too young or too old for the way; None if neither.

    Raises ValueError for a day before the birth.
    """
    years = completed_years(born_on, max(moved_on, born_on))
    if years < way.age_from:
        return TOO_YOUNG
    return TOO_OLD if years > way.age_to else None


def waits_from_after(way: WayIn, waits_from: datetime, moved_at: datetime) -> datetime:
    """When the waiting period of the new membership began: with that of the old one where the way counts it."""
    return waits_from if way.counts_wait else moved_at
