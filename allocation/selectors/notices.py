"""What the public reads of periods: the list by plan, and one period's notice with its arithmetic."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber

from allocation.models import AidLine, Period
from allocation.rules.shares import Allocation
from allocation.selectors.periods import allocation_of, published
from jury.selectors.draws import rounds_drawn
from members.models import Plan
from members.rules.dates import start_of_day
from pages.moments import page_now

SHOWN_A_PLAN = 12


@dataclass(frozen=True)
class PlanPeriods:
    """The latest periods of one plan, newest first."""

    plan: Plan
    periods: tuple[Period, ...]


@dataclass(frozen=True)
class Notice:
    """A period's notice as anyone may read it; once charged, with the figures of the charge."""

    period: Period
    lines: tuple[AidLine, ...]
    allocation: Allocation
    objections_until: dt.datetime
    is_open: bool
    """Whether objections can still be raised."""
    changes: tuple[tuple[str, int, int], ...]
    """Figures that differ between notice and charge: (field, at the notice, at the charge)."""
    draws: tuple[tuple[str, int], ...]
    """The draws of the juries that judged these claims: (claim, round)."""


def with_claim_counts(periods: QuerySet[Period]) -> QuerySet[Period]:
    """Each with `claims_paid`: how many claims it pays."""
    counted = (
        AidLine.objects.filter(period=OuterRef("pk"), left_because="")
        .order_by()
        .values("period")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return periods.annotate(claims_paid=Coalesce(Subquery(counted, output_field=IntegerField()), 0))


def latest_by_plan() -> list[PlanPeriods]:
    """The latest periods of every plan that has some; a fixed number of queries for any number of plans."""
    ranked = published().annotate(
        place=Window(RowNumber(), partition_by=[F("plan_id")], order_by=F("notice_on").desc())
    )
    groups: dict[Plan, list[Period]] = {}
    for period in with_claim_counts(ranked.filter(place__lte=SHOWN_A_PLAN)).order_by("plan__code", "-notice_on"):
        groups.setdefault(period.plan, []).append(period)
    return [PlanPeriods(plan, tuple(periods)) for plan, periods in groups.items()]


def periods_of(plan: Plan) -> QuerySet[Period]:
    """Every published period of one plan, newest first."""
    return with_claim_counts(published().filter(plan=plan))


def notice(period: Period) -> Notice:
    """The whole notice of a period."""
    objections_until = start_of_day(period.charge_on, period.plan.timezone)
    lines = tuple(period.lines.select_related("claim").order_by("pk"))
    said = period.notice_figures["totals"]
    # Only what both have: a notice keeps the figures of its release, and a later one may have others.
    now_figures = {name: getattr(period, name) for name in said if hasattr(period, name)}
    return Notice(
        period=period,
        lines=lines,
        allocation=allocation_of(period),
        objections_until=objections_until,
        is_open=period.status == Period.Status.NOTICED and page_now() < objections_until,
        changes=tuple((name, said[name], minor) for name, minor in now_figures.items() if minor != said[name]),
        draws=tuple(rounds_drawn(line.claim.ref for line in lines)),
    )
