"""Two at once: two reviewers publish or charge, two workers pay. One does it, the other is told or finds it done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from adjudication.models import Claim
from allocation.errors import AlreadyCharged, NoticeOutOfOrder
from allocation.models import BankOrder, Collection, Payout, Period, Transaction
from allocation.services.payments import collect, pay
from allocation.services.periods import charge_period
from audit.actors import SYSTEM
from audit.models import Entry
from tests.allocation.making import charge, make_approved_claim, make_members, pay_everything, publish, uncapped_version

NOTICE = dt.date(2024, 3, 7)

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gives or raises when all begin together, each on a connection of its own."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.fixture
def claims() -> list[Claim]:
    version = uncapped_version()
    make_members(version.plan, 3)
    return [make_approved_claim(version, 1_000_00) for _each in range(2)]


def test_two_reviewers_publish_at_once(claims: list[Claim]) -> None:
    plan = claims[0].plan
    found = at_once(*[lambda: publish(plan, NOTICE)] * 2)
    assert sorted(type(result) for result in found if isinstance(result, Exception)) == [NoticeOutOfOrder]
    assert Period.objects.get().lines.count() == 2
    assert Entry.objects.filter(kind="period.noticed").count() == 1


def test_two_reviewers_charge_at_once(claims: list[Claim]) -> None:
    period = publish(claims[0].plan, NOTICE)
    found = at_once(*[lambda: charge_period(period_id=period.pk, by=SYSTEM)] * 2)
    assert [type(result) for result in found if isinstance(result, Exception)] == [AlreadyCharged]
    assert Payout.objects.count() == 2
    assert Collection.objects.count() == 1
    assert Transaction.objects.filter(kind="charge").count() == 1


def test_two_workers_make_the_same_payments_at_once(claims: list[Claim]) -> None:
    charge(publish(claims[0].plan, NOTICE))
    payout, collection = Payout.objects.order_by("pk").first(), Collection.objects.get()
    assert payout is not None
    paid = at_once(*[lambda: pay(payout_id=payout.pk)] * 2, *[lambda: collect(collection_id=collection.pk)] * 2)
    assert not [result for result in paid if isinstance(result, Exception)]
    assert BankOrder.objects.count() == 2
    assert sorted(Transaction.objects.values_list("kind", flat=True)) == ["charge", "collection", "payout"]
    assert Entry.objects.filter(kind="claim.settled").count() == 1


def test_the_last_payments_settle_the_period_once(claims: list[Claim]) -> None:
    period = charge(publish(claims[0].plan, NOTICE))
    collect(collection_id=Collection.objects.get().pk)
    found = at_once(*[lambda pk=pk: pay(payout_id=pk) for pk in Payout.objects.values_list("pk", flat=True)])  # type: ignore[misc]
    assert not [result for result in found if isinstance(result, Exception)]
    assert Period.objects.get().status == "settled"
    assert Entry.objects.filter(kind="period.settled").count() == 1
    assert pay_everything(period).status == "settled"
