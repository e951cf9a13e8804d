"""One request asks about every payment without an answer again, and the workers do it."""

from __future__ import annotations

import datetime as dt

import pytest
from pytest_django.fixtures import Settings

from allocation import tasks
from allocation.errors.asking import NothingToAsk
from allocation.models import AskingRound, BankOrder, Collection, PaymentAttempt, PaymentService, Payout
from allocation.selectors.asking import latest_progress, silence
from allocation.selectors.for_a_person import for_a_person, found_for_a_person, number_to_ask
from allocation.services.asking import ask_all_again
from allocation.services.payments import pay
from audit import clock
from audit.models import Entry
from members.models import User
from tests.allocation.conftest import Desk
from tests.allocation.making import charge, make_approved_claim, publish, work
from tests.allocation.outage import BankInOutage, outage
from tests.factories import make_user
from tests.moving import move_clock, set_clock

PAYOUTS = 4


@pytest.fixture
def reviewer(db: None) -> User:
    return make_user("r@test.example", "reviewer")


@pytest.fixture
def in_doubt(desk: Desk) -> None:
    """Four payouts and a batch of which nobody knows whether they were paid, while the bank is out of order."""
    for _each in range(PAYOUTS - 1):
        make_approved_claim(desk.version, 1_000_00)
    charge(publish(desk.plan))


def let_hours_pass(hours: int = 7) -> None:
    work()
    move_clock(hours=hours)
    tasks.sweep_payments()


def test_one_request_makes_every_payment_due_and_the_workers_settle_them(
    in_doubt: None, reviewer: User, settings: Settings
) -> None:
    with outage(settings, BankInOutage, hours=8, takes_orders=True):
        let_hours_pass()
        assert number_to_ask() == PAYOUTS + 1
        reached = len(BankInOutage.reached)
        made = ask_all_again(by=reviewer)
        assert len(BankInOutage.reached) == reached  # nothing is sent by the request
        assert (made.payments, made.asked_by, made.asked_at) == (PAYOUTS + 1, reviewer, clock.now())
        progress = latest_progress()
        assert progress is not None
        assert (progress.payments, progress.asked, progress.settled, progress.is_done) == (5, 0, 0, False)
        found = silence()
        assert found is not None
        assert found.next_probe_at == clock.now()
        tasks.sweep_payments()  # the probe is not answered, and no payment is sent into the silence
        progress = latest_progress()
        assert progress is not None
        assert progress.asked == 0
        set_clock(BankInOutage.back_at)
        ask_all_again(by=reviewer)
        work()
    progress = latest_progress()
    assert progress is not None
    assert (progress.asked, progress.settled, progress.is_done) == (5, 5, True)
    assert not Payout.objects.exclude(status="settled").exists()
    assert BankOrder.objects.count() == PAYOUTS + 1
    assert AskingRound.objects.count() == 2
    assert Entry.objects.filter(kind="payments.asked_again").values_list("body__payments", flat=True)[0] == 5
    assert Entry.objects.filter(kind="payout.asked_again", actor=reviewer.audit_ref).count() == 2 * PAYOUTS
    assert Entry.objects.filter(kind="collection.asked_again", actor=reviewer.audit_ref).count() == 2


def test_what_still_has_no_answer_is_counted_as_asked_and_not_as_settled(
    in_doubt: None, reviewer: User, settings: Settings
) -> None:
    with outage(settings, BankInOutage, days=3):
        let_hours_pass()
        PaymentService.objects.update(silent_since=None, next_probe_at=None, unanswered=0)
        ask_all_again(by=reviewer)
        move_clock(seconds=1)
        payout = Payout.objects.earliest("pk")
        pay(payout_id=payout.pk)
        progress = latest_progress()
    assert progress is not None
    assert (progress.asked, progress.settled) == (1, 0)


def test_what_was_refused_is_not_asked_about_again(desk: Desk, reviewer: User) -> None:
    charge(publish(desk.plan))
    payout = Payout.objects.get()
    BankOrder.objects.create(key=payout.key, amount_minor=payout.paid_minor, is_refused=True)
    work()
    assert [one.payment for one in for_a_person(found_for_a_person())] == [payout]
    assert number_to_ask() == 0
    with pytest.raises(NothingToAsk, match="There is nothing to do"):
        ask_all_again(by=reviewer)
    assert not AskingRound.objects.exists()


def test_every_kind_is_shown_with_what_it_pays_and_its_last_exchange(
    in_doubt: None, desk: Desk, settings: Settings
) -> None:
    with outage(settings, BankInOutage, hours=8):
        let_hours_pass()
    found = for_a_person(found_for_a_person())
    assert [one.kind for one in found] == ["collection", *["payout"] * PAYOUTS]
    assert {one.plan for one in found} == {desk.plan}
    assert [one.payment.key for one in found if one.claim == desk.claim] == [f"payout:{desk.claim.ref}"]
    assert found[0].amount_minor == Collection.objects.get().amount_minor
    assert {(one.last.act, one.last.answer, one.last.reason) for one in found if one.last} == {
        ("order", "no_answer", "GatewayUnreachable")
    }
    assert len([one for one in found if one.last]) == 5


def test_the_queries_do_not_grow_with_the_payments(
    in_doubt: None, settings: Settings, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with outage(settings, BankInOutage, hours=8):
        let_hours_pass()
    with django_assert_num_queries(4):  # type: ignore[operator]
        for_a_person(found_for_a_person())
    Payout.objects.filter(pk=Payout.objects.earliest("pk").pk).update(escalated_at=clock.now() - dt.timedelta(days=1))
    assert for_a_person(found_for_a_person()[:1])[0].payment == Payout.objects.earliest("pk")
    assert PaymentAttempt.objects.count() == 5
