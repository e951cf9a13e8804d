"""Periods: what a notice would say now, and what was published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from adjudication.models import Claim
from allocation.models import AidLine, Payout, Period
from allocation.models.periods import LeftBecause
from allocation.rules.cohorts import CohortKey, YearCharge, cohorts_of, first_notice_of_year, notice_in_year
from allocation.rules.shares import AidedClaim, Allocation, Cohort, allocate, terms_of
from members.errors.plans import NoRulesInForce
from members.models import Dissolution, Membership, Plan, PlanVersion
from members.rules.dates import local_day, start_of_day
from members.rules.dissolving import ends_on, is_too_few
from members.rules.plans import PlanRules, charge_on_for, next_notice_on
from members.selectors.dissolutions import CERTAIN, certain_end_of, has_ended
from members.selectors.moves import lines_of
from members.selectors.plans import title_of, version_in_force
from pages.moments import page_now


@dataclass(frozen=True)
class Threshold:
    """A notice counts too few members: how many are needed, since which notice, and the day on which the plan ends."""

    members_needed: int
    below_since: dt.date
    plan_ends_on: dt.date


@dataclass(frozen=True)
class Preview:
    """A notice as it would be: its days, its rules, its claims and its money."""

    plan: Plan
    version: PlanVersion
    notice_on: dt.date
    charge_on: dt.date
    counted_at: dt.datetime
    claims: tuple[Claim, ...]
    allocation: Allocation
    threshold: Threshold | None = None
    """What follows from too few members; None if there are enough, or the plan has ended."""


def published() -> QuerySet[Period]:
    """Every period whose notice is published: public, newest first."""
    # A version's file is long, and only a period's own page needs it.
    found = Period.objects.select_related("plan", "plan_version").defer("plan_version__source")
    return found.order_by("-notice_on", "plan__code")


def latest_period(plan: Plan) -> Period | None:
    """The plan's last period."""
    return Period.objects.filter(plan=plan).order_by("-notice_on").first()


def latest_of(plan: Plan, number: int) -> list[Period]:
    """The plan's last periods, newest first."""
    # A row of a machine reads its state at once.
    return list(Period.objects.filter(plan=plan).only("notice_on", "status").order_by("-notice_on")[:number])


def next_notice_day(plan: Plan) -> dt.date:
    """The day of the notice to publish next: the last one that has come, or otherwise the one after the latest notice.

    Raises NoRulesInForce.
    """
    now = page_now()
    version = version_in_force(plan, now)
    if version is None:
        raise NoRulesInForce(plan=title_of(plan), on=local_day(now, plan.timezone))
    rules = version.rules
    day = _last_notice_day(rules, local_day(now, rules.timezone))
    latest = latest_period(plan)
    if latest is not None and latest.notice_on >= day:
        day = next_notice_on(rules, latest.notice_on)
    return last_shared_before(plan, day) or day


def periods_to_charge(now: dt.datetime) -> list[Period]:
    """The announced periods whose charge day has begun in their plan's zone, the oldest first."""
    found = Period.objects.filter(status=Period.Status.NOTICED).select_related("plan").order_by("charge_on", "pk")
    return [one for one in found if start_of_day(one.charge_on, one.plan.timezone) <= now]


def notices_due(now: dt.datetime) -> list[tuple[Plan, dt.date]]:
    """The plans whose next notice day has begun, with that day; three queries for any number of plans.

    Only where a series of periods runs and nothing of it waits for its charge: then a notice can be published.
    """
    latest = Period.objects.order_by("plan_id", "-notice_on").distinct("plan_id").select_related("plan")
    charged = [one for one in latest if one.status != Period.Status.NOTICED]
    plan_ids = [one.plan_id for one in charged]
    started = PlanVersion.objects.filter(plan__in=plan_ids, starts_at__lte=now).order_by("starts_at")
    in_force = {version.plan_id: version for version in started}
    ends = Dissolution.objects.filter(plan__in=plan_ids, status__in=CERTAIN)
    last_days = {end.plan_id: end.ends_on for end in ends}
    due = []
    for period in charged:
        rules = in_force[period.plan_id].rules
        day = _last_notice_day(rules, local_day(now, rules.timezone))
        # The notice of a plan's last day is the last one.
        day = min(day, last_days.get(period.plan_id, day))
        if day > period.notice_on:
            due.append((period.plan, day))
    return due


def last_shared_before(plan: Plan, notice_on: dt.date) -> dt.date | None:
    """The plan's last day, if its notice is still to come and a later one was requested; otherwise None.

    That notice must not be missed: it is the last one that members share, with everything approved until then.
    """
    end = certain_end_of(plan)
    if end is None or end.ends_on >= notice_on:
        return None
    latest = latest_period(plan)
    return end.ends_on if latest is None or latest.notice_on < end.ends_on else None


def surplus_carried(plan: Plan, latest: Period | None) -> int:
    """What the latest period brings into the next; nothing once a plan has ended and its surplus is distributed."""
    end = certain_end_of(plan)
    if latest is None or (end is not None and end.status == end.Status.SETTLED):
        return 0
    return latest.surplus_out_minor


def _last_notice_day(rules: PlanRules, today: dt.date) -> dt.date:
    """The last notice day on or before today."""
    day = next_notice_on(rules, today - dt.timedelta(days=62))
    while (following := next_notice_on(rules, day)) <= today:
        day = following
    return day


def claims_for_next_notice(plan: Plan) -> QuerySet[Claim]:
    """Approved claims that the next notice takes in, oldest first."""
    return _approved(plan).filter(hold_reason="").exclude(membership__in=_aided_once(plan))


def claims_held_back(plan: Plan) -> QuerySet[Claim]:
    """Approved claims that no notice takes in: they are on hold, or their membership has already been aided."""
    return _approved(plan).filter(~Q(hold_reason="") | Q(membership__in=_aided_once(plan)))


def _aided_once(plan: Plan) -> set[int]:
    return aided_in_line(_approved(plan).values_list("membership_id", flat=True))


def aided_in_line(membership_ids: Iterable[int]) -> set[int]:
    """Those of these memberships whose line was aided already: one aid for a line of moves (decision 18)."""
    lines = lines_of(membership_ids)
    members = {pk for line in lines.values() for pk in line}
    aided = set(Payout.objects.filter(membership__in=members).values_list("membership_id", flat=True))
    return {asked for asked, line in lines.items() if not aided.isdisjoint(line)}


def approved_unallocated() -> QuerySet[Claim]:
    """Approved claims that are in no period; one that left a charge waits for the next notice again."""
    lines = AidLine.objects.filter(claim=OuterRef("pk"), left_because="")
    return Claim.objects.filter(~Exists(lines), status=Claim.Status.APPROVED)


def _approved(plan: Plan) -> QuerySet[Claim]:
    return approved_unallocated().filter(plan=plan).select_related("membership__person", "plan_version").order_by("pk")


def cohort_counts(plan: Plan, counted_at: dt.datetime) -> dict[CohortKey, int]:
    """Members at the moment of counting, by cohort: one grouped count for any number of members."""
    # T of docs/money.md: a member who joins at T itself is not counted yet, one who leaves at T still is.
    counted = (
        Membership.objects.filter(plan=plan, joined_at__lt=counted_at)
        .filter(Q(left_at=None) | Q(left_at__gte=counted_at))
        .values_list("first_notice_on", "is_gifted", "carried_minor")
        # All columns of this count stand in one index; counting ids would fetch every row for its id.
        .annotate(members=Count("*"))
        .order_by()
    )
    return {CohortKey(day, gifted, carried): members for day, gifted, carried, members in counted}


def cohorts_at(plan: Plan, rules: PlanRules, notice_on: dt.date, counted_at: dt.datetime) -> list[Cohort]:
    """The cohorts of a notice under the rules in force, with what each member has paid this calendar year."""
    of_year = Period.objects.filter(plan=plan, notice_on__year=notice_on.year, notice_on__lt=notice_on)
    charges = [
        YearCharge(
            period.notice_on,
            period.per_head_minor,
            period.plan_version.rules.annual_cap_minor,
            period.plan_version.rules.free_time,
        )
        for period in of_year.exclude(status=Period.Status.NOTICED).prefetch_related("plan_version")
    ]
    year_start = first_notice_of_year(notice_on, [charge.notice_on for charge in charges])
    notices = [*((charge.notice_on, charge.free) for charge in charges), (notice_on, rules.free_time)]
    notice = notice_in_year(notice_on, year_start, notices)
    return cohorts_of(cohort_counts(plan, counted_at), charges, notice)


def preview(plan: Plan, notice_on: dt.date, claims: Sequence[Claim] | None = None) -> Preview:
    """The notice of a day from what is known now, or with the claims given. Raises NotANoticeDay, NoRulesInForce."""
    counted_at = start_of_day(notice_on, plan.timezone)
    version = version_in_force(plan, counted_at)
    if version is None:
        raise NoRulesInForce(plan=title_of(plan), on=notice_on)
    rules = version.rules
    charge_on = charge_on_for(rules, notice_on)
    claims = tuple(claims_for_next_notice(plan) if claims is None else claims)
    latest = latest_period(plan)
    allocation = allocate(
        [AidedClaim(claim.ref, claim.amount_minor or 0, rules.fee_bp) for claim in claims],
        cohorts_at(plan, rules, notice_on, counted_at),
        terms_of(rules, has_ended=has_ended(plan, counted_at)),
        surplus_carried(plan, latest),
    )
    threshold = None if allocation.terms.has_ended else _threshold(rules, notice_on, allocation.members, latest)
    return Preview(plan, version, notice_on, charge_on, counted_at, claims, allocation, threshold)


def _threshold(rules: PlanRules, notice_on: dt.date, members: int, latest: Period | None) -> Threshold | None:
    """What a notice with so many members states; the day follows from the first such notice in an unbroken series."""
    needed = rules.dissolution.below_members
    if needed is None or not is_too_few(rules, members):
        return None
    if latest is not None and latest.below_since is not None and latest.plan_ends_on is not None:
        return Threshold(needed, latest.below_since, latest.plan_ends_on)
    return Threshold(needed, notice_on, ends_on(rules, notice_on))


def allocation_of(period: Period) -> Allocation:
    """A published period's allocation, recomputed from its own lines and cohorts."""
    rules = period.plan_version.rules
    cohorts = [
        Cohort(
            CohortKey(dt.date.fromisoformat(row["first_notice_on"]), row["is_gifted"], row["carried_minor"]).code,
            row["members"],
            row["is_gifted"],
            row["year_to_date_minor"],
        )
        for row in period.notice_figures["cohorts"]
    ]
    return allocate(
        [AidedClaim(line.claim.ref, line.aid_minor, line.fee_bp) for line in lines_in(period)],
        cohorts,
        terms_of(rules, has_ended=period.members == 0 and has_ended(period.plan, period.counted_at)),
        period.surplus_in_minor,
    )


def to_share_minor(allocation: Allocation) -> int:
    """What the members share: their bill less the surplus from the period before, in minor units."""
    return max(0, allocation.billed_minor - allocation.surplus_in_minor)


def lines_in(period: Period) -> QuerySet[AidLine]:
    """The claims that a period pays."""
    return period.lines.filter(left_because="").select_related("claim").order_by("pk")


def why_it_leaves(claim: Claim, line: AidLine, aided: Container[int]) -> str:
    """Why a claim of the notice will not be charged, as a `LeftBecause`; empty if it will.

    `aided` are the memberships that `aided_in_line` finds among those of the notice.
    """
    if claim.status != Claim.Status.APPROVED:
        return LeftBecause.NO_LONGER_APPROVED
    if claim.hold_reason:
        return LeftBecause.ON_HOLD
    if claim.amount_minor != line.aid_minor:
        return LeftBecause.AMOUNT_CHANGED
    if claim.membership_id in aided:
        return LeftBecause.AIDED_BEFORE
    return ""


@dataclass(frozen=True)
class ChargePreview:
    """A charge as it would be now: the claims that would leave, and the money without them."""

    leaving: tuple[tuple[AidLine, str], ...]
    allocation: Allocation


def charge_preview(period: Period) -> ChargePreview:
    """What charging a noticed period would come to now."""
    lines = list(lines_in(period))
    aided = aided_in_line(line.claim.membership_id for line in lines)
    leaving = [(line, reason) for line in lines if (reason := why_it_leaves(line.claim, line, aided))]
    return ChargePreview(
        tuple((line, str(LeftBecause(reason).label)) for line, reason in leaving),
        allocation_of(period).recompute_without(line.claim.ref for line, _reason in leaving),
    )
