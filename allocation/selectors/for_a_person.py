"""The payments that a person has been told about, of every kind, for pages and the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, QuerySet, Value, Window
from django.db.models.functions import RowNumber

from adjudication.models import Claim
from allocation.models import Asked, Collection, PaymentAttempt, Payout, Period, Refund, Retry
from allocation.selectors.asking import to_ask_again
from members.models import Membership, Plan

ATTEMPTS_SHOWN = 10
COLLECTION, PAYOUT, RETRY, REFUND = "collection", "payout", "retry", "refund"
NAMES: dict[type[Asked], str] = {Collection: COLLECTION, Payout: PAYOUT, Retry: RETRY, Refund: REFUND}
Found = tuple[str, int, dt.datetime]


@dataclass(frozen=True)
class ForAPerson:
    """One payment without an answer, or refused, with what it pays and its last exchange."""

    kind: str
    payment: Asked
    plan: Plan
    amount_minor: int
    status: Any
    claim: Claim | None = None
    period: Period | None = None
    membership: Membership | None = None
    last: PaymentAttempt | None = None

    @property
    def is_refused(self) -> bool:
        """Whether the payment service refused it, so that nothing is asked about by itself any more."""
        return self.payment.next_attempt_at is None


def number_to_ask() -> int:
    """How many payments a request to ask again would be about."""
    return sum(to_ask_again(kind).count() for kind in NAMES)


def found_for_a_person() -> QuerySet[Any, Found]:
    """Kind, number and moment of every payment that a person was told about, the oldest first; one query for all."""
    first, *others = [
        kind._default_manager.filter(escalated_at__isnull=False)
        .order_by()
        .annotate(kind=Value(name), row=F("pk"), told_at=F("escalated_at"))
        .values_list("kind", "row", "told_at")
        for kind, name in NAMES.items()
    ]
    return first.union(*others, all=True).order_by("told_at", "kind", "row")


def for_a_person(found: Iterable[Found]) -> list[ForAPerson]:
    """These payments with all that is shown of them: a fixed number of queries for any number of them."""
    wanted = list(found)
    rows: dict[tuple[str, int], ForAPerson] = {}
    for name, read in _READERS.items():
        for one in read([pk for kind, pk, _at in wanted if kind == name]):
            rows[name, one.payment.pk] = one
    last = latest_attempts([one.payment.key for one in rows.values()], 1)
    in_order = [rows[kind, pk] for kind, pk, _at in wanted if (kind, pk) in rows]
    return [replace(one, last=next(iter(last.get(one.payment.key, [])), None)) for one in in_order]


def latest_attempts(keys: Iterable[str], number: int = ATTEMPTS_SHOWN) -> dict[str, list[PaymentAttempt]]:
    """The last exchanges about each of these payments, newest first: after an outage of days there are hundreds."""
    ranked = PaymentAttempt.objects.filter(key__in=list(keys)).annotate(
        place=Window(RowNumber(), partition_by=[F("key")], order_by=F("number").desc())
    )
    found: dict[str, list[PaymentAttempt]] = {}
    for attempt in ranked.filter(place__lte=number).order_by("key", "-number"):
        found.setdefault(attempt.key, []).append(attempt)
    return found


def _collections(pks: list[int]) -> list[ForAPerson]:
    rows = Collection.objects.filter(pk__in=pks).select_related("share__period__plan")
    return [
        ForAPerson(COLLECTION, row, row.share.period.plan, row.amount_minor, row.status, period=row.share.period)
        for row in rows
    ]


def _payouts(pks: list[int]) -> list[ForAPerson]:
    rows = Payout.objects.filter(pk__in=pks).select_related("claim", "period__plan")
    return [
        ForAPerson(PAYOUT, row, row.period.plan, row.paid_minor, row.status, claim=row.claim, period=row.period)
        for row in rows
    ]


def _retries(pks: list[int]) -> list[ForAPerson]:
    rows = Retry.objects.filter(pk__in=pks).select_related("arrear__membership", "arrear__period__plan")
    return [
        ForAPerson(
            RETRY,
            row,
            row.arrear.period.plan,
            row.arrear.amount_minor,
            row.status,
            period=row.arrear.period,
            membership=row.arrear.membership,
        )
        for row in rows
    ]


def _refunds(pks: list[int]) -> list[ForAPerson]:
    rows = Refund.objects.filter(pk__in=pks).select_related("claim", "membership__plan")
    return [
        ForAPerson(REFUND, row, row.membership.plan, row.amount_minor or 0, row.status, claim=row.claim) for row in rows
    ]


_READERS = {COLLECTION: _collections, PAYOUT: _payouts, RETRY: _retries, REFUND: _refunds}
