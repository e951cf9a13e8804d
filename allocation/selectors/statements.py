"""A member's statement: derived from the shares of cohorts, so that no row is needed for any member."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from allocation.models import Arrear, CohortShare, Collection, Period, Refund
from allocation.rules.cohorts import CohortKey
from allocation.rules.payment_states import PaymentState
from allocation.selectors.counting import YearStarts, cohort_in, is_counted, year_starts
from members.access import AnyUser
from members.models import Membership, PlanVersion
from members.rules.dates import local_day
from members.rules.plans import FreeTime
from members.selectors.memberships import memberships_of
from pages.moments import page_now

SHOWN_DAYS = 2 * 366
"""How far back a statement reaches."""


@dataclass(frozen=True)
class StatementLine:
    """One period on one membership's statement; amounts in minor units."""

    period: Period
    share_minor: int
    year_to_date_minor: int
    """What is paid in the period's calendar year, this share included."""
    is_gifted: bool
    """Whether the sponsor pays it: of a gifted member, or of an early joiner in the free time."""
    is_free: bool = False
    """Whether the sponsor pays it because the member joined early."""
    is_collected: bool = False
    """Whether the collection of the cohort is settled."""
    are_failures_read: bool = False
    """Whether the payment service has reported since then who did not pay."""
    arrear: Arrear | None = None
    """The arrear, if that collection did not bring in the share."""

    @property
    def payment(self) -> PaymentState:
        """Where the payment of the share stands, as a state."""
        if not self.is_due:
            return PaymentState.ANNOUNCED
        if self.is_gifted or self.share_minor == 0:
            return PaymentState.NOTHING_TO_PAY
        if self.arrear is not None:
            is_paid = self.arrear.status == Arrear.Status.SETTLED
            return PaymentState.PAID_LATER if is_paid else PaymentState(self.arrear.status)
        return PaymentState.COLLECTED if self.is_collected else PaymentState.COLLECTING

    @property
    def is_due(self) -> bool:
        """Whether the period was charged; before the charge the share can still fall."""
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
    free_until: dt.date | None = None
    """The last day whose notices cost this early joiner nothing; None where it has passed, or there is none."""
    owed: tuple[Arrear, ...] = ()
    """Shares that can still be paid, oldest first, however old."""
    refund: Refund | None = None

    @property
    def owed_minor(self) -> int:
        """What can still be paid."""
        return sum(arrear.amount_minor for arrear in self.owed)

    @property
    def grace_ends_at(self) -> dt.datetime | None:
        """Until when it can be paid before the membership ends."""
        return min((arrear.grace_ends_at for arrear in self.owed), default=None)

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
        """The most that can be charged in that year; None if the plan has no cap."""
        return self.last_due.period.plan_version.rules.annual_cap_minor if self.last_due else None

    @property
    def cap_left_minor(self) -> int:
        """What can still be charged in that year, if there is a cap."""
        return max(0, (self.annual_cap_minor or 0) - self.year_to_date_minor)


@dataclass(frozen=True)
class _Share:
    """What each member of a cohort pays and had paid before, and whether it is collected."""

    per_member_minor: int
    year_to_date_minor: int
    is_collected: bool = False
    are_failures_read: bool = False


@dataclass(frozen=True)
class _Known:
    """What the lines of many memberships need apart from periods and shares."""

    starts: YearStarts
    arrears: Mapping[tuple[int, int], Arrear]


def statements_of(user: AnyUser) -> list[Statement]:
    """A statement for each membership of the user and of those they pay for, newest membership first; two years."""
    memberships = list(memberships_of(user))
    since = timezone.localdate(page_now()) - dt.timedelta(days=SHOWN_DAYS)
    lines = _lines(memberships, Period.objects.filter(notice_on__gte=since))
    owed = _owed(memberships)
    found = Refund.objects.filter(membership__in=memberships).select_related("claim")
    refunds = {refund.membership_id: refund for refund in found}
    free = _free_times({membership.plan_id for membership in memberships}, page_now())
    return [
        Statement(
            membership,
            tuple(lines[membership.pk]),
            _free_until(membership, free.get(membership.plan_id), page_now()),
            tuple(owed[membership.pk]),
            refunds.get(membership.pk),
        )
        for membership in memberships
    ]


def _free_times(plans: set[int], now: dt.datetime) -> dict[int, FreeTime | None]:
    """The free time of early joiners by the rules that each plan has now."""
    started = PlanVersion.objects.filter(plan__in=plans, starts_at__lte=now)
    in_force = started.select_related("plan").order_by("plan_id", "-starts_at").distinct("plan_id")
    return {version.plan_id: version.rules.free_time for version in in_force}


def _free_until(membership: Membership, free: FreeTime | None, now: dt.datetime) -> dt.date | None:
    """Until when the member pays nothing because they joined early."""
    today = local_day(now, membership.plan.timezone)
    if free is None or membership.is_gifted or membership.left_at is not None:
        return None
    return free.until if free.is_for(membership.first_notice_on, today) else None


def line_of_period(membership: Membership, period: Period) -> StatementLine | None:
    """The line of one period on one membership's statement; None if the period did not count the member."""
    return next(iter(_lines([membership], Period.objects.filter(pk=period.pk))[membership.pk]), None)


def lines_of(membership: Membership) -> list[StatementLine]:
    """Every share of one membership since it began, newest first."""
    return _lines([membership], Period.objects.all())[membership.pk]


def _lines(memberships: list[Membership], periods: QuerySet[Period]) -> dict[int, list[StatementLine]]:
    plans = {membership.plan_id for membership in memberships}
    found = (
        periods.filter(plan__in=plans)
        .select_related("plan")
        .prefetch_related("plan_version", "shares__collection")
        .order_by("-notice_on")
    )
    arrears = Arrear.objects.filter(membership__in=memberships).select_related("payout__claim")
    known = _Known(year_starts(plans), {(arrear.membership_id, arrear.period_id): arrear for arrear in arrears})
    lines: dict[int, list[StatementLine]] = defaultdict(list)
    for period in found:
        shares = _shares(period)
        for membership in memberships:
            line = _line(membership, period, shares, known)
            if line is not None:
                lines[membership.pk].append(line)
    return lines


def _owed(memberships: list[Membership]) -> dict[int, list[Arrear]]:
    owed: dict[int, list[Arrear]] = defaultdict(list)
    for arrear in Arrear.objects.filter(membership__in=memberships, status=Arrear.Status.OWED).order_by("pk"):
        owed[arrear.membership_id].append(arrear)
    return owed


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
        CohortKey(share.first_notice_on, share.is_gifted, share.carried_minor): _charged(share)
        for share in period.shares.all()
    }


def _charged(share: CohortShare) -> _Share:
    collection: Collection | None = getattr(share, "collection", None)
    return _Share(
        share.per_member_minor,
        share.year_to_date_minor,
        collection is not None and collection.status == Collection.Status.SETTLED,
        collection is not None and collection.failures_asked_at is not None,
    )


def _line(
    membership: Membership, period: Period, shares: Mapping[CohortKey, _Share], known: _Known
) -> StatementLine | None:
    if not is_counted(membership, period):
        return None
    key = cohort_in(membership, period, known.starts)
    share = shares.get(key)
    # Nobody of this cohort was counted: only in a demonstration, which dates a joining before a published notice.
    if share is None:
        return None
    return StatementLine(
        period,
        share.per_member_minor,
        share.year_to_date_minor + share.per_member_minor,
        key.is_gifted,
        key.is_gifted and not membership.is_gifted,
        share.is_collected,
        share.are_failures_read,
        known.arrears.get((membership.pk, period.pk)),
    )
