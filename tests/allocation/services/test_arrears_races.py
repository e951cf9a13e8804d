"""Two workers at once read failures, retry, end memberships, net and refund: one does it, the other finds it done."""

from __future__ import annotations

import datetime as dt

import pytest

from allocation.models import Arrear, BankOrder, Collection, Payout, Refund, Retry, Transaction
from allocation.services.arrears import end_in_arrears, retry_arrear
from allocation.services.failures import read_failures
from allocation.services.payments import collect, pay
from allocation.services.refunds import open_refund, pay_refund
from audit.actors import SYSTEM
from audit.models import Entry
from members.models import Membership
from members.tasks import sweep_messages
from tests.allocation.making import (
    charge,
    make_approved_claim,
    make_members,
    publish,
    refuse,
    reject_in_wait,
    uncapped_version,
    with_log_ins,
)
from tests.allocation.services.test_races import at_once
from tests.factories import SHANGHAI
from tests.moving import set_clock

pytestmark = pytest.mark.django_db(transaction=True)
CHARGED_AT = dt.datetime(2024, 3, 14, 9, tzinfo=SHANGHAI)
GRACE_ENDS = dt.datetime(2024, 3, 29, tzinfo=SHANGHAI)


@pytest.fixture
def debtor() -> Membership:
    """One of three who share a claim of 1,000 yuan, and does not pay."""
    set_clock(CHARGED_AT)
    version = uncapped_version()
    members = with_log_ins(make_members(version.plan, 3))
    make_approved_claim(version, 1_000_00, members[2])
    refuse(members[0])
    charge(publish(version.plan, dt.date(2024, 3, 7)))
    collect(collection_id=Collection.objects.get().pk)
    return members[0]


def failed(found: list[object]) -> list[object]:
    return [one for one in found if isinstance(one, Exception)]


def test_two_workers_read_the_same_failures(debtor: Membership) -> None:
    collection = Collection.objects.get()
    found = at_once(*[lambda: read_failures(collection_id=collection.pk)] * 3)
    assert sorted(found) == [0, 0, 1]
    assert Arrear.objects.count() == 1
    assert Transaction.objects.filter(kind="failed_collection").count() == 1


def test_two_workers_retry_the_same_share(debtor: Membership) -> None:
    read_failures(collection_id=Collection.objects.get().pk)
    # Without a served notice the membership would go on in every race.
    sweep_messages()
    refuse(debtor, is_refusing=False)
    arrear = Arrear.objects.get()
    assert not failed(at_once(*[lambda: retry_arrear(arrear_id=arrear.pk, by=SYSTEM)] * 3))
    assert Arrear.objects.get().status == "settled"
    assert Retry.objects.count() == BankOrder.objects.filter(key__startswith="arrear:").count() == 1
    assert Transaction.objects.filter(kind="paid_later").count() == 1
    assert Entry.objects.filter(kind="arrear.settled").count() == 1


def test_a_payment_meets_the_end_of_the_grace(debtor: Membership) -> None:
    """Either the share is paid and the membership stays, or it is written off and the membership ends."""
    read_failures(collection_id=Collection.objects.get().pk)
    # Without a served notice the membership would go on in every race.
    sweep_messages()
    refuse(debtor, is_refusing=False)
    arrear = Arrear.objects.get()
    set_clock(GRACE_ENDS)
    assert not failed(
        at_once(
            lambda: retry_arrear(arrear_id=arrear.pk, by=SYSTEM),
            lambda: end_in_arrears(membership_id=debtor.pk),
            lambda: end_in_arrears(membership_id=debtor.pk),
        )
    )
    status = Arrear.objects.get().status
    reason = Membership.objects.get(pk=debtor.pk).end_reason
    assert (status, reason) in {("settled", ""), ("written_off", "arrears")}
    assert Transaction.objects.filter(kind__in=["paid_later", "write_off"]).count() == 1


def test_a_payout_meets_the_end_of_the_grace(debtor: Membership) -> None:
    read_failures(collection_id=Collection.objects.get().pk)
    # Without a served notice the membership would go on in every race.
    sweep_messages()
    plan = debtor.plan
    make_approved_claim(plan.versions.get(), 2_000_00, debtor)
    charge(publish(plan, dt.date(2024, 3, 21)))
    payout = Payout.objects.get(membership=debtor)
    set_clock(GRACE_ENDS)
    assert not failed(
        at_once(
            *[lambda: pay(payout_id=payout.pk)] * 2,
            *[lambda: end_in_arrears(membership_id=debtor.pk)] * 2,
        )
    )
    payout = Payout.objects.get(pk=payout.pk)
    arrear = Arrear.objects.get()
    assert (payout.status, payout.netted_minor, arrear.status) == ("settled", arrear.amount_minor, "netted")
    assert BankOrder.objects.get(key=payout.key).amount_minor == payout.paid_minor
    assert Transaction.objects.filter(kind="write_off").count() == (arrear.written_off_at is not None)


def test_two_workers_refund_the_same_claim(debtor: Membership) -> None:
    [ill] = make_members(debtor.plan, 1, dt.datetime(2024, 2, 1, tzinfo=SHANGHAI), first_notice_on=dt.date(2024, 2, 7))
    claim = reject_in_wait(debtor.plan.versions.get(), ill, dt.date(2024, 3, 1))
    set_clock(dt.datetime(2024, 5, 20, tzinfo=SHANGHAI))
    make_approved_claim(debtor.plan.versions.get(), 1_000_00)
    charge(publish(debtor.plan, dt.date(2024, 5, 7)))
    for collection in Collection.objects.exclude(status="settled"):
        collect(collection_id=collection.pk)
    for collection in Collection.objects.all():
        read_failures(collection_id=collection.pk)
    found = at_once(*[lambda: open_refund(claim_id=claim.pk)] * 3)
    assert not failed(found)
    assert sum(one is not None for one in found) == 1
    set_clock(dt.datetime(2024, 5, 21, 1, tzinfo=SHANGHAI))
    refund = Refund.objects.get()
    assert not failed(at_once(*[lambda: pay_refund(refund_id=refund.pk)] * 3))
    refund = Refund.objects.get()
    assert refund.status == "settled"
    assert refund.amount_minor
    assert BankOrder.objects.filter(key=refund.key).count() == 1
    assert Transaction.objects.filter(kind="refund").count() == 1
