"""Periods: what a notice would say now, and what was published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from adjudication.models import Claim
from adjudication.selectors.claims import approved_unallocated
from allocation.errors import NoRulesInForce
from allocation.models import AidLine, Payout, Period
from allocation.models.periods import LeftBecause
from allocation.rules.cohorts import CohortKey, YearCharge, cohorts_of, first_notice_of_year
from allocation.rules.shares import AidedClaim, Allocation, Cohort, allocate, terms_of
from members.models import Membership, Plan, PlanVersion
from members.rules.dates import local_day, start_of_day
from members.rules.dissolving import ends_on, is_too_few
from members.rules.plans import PlanRules, charge_on_for, next_notice_on
from members.selectors.dissolutions import certain_end_of, has_ended
from members.selectors.moves import lines_of
from members.selectors.plans import version_in_force


@dataclass(frozen=True)
class Threshold:
    """That a notice counts too few members: how many are needed, since which notice, and the day that follows."""

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
    """What follows where these are too few members; None where they are enough, or the plan has ended."""


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
    """The day of the notice that is to be published next: the last one that has come, or else the one after the latest.

    Raises NoRulesInForce.
    """
    now = timezone.now()
    version = version_in_force(plan, now)
    if version is None:
        raise NoRulesInForce(plan, local_day(now, plan.timezone))
    rules = version.rules
    day = _last_notice_day(rules, local_day(now, rules.timezone))
    latest = latest_period(plan)
    if latest is not None and latest.notice_on >= day:
        day = next_notice_on(rules, latest.notice_on)
    return last_shared_before(plan, day) or day


def last_shared_before(plan: Plan, notice_on: dt.date) -> dt.date | None:
    """The day of a plan's end, where its notice is still to come and a later one is asked for: it must not be missed.

    It is the last notice that counts members, and everything approved until then is shared by them.
    """
    end = certain_end_of(plan)
    if end is None or end.ends_on >= notice_on:
        return None
    latest = latest_period(plan)
    return end.ends_on if latest is None or latest.notice_on < end.ends_on else None


def surplus_carried(plan: Plan, latest: Period | None) -> int:
    """What the next period has from the latest one; nothing once a plan has ended and its surplus is handed on."""
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
    """Of these memberships, those aided already, themselves or one that they go on from or became: once for a line."""
    lines = lines_of(membership_ids)
    members = {pk for line in lines.values() for pk in line}
    aided = set(Payout.objects.filter(membership__in=members).values_list("membership_id", flat=True))
    return {asked for asked, line in lines.items() if not aided.isdisjoint(line)}


def _approved(plan: Plan) -> QuerySet[Claim]:
    return approved_unallocated(plan).select_related("membership__person", "plan_version").order_by("pk")


def cohort_counts(plan: Plan, counted_at: dt.datetime) -> dict[CohortKey, int]:
    """Members at the moment of counting, by cohort: one grouped count, whatever the number of members."""
    counted = (
        Membership.objects.filter(plan=plan, joined_at__lt=counted_at)
        .filter(Q(left_at=None) | Q(left_at__gte=counted_at))
        .values_list("first_notice_on", "is_gifted", "carried_minor")
        # All columns of this count stand in one index; counting ids would fetch every row for its id.
        .annotate(members=Count("*"))
        .order_by()
    )
    return {CohortKey(day, gifted, carried): members for day, gifted, carried, members in counted}


def cohorts_at(plan: Plan, notice_on: dt.date, counted_at: dt.datetime) -> list[Cohort]:
    """The cohorts of a notice with what each member has paid this calendar year."""
    of_year = Period.objects.filter(plan=plan, notice_on__year=notice_on.year, notice_on__lt=notice_on)
    charges = [
        YearCharge(period.notice_on, period.per_head_minor, period.plan_version.rules.annual_cap_minor)
        for period in of_year.exclude(status=Period.Status.NOTICED).prefetch_related("plan_version")
    ]
    year_start = first_notice_of_year(notice_on, [charge.notice_on for charge in charges])
    return cohorts_of(cohort_counts(plan, counted_at), charges, year_start)


def preview(plan: Plan, notice_on: dt.date, claims: Sequence[Claim] | None = None) -> Preview:
    """The notice of a day from what is known now, or with the claims given. Raises NotANoticeDay, NoRulesInForce."""
    counted_at = start_of_day(notice_on, plan.timezone)
    version = version_in_force(plan, counted_at)
    if version is None:
        raise NoRulesInForce(plan, notice_on)
    rules = version.rules
    charge_on = charge_on_for(rules, notice_on)
    claims = tuple(claims_for_next_notice(plan) if claims is None else claims)
    latest = latest_period(plan)
    allocation = allocate(
        [AidedClaim(claim.ref, claim.amount_minor or 0, rules.fee_bp) for claim in claims],
        cohorts_at(plan, notice_on, counted_at),
        terms_of(rules, has_ended=has_ended(plan, counted_at)),
        surplus_carried(plan, latest),
    )
    threshold = None if allocation.terms.has_ended else _threshold(rules, notice_on, allocation.members, latest)
    return Preview(plan, version, notice_on, charge_on, counted_at, claims, allocation, threshold)


def _threshold(rules: PlanRules, notice_on: dt.date, members: int, latest: Period | None) -> Threshold | None:
    """What a notice with so many members says; the day is that of the first such notice in an unbroken row."""
    needed = rules.dissolution.below_members
    if needed is None or not is_too_few(rules, members):
        return None
    if latest is not None and latest.below_since is not None and latest.plan_ends_on is not None:
        return Threshold(needed, latest.below_since, latest.plan_ends_on)
    return Threshold(needed, notice_on, ends_on(rules, notice_on))


def allocation_of(period: Period) -> Allocation:
    """A published period's allocation, computed again from its own lines and shares."""
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
    """Why a claim of the notice will not be charged, as a `LeftBecause`; empty where it will.

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
