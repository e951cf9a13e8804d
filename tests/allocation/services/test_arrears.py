"""An unpaid share: retried, paid by the member, written off, netted; each once, and permanently."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django.fixtures import Settings

from allocation import tasks
from allocation.errors.arrears import NothingOwed
from allocation.models import Arrear, BankOrder, Payout, Period, Retry, Transaction
from allocation.selectors.arrears import arrears_to_ask_for, shares_paid
from allocation.selectors.ledger import trial_balance
from allocation.services.arrears import end_in_arrears, pay_arrears, retry_arrear
from allocation.services.payments import collect, pay
from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from members.errors.people import NotTheirs
from members.models import Membership
from members.services.memberships import end_membership
from tests.allocation.conftest import Desk
from tests.allocation.making import charge, make_approved_claim, publish, refuse, work
from tests.bent import bend
from tests.factories import SHANGHAI, make_user
from tests.moving import move_clock, set_clock

CHARGED_AT = dt.datetime(2024, 3, 14, 9, tzinfo=SHANGHAI)
GRACE_ENDS = dt.datetime(2024, 3, 29, tzinfo=SHANGHAI)
MAKING = "tests.allocation.making."
GOOD = "allocation.gateways.DemonstrationBank"


@pytest.fixture
def debtor(desk: Desk) -> Membership:
    """A member who is not the one with the claim."""
    user = make_user("debtor@test.example")
    membership = Membership.objects.filter(plan=desk.plan).exclude(pk=desk.claim.membership_id).earliest("pk")
    membership.person.user = user
    bend(membership.person)
    return membership


@pytest.fixture
def arrear(desk: Desk, debtor: Membership) -> Arrear:
    set_clock(CHARGED_AT)
    refuse(debtor)
    charge(publish(desk.plan, dt.date(2024, 3, 7)))
    work()
    return Arrear.objects.get()


def balances(desk: Desk) -> dict[str, int]:
    return {account.code: account.balance_minor for account in trial_balance(desk.plan).accounts}


def kinds(debtor: Membership) -> list[str]:
    stream = f"membership:{debtor.pk}"
    return list(Entry.objects.filter(stream=stream).order_by("pk").values_list("kind", flat=True))


def test_the_sweep_asks_again_on_its_days_and_then_is_paid(desk: Desk, debtor: Membership, arrear: Arrear) -> None:
    work()
    assert not Retry.objects.exists()
    move_clock(days=3)
    work()
    assert Retry.objects.get().status == "refused"
    assert Arrear.objects.get().next_try_at == clock.now() + dt.timedelta(days=3)
    work()
    assert Retry.objects.count() == 1
    refuse(debtor, is_refusing=False)
    move_clock(days=3)
    work()
    arrear = Arrear.objects.get()
    assert (arrear.status, arrear.settled_at, arrear.next_try_at) == ("settled", clock.now(), None)
    assert list(Retry.objects.values_list("key", "status")) == [
        (f"arrear:{arrear.name}:1", "refused"),
        (f"arrear:{arrear.name}:2", "settled"),
    ]
    assert kinds(debtor) == [
        "arrear.opened",
        "arrear.served",
        "arrear.asked_for",
        "arrear.refused",
        "arrear.asked_for",
        "arrear.settled",
    ]
    assert balances(desk)["members_receivable"] == 0
    assert balances(desk)["cash"] == 80_00
    assert Transaction.objects.filter(kind="paid_later").count() == 1
    move_clock(days=60)
    work()
    assert Membership.objects.get(pk=debtor.pk).left_at is None


def test_who_never_pays_is_out_when_the_grace_ends(desk: Desk, debtor: Membership, arrear: Arrear) -> None:
    set_clock(GRACE_ENDS - dt.timedelta(seconds=1))
    work()
    assert Membership.objects.get(pk=debtor.pk).left_at is None
    set_clock(GRACE_ENDS)
    work()
    membership = Membership.objects.get(pk=debtor.pk)
    assert (membership.left_at, membership.end_reason) == (GRACE_ENDS, "arrears")
    arrear = Arrear.objects.get()
    assert (arrear.status, arrear.written_off_at, arrear.next_try_at) == ("written_off", GRACE_ENDS, None)
    assert balances(desk)["sponsor_receivable"] == 108_00
    assert balances(desk)["members_receivable"] == 0
    assert kinds(debtor)[-2:] == ["membership.ended", "arrear.written_off"]
    before = (Entry.objects.count(), Transaction.objects.count())
    work()
    assert end_in_arrears(membership_id=debtor.pk) is False
    assert (Entry.objects.count(), Transaction.objects.count()) == before


def test_in_grace_a_member_is_counted_and_both_periods_are_written_off(
    desk: Desk, debtor: Membership, arrear: Arrear
) -> None:
    set_clock(dt.datetime(2024, 3, 21, 9, tzinfo=SHANGHAI))
    make_approved_claim(desk.version, 1_000_00)
    period = publish(desk.plan, dt.date(2024, 3, 21))
    # Ten of the first plus the new claimant, less the one aided.
    assert period.members == 10
    set_clock(dt.datetime(2024, 3, 28, 9, tzinfo=SHANGHAI))
    charge(period)
    work()
    assert Arrear.objects.filter(status="owed").count() == 2
    set_clock(GRACE_ENDS)
    work()
    assert list(Arrear.objects.values_list("status", flat=True)) == ["written_off"] * 2
    owed = sum(Arrear.objects.values_list("amount_minor", flat=True))
    assert balances(desk)["sponsor_receivable"] == owed
    assert balances(desk)["members_receivable"] == 0


def test_a_share_that_fails_after_the_end_is_written_off_without_a_second_grace(
    desk: Desk, debtor: Membership, arrear: Arrear
) -> None:
    set_clock(dt.datetime(2024, 3, 21, 9, tzinfo=SHANGHAI))
    make_approved_claim(desk.version, 1_000_00)
    period = publish(desk.plan, dt.date(2024, 3, 21))
    set_clock(GRACE_ENDS)
    work()
    charge(period)
    work()
    assert list(Arrear.objects.order_by("pk").values_list("status", flat=True)) == ["written_off"] * 2
    assert Retry.objects.filter(arrear__period=period).count() == 0


def test_a_member_who_left_still_owes(debtor: Membership, arrear: Arrear) -> None:
    left_at = clock.now()
    end_membership(membership_id=debtor.pk, at=left_at, reason="left", by=SYSTEM)
    set_clock(GRACE_ENDS)
    work()
    assert Arrear.objects.get().status == "written_off"
    membership = Membership.objects.get(pk=debtor.pk)
    assert (membership.end_reason, membership.left_at) == ("left", left_at)


def test_the_member_pays_at_once(debtor: Membership, arrear: Arrear) -> None:
    user = debtor.person.user
    assert user is not None
    [refused] = pay_arrears(membership_id=debtor.pk, by=user)
    assert refused.status == "owed"
    refuse(debtor, is_refusing=False)
    [paid] = pay_arrears(membership_id=debtor.pk, by=user)
    assert paid.status == "settled"
    assert Entry.objects.filter(kind="arrear.asked_for", actor=user.audit_ref).count() == 2
    assert list(Retry.objects.values_list("asked_by", flat=True)) == [user.pk] * 2
    with pytest.raises(NothingOwed):
        pay_arrears(membership_id=debtor.pk, by=user)


def test_nobody_pays_for_strangers(debtor: Membership, arrear: Arrear) -> None:
    with pytest.raises(NotTheirs):
        pay_arrears(membership_id=debtor.pk, by=make_user("stranger@test.example"))
    assert not Retry.objects.exists()


def test_killed_between_the_key_and_the_order(arrear: Arrear, settings: Settings) -> None:
    settings.PAYMENT_GATEWAY = MAKING + "CrashingBank"
    with pytest.raises(SystemExit):
        retry_arrear(arrear_id=arrear.pk, by=SYSTEM)
    assert Retry.objects.get().status == "sent"
    settings.PAYMENT_GATEWAY = GOOD
    assert list(arrears_to_ask_for(clock.now())) == []
    move_clock(minutes=1)
    assert list(arrears_to_ask_for(clock.now())) == [arrear.pk]
    retry_arrear(arrear_id=arrear.pk, by=SYSTEM)
    assert Retry.objects.get().status == "refused"
    assert BankOrder.objects.filter(key__startswith="arrear:").count() == 1


def test_nobody_is_sent_away_while_their_payment_may_be_on_its_way(
    debtor: Membership, arrear: Arrear, settings: Settings
) -> None:
    refuse(debtor, is_refusing=False)
    settings.PAYMENT_GATEWAY = MAKING + "ForgetfulBank"
    retry_arrear(arrear_id=arrear.pk, by=SYSTEM)
    settings.PAYMENT_GATEWAY = MAKING + "DeadBank"
    set_clock(GRACE_ENDS + dt.timedelta(days=2))
    work()
    assert Arrear.objects.get().status == "owed"
    assert Membership.objects.get(pk=debtor.pk).left_at is None
    settings.PAYMENT_GATEWAY = GOOD
    move_clock(hours=6)
    work()
    assert Arrear.objects.get().status == "settled"
    assert Retry.objects.count() == 1
    assert Membership.objects.get(pk=debtor.pk).left_at is None


def test_a_payout_is_less_what_is_owed(desk: Desk, debtor: Membership, arrear: Arrear) -> None:
    period = _aid(desk, debtor, dt.date(2024, 3, 21))
    payout = Payout.objects.get(period=period)
    assert (payout.status, payout.amount_minor, payout.netted_minor) == ("settled", 1_000_00, 108_00)
    assert BankOrder.objects.get(key=payout.key).amount_minor == payout.paid_minor == 892_00
    netted = Arrear.objects.get(period__notice_on=dt.date(2024, 3, 7))
    assert (netted.status, netted.payout, netted.written_off_at) == ("netted", payout, None)
    booked = Transaction.objects.get(key=payout.key).postings.order_by("pk")
    assert [(posting.account.code, posting.amount_minor) for posting in booked] == [
        ("aid_payable", 1_000_00),
        ("cash", -892_00),
        ("members_receivable", -108_00),
    ]
    found = shares_paid(Period.objects.get(notice_on=dt.date(2024, 3, 7)))
    assert (found.charged_minor, found.paid_minor, found.netted_minor) == (1_080_00, 972_00, 108_00)
    told = Entry.objects.get(kind="arrear.netted", stream=f"membership:{debtor.pk}")
    assert told.body["payout"] == payout.key


def test_what_was_written_off_goes_back_to_the_sponsor(desk: Desk, debtor: Membership, arrear: Arrear) -> None:
    set_clock(GRACE_ENDS)
    work()
    assert balances(desk)["sponsor_receivable"] == 108_00
    period = _aid(desk, debtor, dt.date(2024, 4, 7))
    assert Payout.objects.get(period=period).netted_minor == 108_00
    netted = Arrear.objects.get()
    assert (netted.status, netted.written_off_at) == ("netted", GRACE_ENDS)
    assert balances(desk)["sponsor_receivable"] == 0
    assert Membership.objects.get(pk=debtor.pk).end_reason == "arrears"


def test_the_aid_is_not_taken_whole(desk: Desk, debtor: Membership, arrear: Arrear) -> None:
    period = _aid(desk, debtor, dt.date(2024, 3, 21), amount_minor=108_00)
    assert Payout.objects.get(period=period).netted_minor == 0
    assert Arrear.objects.filter(status="owed").exists()


def test_what_an_unanswered_attempt_may_have_brought_in_is_not_netted(
    desk: Desk, debtor: Membership, arrear: Arrear, settings: Settings
) -> None:
    make_approved_claim(desk.version, 1_000_00, debtor)
    charge(publish(desk.plan, dt.date(2024, 3, 21)))
    refuse(debtor, is_refusing=False)
    settings.PAYMENT_GATEWAY = MAKING + "ForgetfulBank"
    retry_arrear(arrear_id=arrear.pk, by=SYSTEM)
    settings.PAYMENT_GATEWAY = GOOD
    payout = pay(payout_id=Payout.objects.get(membership=debtor).pk)
    assert (payout.status, payout.netted_minor) == ("settled", 0)
    move_clock(minutes=1)
    work()
    assert Arrear.objects.get(pk=arrear.pk).status == "settled"


def test_no_arrear_is_both_written_off_and_paid(debtor: Membership, arrear: Arrear) -> None:
    refuse(debtor, is_refusing=False)
    move_clock(days=3)
    work()
    with pytest.raises(IntegrityError, match="unanswered or was paid"), transaction.atomic():
        Arrear.objects.update(status="written_off")
    with pytest.raises(IntegrityError, match="no longer owed"), transaction.atomic():
        Retry.objects.create(arrear=arrear, number=9, key="k")


def test_the_database_holds_netting_to_its_payout(desk: Desk, debtor: Membership, arrear: Arrear) -> None:
    with pytest.raises(IntegrityError, match="somebody else"), transaction.atomic():
        Arrear.objects.update(status="netted", payout=Payout.objects.get(), next_try_at=None)
    with pytest.raises(IntegrityError, match="settled by an attempt"), transaction.atomic():
        Arrear.objects.update(status="settled", settled_at=clock.now(), next_try_at=None)
    make_approved_claim(desk.version, 1_000_00, debtor)
    charge(publish(desk.plan, dt.date(2024, 3, 21)))
    payout = Payout.objects.get(membership=debtor)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    with pytest.raises(IntegrityError, match="its arrears come to"), transaction.atomic():
        Arrear.objects.filter(pk=arrear.pk).update(status="netted", payout=payout, next_try_at=None)


def test_one_that_fails_does_not_hold_up_the_others(arrear: Arrear) -> None:
    move_clock(days=3)
    BankOrder.objects.create(key=f"arrear:{arrear.name}:1", amount_minor=1)
    tasks.sweep_arrears()
    retry = Retry.objects.get()
    assert (retry.status, retry.unanswered) == ("sent", 1)


def _aid(desk: Desk, member: Membership, notice_on: dt.date, amount_minor: int = 1_000_00) -> Period:
    """The member is aided by the period of a notice, whose own collection comes after the payout."""
    make_approved_claim(desk.version, amount_minor, member)
    period = publish(desk.plan, notice_on)
    set_clock(max(clock.now(), dt.datetime(notice_on.year, notice_on.month, notice_on.day + 7, 9, tzinfo=SHANGHAI)))
    charge(period)
    refuse(member, is_refusing=False)
    pay(payout_id=Payout.objects.get(membership=member).pk)
    collect(collection_id=period.shares.get(is_gifted=False).collection.pk)
    return Period.objects.get(pk=period.pk)
