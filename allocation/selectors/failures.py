"""Whose share a batch was to bring in, and which batches may have more failures to report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q

from allocation.models import Collection
from allocation.rules.cohorts import CohortKey
from allocation.selectors.counting import cohort_in, is_counted, year_starts
from members.models import Membership

REPORTED_FOR = dt.timedelta(days=30)
"""How long after a collection failures are still asked for: a bank returns a payment within days."""
ASK_EVERY = dt.timedelta(hours=1)
MOST_AT_ONCE = 500
_PREFIX = "membership:"


def members_in(collection: Collection, members: Iterable[str]) -> list[Membership]:
    """Those of the memberships named (`str(membership)`) whose share the collection was to bring in, by number."""
    share = collection.share
    period = share.period
    numbers = [number for name in members if (number := name.removeprefix(_PREFIX)).isdecimal() and name != number]
    starts = year_starts({period.plan_id})
    cohort = CohortKey(share.first_notice_on, share.is_gifted, share.carried_minor)
    return [
        membership
        for membership in Membership.objects.filter(pk__in=numbers, plan=period.plan_id).order_by("pk")
        if is_counted(membership, period) and cohort_in(membership, period, starts) == cohort
    ]


def members_of_batch(key: str, members: Iterable[str]) -> list[Membership]:
    """The same by the collection's key; nobody where the key is no collection's."""
    collection = Collection.objects.select_related("share__period").filter(key=key).first()
    return members_in(collection, members) if collection else []


def collections_to_ask_about(now: dt.datetime) -> list[int]:
    """Settled collections whose failures have not been asked for, or not for an hour."""
    found = Collection.objects.filter(
        Q(failures_asked_at=None) | Q(failures_asked_at__lte=now - ASK_EVERY, settled_at__gt=now - REPORTED_FOR),
        status=Collection.Status.SETTLED,
    )
    return list(found.order_by("failures_asked_at", "pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
