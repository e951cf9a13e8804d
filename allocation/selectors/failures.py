"""Whose shares a batch contains, and which batches may have more failures to report."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from allocation.models import Collection
from allocation.rules.cohorts import CohortKey
from allocation.rules.keys import MEMBER, collection_key, member_name
from allocation.selectors.counting import cohort_in, is_counted, year_starts
from audit.selectors.sweeps import ROWS_A_PAGE
from members.models import Membership, Person

REPORTED_FOR = dt.timedelta(days=30)
"""How long after a collection its failures are still queried: a bank returns a payment within days."""
ASK_EVERY = dt.timedelta(hours=1)
_OF_OLDER_RELEASES = "membership:"
_MOST_DIGITS = 18


def members_in(collection: Collection, members: Iterable[str]) -> list[Membership]:
    """Those of the named members (`member_name`) whose shares the collection contains, by number."""
    share = collection.share
    period = share.period
    cohort = CohortKey(share.first_notice_on, share.is_gifted, share.carried_minor)
    names = list(members)
    named = Q(person__in=_people_named(names))
    if collection.key != collection_key(plan=period.plan.code, notice_on=period.notice_on, cohort=cohort.code):
        named |= Q(pk__in=_numbers_named(names))
    starts = year_starts({period.plan_id})
    return [
        membership
        for membership in Membership.objects.filter(named, plan=period.plan_id).order_by("pk")
        if is_counted(membership, period) and cohort_in(membership, period, starts) == cohort
    ]


def _people_named(names: Iterable[str]) -> list[int]:
    found = []
    for name in names:
        # A bank may report nonsense: it names nobody.
        with contextlib.suppress(ValueError):
            if name.startswith(MEMBER):
                found.append(UUID(name.removeprefix(MEMBER)))
    # First the people and then their memberships: each by an index, where a join could read the whole table.
    return list(Person.objects.filter(public_id__in=found).values_list("pk", flat=True))


def _numbers_named(names: Iterable[str]) -> list[int]:
    """Batches that a release before the lasting keys ordered name members by the numbers of their memberships."""
    numbers = [name.removeprefix(_OF_OLDER_RELEASES) for name in names if name.startswith(_OF_OLDER_RELEASES)]
    # Decimal digits of other scripts are digits too, and a number may be longer than the column.
    return [int(one) for one in numbers if one.isascii() and one.isdecimal() and len(one) <= _MOST_DIGITS]


def name_of(membership: Membership) -> str:
    """The name by which the payment service knows the member."""
    return member_name(str(membership.person.public_id))


def members_of_batch(key: str, members: Iterable[str]) -> list[Membership]:
    """The same by the collection's key; empty if no collection has this key."""
    collection = Collection.objects.select_related("share__period").filter(key=key).first()
    return members_in(collection, members) if collection else []


def collections_to_ask_about(now: dt.datetime, behind: int = 0) -> list[int]:
    """Settled collections whose failures are due to be read, at once and then every hour for a month: the next ones
    behind this id."""
    found = Collection.objects.filter(status=Collection.Status.SETTLED, next_attempt_at__lte=now, pk__gt=behind)
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])
