"""Shares that were not paid: what the sweep has to do about them, and what reviewers, members and the public read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from allocation.models import Arrear, Collection, Period, Retry
from members.access import AnyUser
from members.models import Membership, Plan
from members.selectors.memberships import memberships_of, memberships_visible_to
from members.selectors.plans import plans

MOST_AT_ONCE = 2000


def arrears_to_ask_for(now: dt.datetime) -> list[int]:
    """Shares whose time to be asked for again has come, and those whose last attempt is unanswered; oldest first."""
    owed = Arrear.objects.filter(status=Arrear.Status.OWED)
    due = owed.filter(next_try_at__lte=now).order_by("next_try_at").values_list("pk", flat=True)[:MOST_AT_ONCE]
    unanswered = Retry.objects.filter(status=Retry.Status.SENT).order_by("pk").values_list("arrear_id", flat=True)
    return list(dict.fromkeys([*unanswered[:MOST_AT_ONCE], *due]))


def memberships_out_of_grace(now: dt.datetime) -> list[int]:
    """Memberships with a share that could be paid until now, and was not."""
    owed = Arrear.objects.filter(status=Arrear.Status.OWED, grace_ends_at__lte=now).order_by("grace_ends_at", "pk")
    return list(dict.fromkeys(owed.values_list("membership_id", flat=True)[:MOST_AT_ONCE]))


def arrears_visible_to(user: AnyUser) -> QuerySet[Arrear]:
    """Reviewers and auditors see all; anybody else their own and those of whom they pay for. Newest first."""
    found = Arrear.objects.filter(membership__in=memberships_visible_to(user).order_by().values("pk"))
    return found.select_related("period__plan", "payout__claim").order_by("-pk")


def next_owed(user: AnyUser) -> Arrear | None:
    """Of what a user and those they pay for still owe as members, the share that can be paid for the shortest time."""
    running = memberships_of(user).filter(left_at=None).order_by()
    owed = Arrear.objects.filter(membership__in=running.values("pk"), status=Arrear.Status.OWED)
    return owed.order_by("grace_ends_at").first()


@dataclass(frozen=True)
class ArrearsTotal:
    """How many shares stand in one state, and what they come to, in minor units."""

    status: str
    number: int
    amount_minor: int

    @property
    def label(self) -> str:
        """The state in words."""
        return str(Arrear.Status(self.status).label)


@dataclass(frozen=True)
class PlanArrears:
    """What became of the shares of one plan that were not paid at first."""

    plan: Plan
    totals: tuple[ArrearsTotal, ...]
    next_end_at: dt.datetime | None
    """When the first grace ends of those that run."""

    @property
    def number(self) -> int:
        """All of them."""
        return sum(total.number for total in self.totals)

    @property
    def amount_minor(self) -> int:
        """What they come to."""
        return sum(total.amount_minor for total in self.totals)


def arrears_by_plan() -> list[PlanArrears]:
    """Every plan with its totals; the same few queries for any number of plans and of shares."""
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
            tuple(ArrearsTotal(status, *found.get((plan.pk, status), (0, 0))) for status in Arrear.Status.values),
            ends.get(plan.pk),
        )
        for plan in wanted
    ]


def arrears_of_plan(plan: Plan, status: str = "") -> QuerySet[Arrear]:
    """The plan's shares that were not paid, in one state or in any: newest first, of those owed the most urgent."""
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
    """What became of everything that a period charged its members; amounts in minor units, summing to `charged`."""

    charged_minor: int
    collecting_minor: int
    owed_minor: int
    paid_later_minor: int
    netted_minor: int
    written_off_minor: int

    @property
    def paid_minor(self) -> int:
        """What the collections brought in at once."""
        others = self.collecting_minor + self.owed_minor + self.paid_later_minor + self.netted_minor
        return self.charged_minor - others - self.written_off_minor


def shares_paid(period: Period) -> SharesPaid:
    """A charged period's shares by what became of them."""
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
    """What a membership can still pay, oldest first; with `unanswered`, whether it is being collected right now."""
    owed = Arrear.objects.filter(membership=membership, status=Arrear.Status.OWED).select_related("period__plan")
    return list(owed.annotate(unanswered=_unanswered()).order_by("pk"))
