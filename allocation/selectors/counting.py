"""Which members a period has counted, and in which cohort: derived, since no period stores a row per member."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Min

from allocation.models import Period
from allocation.rules.cohorts import CohortKey, NoticeInYear, notice_in_year
from members.models import Membership, PlanVersion
from members.rules.plans import FreeTime


@dataclass(frozen=True)
class YearStarts:
    """What the notices of some plans say of the calendar years in which they lie."""

    firsts: Mapping[tuple[int, int], dt.date]
    """The first notice of each calendar year of each plan, at which the cohorts of the year before merge."""
    free: Mapping[int, tuple[tuple[dt.date, FreeTime | None], ...]]
    """The notices of each plan that cost early joiners nothing, with their free time."""

    def notice(self, period: Period) -> NoticeInYear:
        """A period's notice in its calendar year."""
        year_start = self.firsts[period.plan_id, period.notice_on.year]
        return notice_in_year(period.notice_on, year_start, self.free.get(period.plan_id, ()))


def year_starts(plans: set[int]) -> YearStarts:
    """The years of some plans' notices: two queries, and a third where a version has a free time."""
    firsts = (
        Period.objects.filter(plan__in=plans)
        .order_by()
        .values_list("plan_id", "notice_on__year")
        .annotate(first=Min("notice_on"))
    )
    return YearStarts({(plan_id, year): first for plan_id, year, first in firsts}, _free_notices(plans))


def _free_notices(plans: set[int]) -> dict[int, tuple[tuple[dt.date, FreeTime | None], ...]]:
    versions = PlanVersion.objects.filter(plan__in=plans).only("label", "starts_at", "source", "digest", "plan__code")
    free = {version.pk: version.rules.free_time for version in versions}
    asked = [pk for pk, time in free.items() if time is not None]
    found: dict[int, tuple[tuple[dt.date, FreeTime | None], ...]] = {}
    if asked:
        rows = Period.objects.filter(plan_version__in=asked).order_by("notice_on")
        for plan_id, version_id, notice_on in rows.values_list("plan_id", "plan_version_id", "notice_on"):
            found[plan_id] = (*found.get(plan_id, ()), (notice_on, free[version_id]))
    return found


def is_counted(membership: Membership, period: Period) -> bool:
    """Whether the period's notice has counted this membership."""
    # The same comparison as in `cohort_counts`: joined before T, and not left before T (docs/money.md).
    return (
        membership.plan_id == period.plan_id
        and membership.joined_at < period.counted_at
        and (membership.left_at is None or membership.left_at >= period.counted_at)
    )


def cohort_in(membership: Membership, period: Period, starts: YearStarts) -> CohortKey:
    """The cohort of a membership in a period that has counted it."""
    return starts.notice(period).key(membership.first_notice_on, membership.is_gifted, membership.carried_minor)
