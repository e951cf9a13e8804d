"""A member's statement: derived from the shares of cohorts, so that no row is needed for any member."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Min
from django.utils import timezone

from allocation.models import Period
from allocation.rules.cohorts import CohortKey, effective_key
from members.access import AnyUser
from members.models import Membership
from members.selectors.memberships import memberships_of

SHOWN_DAYS = 2 * 366
"""How far back a statement reaches."""


@dataclass(frozen=True)
class StatementLine:
    """One period on one membership's statement; amounts in minor units."""

    period: Period
    share_minor: int
    year_to_date_minor: int
    """What was paid in the period's calendar year once this share is."""
    is_gifted: bool

    @property
    def is_due(self) -> bool:
        """Whether the period was charged; before that the share may still fall."""
        return bool(self.period.status != Period.Status.NOTICED)

    @property
    def is_capped(self) -> bool:
        """Whether the year's cap left less to pay than the others' share."""
        return not self.is_gifted and self.share_minor < self.period.per_head_minor


@dataclass(frozen=True)
class Statement:
    """What one membership pays, newest period first."""

    membership: Membership
    lines: tuple[StatementLine, ...]

    @property
    def last_due(self) -> StatementLine | None:
        """The last share that was charged."""
        return next((line for line in self.lines if line.is_due), None)

    @property
    def year(self) -> int | None:
        """The calendar year that the sum is of."""
        return self.last_due.period.notice_on.year if self.last_due else None

    @property
    def year_to_date_minor(self) -> int:
        """What was paid in that year."""
        return self.last_due.year_to_date_minor if self.last_due else 0

    @property
    def annual_cap_minor(self) -> int | None:
        """What can be asked at most in that year; None where the plan has no cap."""
        return self.last_due.period.plan_version.rules.annual_cap_minor if self.last_due else None

    @property
    def cap_left_minor(self) -> int:
        """What can still be asked in that year, where there is a cap."""
        return max(0, (self.annual_cap_minor or 0) - self.year_to_date_minor)


@dataclass(frozen=True)
class _Share:
    """What each member of a cohort pays and had paid before."""

    per_member_minor: int
    year_to_date_minor: int


def statements_of(user: AnyUser) -> list[Statement]:
    """A statement for each membership of the user and of those they pay for, newest membership first; two years."""
    memberships = list(memberships_of(user))
    plans = {membership.plan_id for membership in memberships}
    periods = list(
        Period.objects.filter(plan__in=plans, notice_on__gte=timezone.localdate() - dt.timedelta(days=SHOWN_DAYS))
        .select_related("plan")
        .prefetch_related("plan_version", "shares")
        .order_by("-notice_on")
    )
    starts = _year_starts(plans)
    lines: dict[int, list[StatementLine]] = defaultdict(list)
    for period in periods:
        shares = _shares(period)
        for membership in memberships:
            line = _line(membership, period, shares, starts[period.plan_id, period.notice_on.year])
            if line is not None:
                lines[membership.pk].append(line)
    return [Statement(membership, tuple(lines[membership.pk])) for membership in memberships]


def _year_starts(plans: set[int]) -> dict[tuple[int, int], dt.date]:
    """The first notice of each plan's calendar years, where the classes of the year before have merged."""
    firsts = (
        Period.objects.filter(plan__in=plans)
        .order_by()
        .values_list("plan_id", "notice_on__year")
        .annotate(first=Min("notice_on"))
    )
    return {(plan_id, year): first for plan_id, year, first in firsts}


def _shares(period: Period) -> dict[CohortKey, _Share]:
    """The shares by cohort: as charged, or as the notice announces them."""
    if period.status == Period.Status.NOTICED:
        return {
            CohortKey(dt.date.fromisoformat(row["first_notice_on"]), row["is_gifted"], row["carried_minor"]): _Share(
                row["per_member_minor"], row["year_to_date_minor"]
            )
            for row in period.notice_figures["cohorts"]
        }
    return {
        CohortKey(share.first_notice_on, share.is_gifted, share.carried_minor): _Share(
            share.per_member_minor, share.year_to_date_minor
        )
        for share in period.shares.all()
    }


def _line(
    membership: Membership, period: Period, shares: Mapping[CohortKey, _Share], year_start: dt.date
) -> StatementLine | None:
    if membership.plan_id != period.plan_id or not _is_counted(membership, period):
        return None
    key = effective_key(membership.first_notice_on, membership.is_gifted, membership.carried_minor, year_start)
    share = shares.get(key)
    # Nobody of this cohort was counted: only where a demonstration played a notice day before somebody joined.
    if share is None:
        return None
    return StatementLine(
        period, share.per_member_minor, share.year_to_date_minor + share.per_member_minor, key.is_gifted
    )


def _is_counted(membership: Membership, period: Period) -> bool:
    return membership.joined_at < period.counted_at and (
        membership.left_at is None or membership.left_at >= period.counted_at
    )
