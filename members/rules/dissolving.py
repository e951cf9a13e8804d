"""What a plan's rules require when a notice counts too few members to continue."""

from __future__ import annotations

from datetime import date, timedelta

from members.rules.dates import months_after
from members.rules.plans import PlanRules, next_notice_on


def is_too_few(rules: PlanRules, members: int) -> bool:
    """Whether so many members, as a notice counts them, are below the plan's threshold."""
    needed = rules.dissolution.below_members
    return needed is not None and members < needed


def ends_on(rules: PlanRules, fell_below_on: date) -> date:
    """The day at whose 00:00 the cover ends, for a plan that fell below its threshold at a notice.

    A notice day, so that all who are members then are counted once more: the next one where the plan dissolves, the
    first on or after the months of further cover where it continues. Raises ValueError for a plan without a threshold.
    """
    if rules.dissolution.then is None:
        raise ValueError(f"plan {rules.code} has no threshold")
    months = rules.dissolution.cover_months
    if months is None:
        return next_notice_on(rules, fell_below_on)
    return next_notice_on(rules, months_after(fell_below_on, months) - timedelta(days=1))


def not_before(rules: PlanRules, planned_on: date, today: date) -> date:
    """The planned day of the end; where it has come already, the next notice day, since no cover ends in the past."""
    return planned_on if planned_on > today else next_notice_on(rules, today)


def equal_parts(surplus_minor: int, members: int) -> tuple[int, int]:
    """What each member receives of a surplus in whole minor units, and what cannot be divided among them."""
    return divmod(surplus_minor, members) if members else (0, surplus_minor)
