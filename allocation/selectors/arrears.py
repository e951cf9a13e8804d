"""Unpaid shares: what the sweep has to do about them, and what reviewers, members and the public read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from allocation.models import Arrear, Collection, Period, Retry
from allocation.models.arrears import ArrearStatus
from audit.selectors.sweeps import ROWS_A_PAGE
from members.access import AnyUser
from members.models import Membership, Plan
from members.selectors.memberships import memberships_of, memberships_visible_to
from members.selectors.plans import plans


def arrears_to_ask_for(now: dt.datetime, behind: int = 0) -> list[int]:
    """Shares whose open attempt is due to be asked about, and those to try again: the next ones behind this id."""
    open_attempts = Retry.objects.filter(status=Retry.Status.SENT)
    unanswered = open_attempts.filter(next_attempt_at__lte=now, arrear_id__gt=behind)
    # One whose last attempt has no answer has no next one: the answer comes first, at the moment of that attempt.
    owed = Arrear.objects.filter(~Exists(open_attempts.filter(arrear=OuterRef("pk"))), status=Arrear.Status.OWED)
    due = owed.filter(next_try_at__lte=now, pk__gt=behind)
    # Two lists, each found by an index of its own: of both together the lowest ids are the next page.
    found = {
        *unanswered.order_by("arrear_id").values_list("arrear_id", flat=True)[:ROWS_A_PAGE],
        *due.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE],
    }
    return sorted(found)[:ROWS_A_PAGE]


def memberships_out_of_grace(now: dt.datetime, behind: int = 0) -> list[int]:
    """Memberships with a share that was not paid in its grace period: the next ones behind this id.

    Without those that go on because nothing shows that the notice of the share has reached anybody.
    """
    owed = Arrear.objects.filter(
        Q(served_at__isnull=False) | Q(membership__left_at__isnull=False),
        status=Arrear.Status.OWED,
        grace_ends_at__lte=now,
        membership_id__gt=behind,
    )
    found = owed.order_by("membership_id").values_list("membership_id", flat=True).distinct()
    return list(found[:ROWS_A_PAGE])


def arrears_visible_to(user: AnyUser) -> QuerySet[Arrear]:
    """Reviewers and auditors see all, others their own and those of the people they pay for. Newest first."""
    found = Arrear.objects.filter(membership__in=memberships_visible_to(user).order_by().values("pk"))
    return found.select_related("period__plan", "payout__claim").order_by("-pk")


def owed_at_household(user: AnyUser) -> list[Arrear]:
    """The first share that is still owed in each current membership of a user and those they pay for."""
    running = memberships_of(user).filter(left_at=None).order_by()
    owed = Arrear.objects.filter(membership__in=running.values("pk"), status=Arrear.Status.OWED)
    first = owed.order_by("membership_id", "grace_ends_at").distinct("membership_id")
    return sorted(first, key=lambda arrear: arrear.grace_ends_at)


@dataclass(frozen=True)
class ArrearsTotal:
    """How many shares are in one state, and their sum in minor units."""

    status: ArrearStatus
    number: int
    amount_minor: int


@dataclass(frozen=True)
class PlanArrears:
    """The shares of one plan whose collection failed, by their state now."""

    plan: Plan
    totals: tuple[ArrearsTotal, ...]
    next_end_at: dt.datetime | None
    """The earliest end of a running grace period."""

    @property
    def number(self) -> int:
        """All of them."""
        return sum(total.number for total in self.totals)

    @property
    def amount_minor(self) -> int:
        """Their sum."""
        return sum(total.amount_minor for total in self.totals)


def arrears_by_plan() -> list[PlanArrears]:
    """Every plan with its totals; a fixed number of queries for any number of plans and shares."""
    return _totals(list(plans()))


def plan_arrears(plan: Plan) -> PlanArrears:
    """One plan with its totals."""
    return _totals([plan])[0]


def _totals(wanted: list[Plan]) -> list[PlanArrears]:
    counted = (
        Arrear.objects.filter(period__plan__in=wanted)
        .order_by()
        .values_list("period__plan_id", "status")
        .annotate(number=Count("pk"), amount_minor=Sum("amount_minor"))
    )
    found = {(plan_id, status): (number, amount_minor) for plan_id, status, number, amount_minor in counted}
    ends = dict(
        Arrear.objects.filter(period__plan__in=wanted, status=Arrear.Status.OWED)
        .order_by()
        .values_list("period__plan_id")
        .annotate(first=Min("grace_ends_at"))
    )
    return [
        PlanArrears(
            plan,
            tuple(ArrearsTotal(status, *found.get((plan.pk, status), (0, 0))) for status in Arrear.Status),
            ends.get(plan.pk),
        )
        for plan in wanted
    ]


def arrears_of_plan(plan: Plan, status: str = "") -> QuerySet[Arrear]:
    """The plan's unpaid shares in one state or in all: newest first, owed ones by their deadline."""
    found = Arrear.objects.filter(period__plan=plan)
    if status:
        found = found.filter(status=status)
    order = ("grace_ends_at", "pk") if status == Arrear.Status.OWED else ("-pk",)
    return (
        found.select_related("period__plan", "membership", "payout__claim")
        .annotate(
            tries=Count("retries"),
            unanswered=_unanswered(),
        )
        .order_by(*order)
    )


def _unanswered() -> Count:
    return Count("retries", filter=Q(retries__status=Retry.Status.SENT))


@dataclass(frozen=True)
class SharesPaid:
    """What a period charged its members, by state; amounts in minor units, which sum to `charged`."""

    charged_minor: int
    collecting_minor: int
    owed_minor: int
    paid_later_minor: int
    netted_minor: int
    written_off_minor: int

    @property
    def paid_minor(self) -> int:
        """What the collections brought in on the first attempt."""
        others = self.collecting_minor + self.owed_minor + self.paid_later_minor + self.netted_minor
        return self.charged_minor - others - self.written_off_minor


def shares_paid(period: Period) -> SharesPaid:
    """A charged period's shares by state."""
    pending = Collection.objects.filter(share__period=period).exclude(status=Collection.Status.SETTLED)
    rows = Arrear.objects.filter(period=period).order_by().values_list("status").annotate(amount=Sum("amount_minor"))
    by_status = dict(rows)
    return SharesPaid(
        charged_minor=period.collected_minor,
        collecting_minor=pending.aggregate(sum=Coalesce(Sum("amount_minor"), 0))["sum"],
        owed_minor=by_status.get(Arrear.Status.OWED, 0),
        paid_later_minor=by_status.get(Arrear.Status.SETTLED, 0),
        netted_minor=by_status.get(Arrear.Status.NETTED, 0),
        written_off_minor=by_status.get(Arrear.Status.WRITTEN_OFF, 0),
    )


def owed_by(membership: Membership) -> list[Arrear]:
    """What a membership can still pay, oldest first; `unanswered` says whether it is being collected right now."""
    owed = Arrear.objects.filter(membership=membership, status=Arrear.Status.OWED).select_related("period__plan")
    return list(owed.annotate(unanswered=_unanswered()).order_by("pk"))
