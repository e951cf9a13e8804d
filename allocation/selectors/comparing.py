"""The payments of the tables by their keys, as a comparison with the payment service needs them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import islice

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import Combinable

from allocation.models import Asked, Collection, PaymentAttempt, Payout, Refund, Retry
from allocation.rules.comparing import (
    OPEN,
    REFUSED,
    SETTLED,
    BankLine,
    Compared,
    OurPayment,
    compare,
    missing_there,
)

AT_ONCE = 1000
_AMOUNTS: tuple[tuple[type[Asked], Combinable], ...] = (
    (Collection, F("amount_minor")),
    (Payout, F("amount_minor") - F("netted_minor")),
    (Retry, F("arrear__amount_minor")),
    (Refund, F("amount_minor")),
)
"""Every kind of payment with the amount that is ordered under its key."""


def compared(lines: Iterable[BankLine], since: dt.datetime | None) -> Iterator[Compared]:
    """Each line of the payment service's list beside our payment of the same key, then what the list lacks.

    `since` is the moment from which the list is complete: our payments ordered before it cannot be missing in it.
    Without it nothing is reported as missing. The list is read piece by piece, however long it is.
    """
    listed: set[str] = set()
    rest = iter(lines)
    while piece := list(islice(rest, AT_ONCE)):
        ours = {one.key: one for one in _ours(Q(key__in={line.key for line in piece}))}
        for line in piece:
            yield compare(line, ours.get(line.key), is_repeated=line.key in listed)
            listed.add(line.key)
    if since is not None:
        before = PaymentAttempt.objects.filter(key=OuterRef("key"), made_at__lt=since)
        after = PaymentAttempt.objects.filter(key=OuterRef("key"), made_at__gte=since)
        yield from missing_there(_ours(Q(Exists(after)) & ~Q(Exists(before))), listed)


def _ours(which: Q) -> Iterator[OurPayment]:
    for kind, amount in _AMOUNTS:
        rows = kind._default_manager.annotate(ordered_minor=amount).filter(which, ordered_minor__isnull=False)
        for row in rows.order_by("pk").iterator(AT_ONCE):
            yield OurPayment(row.key, row.ordered_minor, _state(row))


def _state(row: Asked) -> str:
    status = row.status  # type: ignore[attr-defined]
    if status in {SETTLED, REFUSED}:
        return str(status)
    # Escalated with nothing left to ask: the service refused it.
    return REFUSED if row.escalated_at is not None and row.next_attempt_at is None else OPEN
