"""The progress of the payments in a plan's periods, for reviewers and auditors."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber

from adjudication.models import Claim
from allocation.models import Collection, Payout, Period
from allocation.selectors.periods import approved_unallocated, published
from members.models import Plan
from members.selectors.plans import plans


@dataclass(frozen=True)
class PlanState:
    """One plan as reviewers see it: its latest period, and how many claims wait for the next notice."""

    plan: Plan
    latest: Period | None
    claims_waiting: int


def plan_states() -> list[PlanState]:
    """Every plan with its latest period; a fixed number of queries for any number of plans."""
    ranked = published().annotate(
        place=Window(RowNumber(), partition_by=[F("plan_id")], order_by=F("notice_on").desc())
    )
    latest = {period.plan_id: period for period in ranked.filter(place=1)}
    waiting = dict(approved_unallocated().order_by().values_list("plan_id").annotate(number=Count("pk")))
    return [PlanState(plan, latest.get(plan.pk), waiting.get(plan.pk, 0)) for plan in plans()]


def periods_with_progress(plan: Plan) -> QuerySet[Period]:
    """A plan's periods, newest first, with how many of their collections and payouts are settled or escalated."""
    collections = Collection.objects.filter(share__period=OuterRef("pk"))
    payouts = Payout.objects.filter(period=OuterRef("pk"))
    return (
        published()
        .filter(plan=plan)
        .annotate(
            collections_all=_count(collections, "share__period"),
            collections_settled=_count(collections.filter(status=Collection.Status.SETTLED), "share__period"),
            payouts_all=_count(payouts, "period"),
            payouts_settled=_count(payouts.filter(status=Payout.Status.SETTLED), "period"),
            payouts_unknown=_count(payouts.filter(status=Payout.Status.UNKNOWN), "period"),
        )
    )


def _count(rows: QuerySet[Collection] | QuerySet[Payout], period: str) -> Coalesce:
    counted = rows.order_by().values(period).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def payouts_for_a_person(plan: Plan) -> QuerySet[Payout]:
    """Payouts that no worker can finish: escalated, or of a claim that is no longer approved or is on hold."""
    stopped = Q(status=Payout.Status.PENDING) & (~Q(claim__status=Claim.Status.APPROVED) | ~Q(claim__hold_reason=""))
    return (
        Payout.objects.filter(Q(status=Payout.Status.UNKNOWN) | stopped, period__plan=plan)
        .select_related("claim", "period__plan")
        .order_by("pk")
    )


def payouts() -> QuerySet[Payout]:
    """Every payout, with its claim and period."""
    return Payout.objects.select_related("claim", "period__plan")
