"""Who is past the oldest age that a plan covers, or soon will be, found by keyed digests of the days of birth."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from django.db import connection

from audit.selectors.sweeps import ROWS_A_PAGE
from members.fields import blind_number
from members.models import PastAge, PlanVersion
from members.rules.dates import local_day
from members.rules.past_age import born_by

# The people first, by the index of their days of birth: whoever is younger is never read.
_FOUND = """
    WITH old AS MATERIALIZED (SELECT id FROM members_person WHERE born_digest = ANY(%s))
    SELECT m.id FROM old JOIN members_membership m ON m.person_id = old.id
      LEFT JOIN members_pastage p ON p.membership_id = m.id
     WHERE m.plan_id = %s AND m.left_at IS NULL AND m.id > %s AND {which}
     ORDER BY m.id LIMIT %s
"""
_NOT_TOLD = "p.id IS NULL"
_NOT_REACHED = "p.closed_at IS NULL AND p.reached_at IS NULL AND p.warned_at <= %s"


def memberships_to_warn(now: dt.datetime, behind: int = 0) -> list[int]:
    """Memberships whose person comes to the age within the plan's time, or is past it, and was not told yet: the next
    ones behind this id.
    """
    found: list[int] = []
    for version in _asking(now):
        ahead = dt.timedelta(days=version.rules.past_age.warn_days or 0)
        found += _query(_NOT_TOLD, version, local_day(now + ahead, version.rules.timezone), behind)
    return sorted(found)[:ROWS_A_PAGE]


def memberships_that_reached(now: dt.datetime, behind: int = 0) -> list[int]:
    """Memberships whose person was told in time and is past the age now: the next ones behind this id."""
    found: list[int] = []
    for version in _asking(now):
        told_by = now - dt.timedelta(days=version.rules.past_age.warn_days or 0)
        found += _query(_NOT_REACHED, version, local_day(now, version.rules.timezone), behind, told_by)
    return sorted(found)[:ROWS_A_PAGE]


def memberships_past_time(now: dt.datetime, behind: int = 0) -> list[int]:
    """Memberships past the age whose time to move is over: the next ones behind this id."""
    found: list[int] = []
    for version in _asking(now):
        days = version.rules.past_age.ends_after_days
        rows = PastAge.objects.filter(closed_at=None, membership__plan=version.plan_id, membership__gt=behind)
        reached = rows.filter(reached_at__lte=now - dt.timedelta(days=days)) if days else rows.none()
        found += reached.order_by("membership").values_list("membership", flat=True)[:ROWS_A_PAGE]
    return sorted(found)[:ROWS_A_PAGE]


def _asking(now: dt.datetime) -> list[PlanVersion]:
    """The version that each plan has now, where it says what becomes of members past the age."""
    started = PlanVersion.objects.filter(starts_at__lte=now).select_related("plan")
    in_force = started.order_by("plan_id", "-starts_at").distinct("plan_id")
    return [version for version in in_force if version.rules.past_age.then is not None]


def _query(which: str, version: PlanVersion, on: dt.date, behind: int, told_by: dt.datetime | None = None) -> list[int]:
    digests = list(_digests(version.rules.oldest_covered_years, on))
    with connection.cursor() as cursor:
        cursor.execute(
            _FOUND.format(which=which), [digests, version.plan_id, behind, *([told_by] if told_by else []), ROWS_A_PAGE]
        )
        return [pk for (pk,) in cursor.fetchall()]


@lru_cache(maxsize=8)
def _digests(oldest_years: int, on: dt.date) -> tuple[int, ...]:
    """The digests of all days of birth with which somebody is past the age on a day."""
    days = (blind_number("born_on", day.isoformat()) for day in born_by(oldest_years, on))
    return tuple(number for number in days if number is not None)
