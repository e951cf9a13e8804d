"""Collections and payouts, with a payment service that answers, keeps silent or forgets."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django.fixtures import Settings

from adjudication.models import Claim
from allocation import tasks
from allocation.gateways import DemonstrationBank, KeyReused
from allocation.models import BankOrder, Collection, PaymentAttempt, PaymentService, Payout, Period, Transaction
from allocation.selectors.ledger import trial_balance
from allocation.selectors.payments import payouts_due, periods_to_settle
from allocation.services.payments import ask_again, collect, pay
from audit import clock
from audit.models import Entry
from members.models import Membership
from tests.allocation.conftest import Desk
from tests.allocation.making import charge, decide_otherwise, pay_everything, publish
from tests.factories import make_user
from tests.moving import move_clock

NOTICE = dt.date(2024, 3, 7)
MAKING = "tests.allocation.making."
GOOD = "allocation.gateways.DemonstrationBank"


@pytest.fixture
def period(desk: Desk) -> Period:
    return charge(publish(desk.plan, NOTICE))


def answers() -> list[tuple[str, str]]:
    return list(PaymentAttempt.objects.filter(key=Payout.objects.get().key).values_list("act", "answer"))


def test_payments_settle_the_claim_the_membership_and_the_period(desk: Desk, period: Period) -> None:
    settled = pay_everything(period)
    payout = Payout.objects.get()
    assert (settled.status, payout.status, Collection.objects.get().status) == ("settled", "settled", "settled")
    assert Claim.objects.get().status == "paid"
    membership = Membership.objects.get(pk=desk.claim.membership_id)
    assert (membership.end_reason, membership.left_at) == ("aided", payout.settled_at)
    balance = trial_balance(desk.plan)
    assert balance.difference_minor == 0
    assert {account.code: account.balance_minor for account in balance.accounts} == {
        "cash": 80_00,
        "members_receivable": 0,
        "aid_payable": 0,
        "fee_payable": -80_00,
    }
    kinds = ["payout.sent", "collection.settled", "claim.settled", "membership.ended", "payout.settled"]
    for kind in [*kinds, "period.settled"]:
        assert Entry.objects.filter(kind=kind).count() == 1, kind
    assert BankOrder.objects.count() == 2


def test_everything_may_run_twice(period: Period) -> None:
    pay_everything(period)
    before = (Transaction.objects.count(), Entry.objects.count(), PaymentAttempt.objects.count())
    pay_everything(period)
    assert (Transaction.objects.count(), Entry.objects.count(), PaymentAttempt.objects.count()) == before
    assert BankOrder.objects.count() == 2


def test_killed_between_the_key_and_the_order(period: Period, settings: Settings) -> None:
    payout = Payout.objects.get()
    settings.PAYMENT_GATEWAY = MAKING + "CrashingBank"
    with pytest.raises(SystemExit):
        pay(payout_id=payout.pk)
    assert Payout.objects.get().status == "sent"
    assert not BankOrder.objects.exists()
    settings.PAYMENT_GATEWAY = GOOD
    assert pay(payout_id=payout.pk).status == "settled"
    assert answers() == [("query", "unknown_key"), ("order", "settled")]
    assert BankOrder.objects.get().key == payout.key


def test_killed_after_the_order_it_is_queried_and_not_sent_again(period: Period, settings: Settings) -> None:
    payout = Payout.objects.get()
    settings.PAYMENT_GATEWAY = MAKING + "ForgetfulBank"
    assert pay(payout_id=payout.pk).status == "sent"
    assert Claim.objects.get().status == "approved"
    assert pay(payout_id=payout.pk).status == "settled"
    assert answers() == [("order", "no_answer"), ("query", "settled")]
    assert BankOrder.objects.count() == 1
    assert Transaction.objects.filter(kind="payout").count() == 1


def test_a_reviewer_may_ask_about_an_escalated_payout_at_any_time(
    desk: Desk, period: Period, settings: Settings
) -> None:
    payout = Payout.objects.get()
    settings.PAYMENT_GATEWAY = MAKING + "DeadBank"
    assert pay(payout_id=payout.pk).status == "sent"
    move_clock(hours=6)
    assert pay(payout_id=payout.pk).status == "unknown"
    assert Entry.objects.filter(kind="payout.unknown", stream=desk.claim.stream).count() == 1
    PaymentService.objects.update(unanswered=5, silent_since=clock.now(), next_probe_at=clock.now())
    reviewer = make_user("r@test.example", "reviewer")
    assert ask_again(payout_id=payout.pk, by=reviewer).status == "unknown"
    assert answers() == [("order", "no_answer"), ("query", "no_answer"), ("query", "no_answer")]
    settings.PAYMENT_GATEWAY = GOOD
    assert ask_again(payout_id=payout.pk, by=reviewer).status == "settled"
    assert Claim.objects.get().status == "paid"
    assert (
        list(Entry.objects.filter(kind="payout.asked_again").values_list("actor", flat=True))
        == [reviewer.audit_ref] * 2
    )
    assert answers()[-2:] == [("query", "unknown_key"), ("order", "settled")]


def test_a_collection_without_an_answer_stays_and_the_sweep_makes_it(period: Period, settings: Settings) -> None:
    collection = Collection.objects.get()
    settings.PAYMENT_GATEWAY = MAKING + "DeadBank"
    assert collect(collection_id=collection.pk).status == "pending"
    settings.PAYMENT_GATEWAY = MAKING + "ForgetfulBank"
    assert collect(collection_id=collection.pk).status == "pending"
    settings.PAYMENT_GATEWAY = GOOD
    assert tasks.sweep_payments() == 1  # the payout; the batch is not due
    move_clock(minutes=1)
    assert tasks.sweep_payments() == 1
    assert Period.objects.get().status == "settled"
    assert BankOrder.objects.filter(key=collection.key).count() == 1
    assert tasks.sweep_payments() == 0


def test_one_payment_that_fails_does_not_hold_up_the_others(period: Period) -> None:
    BankOrder.objects.create(key=Collection.objects.get().key, amount_minor=1)
    tasks.sweep_payments()
    assert Claim.objects.get().status == "paid"
    assert Period.objects.get().status == "charged"
    assert Collection.objects.get().unanswered == 1


def test_the_bank_refuses_a_key_with_another_amount(db: None) -> None:
    bank = DemonstrationBank()
    bank.order(key="k", amount_minor=5)
    bank.order(key="k", amount_minor=5)
    with pytest.raises(KeyReused):
        bank.order(key="k", amount_minor=6)
    assert BankOrder.objects.get().amount_minor == 5


@pytest.mark.parametrize("change", [{"hold_reason": "an objection"}, {"status": "rejected"}])
def test_a_claim_that_is_no_longer_approved_is_not_paid(period: Period, change: dict[str, str]) -> None:
    decide_otherwise(Claim.objects.get(), **change)
    assert pay(payout_id=Payout.objects.get().pk).status == "pending"
    assert list(payouts_due(clock.now())) == []
    assert not BankOrder.objects.exists()
    assert not Entry.objects.filter(kind="payout.sent").exists()


def test_a_member_who_left_meanwhile_is_still_paid(desk: Desk, period: Period) -> None:
    left_at = dt.datetime(2024, 3, 8, tzinfo=dt.UTC)
    Membership.objects.filter(pk=desk.claim.membership_id).update(left_at=left_at, end_reason="left")
    assert pay_everything(period).status == "settled"
    membership = Membership.objects.get(pk=desk.claim.membership_id)
    assert (membership.left_at, membership.end_reason) == (left_at, "left")
    assert Claim.objects.get().status == "paid"


def test_only_periods_without_open_payments_settle(period: Period) -> None:
    assert periods_to_settle() == []
    pay_everything(period)
    assert periods_to_settle() == []
    assert Period.objects.get().status == "settled"
