"""A member's statement: derived from the shares of cohorts, so that no row is needed for any member."""

from __future__ import annotations

from dataclasses import dataclass

from allocation.models import Period
from allocation.rules.cohorts import effective_key, first_notice_of_year
from members.models import Membership, User
from members.selectors.memberships import memberships_of

MOST_PERIODS = 48


@dataclass(frozen=True)
class StatementLine:
    """One period on one membership's statement; amounts in minor units."""

    membership: Membership
    period: Period
    share_minor: int
    year_to_date_minor: int
    is_gifted: bool


def statements_of(user: User) -> list[StatementLine]:
    """Every charged share of this user's and their dependants' memberships, newest first; two years at most."""
    memberships = list(memberships_of(user).select_related("plan", "person"))
    plans = {membership.plan_id for membership in memberships}
    periods = list(
        Period.objects.filter(plan__in=plans)
        .exclude(status=Period.Status.NOTICED)
        .select_related("plan")
        .prefetch_related("shares")
        .order_by("-notice_on")[:MOST_PERIODS]
    )
    lines = [line for period in periods for line in _lines(period, memberships, periods)]
    return sorted(lines, key=lambda line: (line.period.notice_on, line.membership.pk), reverse=True)


def _lines(period: Period, memberships: list[Membership], periods: list[Period]) -> list[StatementLine]:
    year_start = first_notice_of_year(
        period.notice_on, [other.notice_on for other in periods if other.plan_id == period.plan_id]
    )
    shares = {(share.first_notice_on, share.is_gifted, share.carried_minor): share for share in period.shares.all()}
    found = []
    for membership in memberships:
        if membership.plan_id != period.plan_id or not _is_counted(membership, period):
            continue
        key = effective_key(membership.first_notice_on, membership.is_gifted, membership.carried_minor, year_start)
        share = shares[(key.first_notice_on, key.is_gifted, key.carried_minor)]
        found.append(
            StatementLine(
                membership,
                period,
                share.per_member_minor,
                share.year_to_date_minor + share.per_member_minor,
                share.is_gifted,
            )
        )
    return found


def _is_counted(membership: Membership, period: Period) -> bool:
    return membership.joined_at < period.counted_at and (
        membership.left_at is None or membership.left_at >= period.counted_at
    )
