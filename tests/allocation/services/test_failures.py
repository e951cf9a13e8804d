"""Who of a collected batch did not pay: read once, however often and by however many it is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

import pytest
from django.db import IntegrityError, transaction
from pytest_django.fixtures import Settings

from allocation import tasks
from allocation.gateways import DemonstrationBank, Failure
from allocation.models import Arrear, BankReturn, Collection, Period, Transaction
from allocation.selectors.failures import collections_to_ask_about, name_of
from allocation.selectors.ledger import trial_balance
from allocation.services.failures import read_failures
from allocation.services.payments import collect
from audit import clock
from audit.models import Entry
from members.models import Membership
from tests.allocation.conftest import Desk
from tests.allocation.making import charge, make_members, publish, refuse
from tests.factories import SHANGHAI
from tests.moving import move_clock, set_clock

NOTICE = dt.date(2024, 3, 7)
CHARGED_AT = dt.datetime(2024, 3, 14, 9, tzinfo=SHANGHAI)


@pytest.fixture
def members(desk: Desk) -> list[Membership]:
    return list(Membership.objects.filter(plan=desk.plan).order_by("pk"))


@pytest.fixture
def collection(desk: Desk) -> Collection:
    period = publish(desk.plan, NOTICE)
    set_clock(CHARGED_AT)
    charge(period)
    return Collection.objects.get()


def balances(desk: Desk) -> dict[str, int]:
    return {account.code: account.balance_minor for account in trial_balance(desk.plan).accounts}


def test_a_member_who_does_not_pay_owes_the_share(
    desk: Desk, members: list[Membership], collection: Collection
) -> None:
    refuse(members[0], members[4])
    collect(collection_id=collection.pk)
    assert read_failures(collection_id=collection.pk) == 2
    first, second = Arrear.objects.order_by("pk")
    assert (first.membership, second.membership) == (members[0], members[4])
    assert (first.status, first.amount_minor, first.share) == ("owed", 108_00, collection.share)
    assert first.failed_at == CHARGED_AT
    assert first.grace_ends_at == dt.datetime(2024, 3, 29, tzinfo=SHANGHAI)
    assert first.next_try_at == CHARGED_AT + dt.timedelta(days=3)
    assert balances(desk)["members_receivable"] == 2 * 108_00
    assert balances(desk)["cash"] == 8 * 108_00
    booked = Transaction.objects.get(kind="failed_collection")
    assert [posting.amount_minor for posting in booked.postings.order_by("pk")] == [216_00, -216_00]
    entry = Entry.objects.get(kind="arrear.opened", stream=f"membership:{members[0].pk}")
    assert entry.body == {
        "period": "period:xhb/2024-03-07",
        "amount_minor": 108_00,
        "grace_ends_at": "2024-03-29T00:00:00+08:00",
    }


def test_reports_may_be_read_any_number_of_times(members: list[Membership], collection: Collection) -> None:
    refuse(members[0])
    collect(collection_id=collection.pk)
    read_failures(collection_id=collection.pk)
    before = (Arrear.objects.count(), Transaction.objects.count(), Entry.objects.count())
    assert read_failures(collection_id=collection.pk) == 0
    Collection.objects.update(failures_read=0)
    assert read_failures(collection_id=collection.pk) == 0
    assert Arrear.objects.count() == before[0] == 1
    assert Transaction.objects.count() == before[1]


def test_nobody_failed_is_nothing_to_book(desk: Desk, collection: Collection) -> None:
    collect(collection_id=collection.pk)
    assert read_failures(collection_id=collection.pk) == 0
    assert not Transaction.objects.filter(kind="failed_collection").exists()
    assert not Entry.objects.filter(kind="failures.read").exists()


def test_a_batch_that_is_not_settled_is_not_asked_about(collection: Collection) -> None:
    assert read_failures(collection_id=collection.pk) == 0
    assert Collection.objects.get().failures_asked_at is None


class TwoPages(DemonstrationBank):
    """Reports page by page, and dies between the two the first time; some of it is nonsense."""

    dies: ClassVar[bool] = True
    reported: ClassVar[list[Failure]] = []

    def failures(self, *, key: str, after: int) -> Sequence[Failure]:
        if after == 2 and TwoPages.dies:
            TwoPages.dies = False
            raise SystemExit
        return [failure for failure in self.reported if failure.number > after][:2]


def test_killed_between_two_pages_it_goes_on_where_it_was(
    members: list[Membership], collection: Collection, settings: Settings
) -> None:
    collect(collection_id=collection.pk)
    TwoPages.dies = True
    TwoPages.reported = [Failure(number, name_of(members[number])) for number in range(1, 6)]
    settings.PAYMENT_GATEWAY = "tests.allocation.services.test_failures.TwoPages"
    with pytest.raises(SystemExit):
        read_failures(collection_id=collection.pk)
    assert Arrear.objects.count() == 2
    assert list(collections_to_ask_about(clock.now())) == [collection.pk]
    assert read_failures(collection_id=collection.pk) == 3
    assert sorted(Arrear.objects.values_list("membership_id", flat=True)) == [members[n].pk for n in range(1, 6)]
    assert Transaction.objects.filter(kind="failed_collection").count() == 3


def test_what_is_not_theirs_is_counted_and_not_booked(
    desk: Desk, members: list[Membership], collection: Collection, settings: Settings
) -> None:
    collect(collection_id=collection.pk)
    late = make_members(desk.plan, 1, joined_at=dt.datetime(2024, 3, 8, tzinfo=SHANGHAI))[0]
    gifted = make_members(desk.plan, 1, is_gifted=True)[0]
    TwoPages.dies = False
    names = [*map(name_of, (members[1], late, gifted)), str(members[2]), "member:x", "somebody", name_of(members[1])]
    TwoPages.reported = [Failure(number, name) for number, name in enumerate(names, 1)]
    settings.PAYMENT_GATEWAY = "tests.allocation.services.test_failures.TwoPages"
    assert read_failures(collection_id=collection.pk) == 1
    assert Arrear.objects.get().membership == members[1]
    told = Entry.objects.filter(kind="failures.read").order_by("pk")
    assert sum(entry.body["opened"] for entry in told) == 1
    assert sum(entry.body["not_theirs"] for entry in told) == 5


def test_a_dead_bank_is_asked_again(collection: Collection, settings: Settings) -> None:
    collect(collection_id=collection.pk)
    settings.PAYMENT_GATEWAY = "tests.allocation.making.DeadBank"
    assert read_failures(collection_id=collection.pk) == 0
    assert list(collections_to_ask_about(clock.now())) == []
    move_clock(seconds=15)
    assert list(collections_to_ask_about(clock.now())) == [collection.pk]


def test_failures_are_asked_for_hourly_for_a_month(collection: Collection) -> None:
    tasks.sweep_payments()
    assert tasks.sweep_arrears() == 1
    assert list(collections_to_ask_about(clock.now())) == []
    move_clock(hours=1)
    assert list(collections_to_ask_about(clock.now())) == [collection.pk]
    move_clock(days=30)
    assert tasks.sweep_arrears() == 1  # a last time, for what was reported in the last hour
    move_clock(days=1)
    assert list(collections_to_ask_about(clock.now())) == []


def test_a_period_settles_although_members_owe(members: list[Membership], collection: Collection) -> None:
    refuse(members[0])
    tasks.collect(collection.pk)
    tasks.sweep_payments()
    assert Arrear.objects.get().status == "owed"
    assert Period.objects.get().status == "settled"


def test_a_late_report_leaves_as_much_time(members: list[Membership], collection: Collection) -> None:
    collect(collection_id=collection.pk)
    move_clock(days=3)
    BankReturn.objects.create(key=collection.key, member=name_of(members[0]))
    read_failures(collection_id=collection.pk)
    assert Arrear.objects.get().grace_ends_at == dt.datetime(2024, 4, 1, tzinfo=SHANGHAI)


def test_the_database_takes_no_arrear_that_is_no_share(
    desk: Desk, members: list[Membership], collection: Collection
) -> None:
    values = {
        "membership": members[0],
        "period": collection.share.period,
        "share": collection.share,
        "amount_minor": 108_00,
        "failed_at": CHARGED_AT,
        "grace_ends_at": CHARGED_AT,
    }
    with pytest.raises(IntegrityError, match="collection is settled"), transaction.atomic():
        Arrear.objects.create(**values)
    collect(collection_id=collection.pk)
    with pytest.raises(IntegrityError, match="is the share of a member"), transaction.atomic():
        Arrear.objects.create(**values | {"amount_minor": 109_00})
    Arrear.objects.create(**values)
    with pytest.raises(IntegrityError, match="one_arrear_a_share"), transaction.atomic():
        Arrear.objects.create(**values)
