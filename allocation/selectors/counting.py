"""Which members a period has counted, and in which cohort: derived, since no period stores a row per member."""

from __future__ import annotations

import datetime as dt

from django.db.models import Min

from allocation.models import Period
from allocation.rules.cohorts import CohortKey, effective_key
from members.models import Membership

YearStarts = dict[tuple[int, int], dt.date]


def year_starts(plans: set[int]) -> YearStarts:
    """The first notice of each calendar year of each plan, at which the cohorts of the year before merge."""
    firsts = (
        Period.objects.filter(plan__in=plans)
        .order_by()
        .values_list("plan_id", "notice_on__year")
        .annotate(first=Min("notice_on"))
    )
    return {(plan_id, year): first for plan_id, year, first in firsts}


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
    year_start = starts[period.plan_id, period.notice_on.year]
    return effective_key(membership.first_notice_on, membership.is_gifted, membership.carried_minor, year_start)
