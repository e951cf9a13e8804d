"""Outages of the payment service are ridden out by time: nobody clicks, nothing is paid twice, everything settles."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from pytest_django.fixtures import Settings

from adjudication.models import Claim
from allocation import tasks
from allocation.models import (
    Arrear,
    BankOrder,
    Collection,
    PaymentAttempt,
    PaymentService,
    Payout,
    Period,
    Refund,
    Retry,
    Transaction,
)
from allocation.rules.asking import SILENT_AFTER
from allocation.selectors.asking import is_silent, silence
from allocation.services.arrears import pay_arrears, retry_arrear
from allocation.services.payments import ask_again, pay
from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from tests.allocation.conftest import Desk
from tests.allocation.making import charge, make_approved_claim, make_members, publish, refuse, work
from tests.allocation.outage import (
    BabblingBank,
    BankInOutage,
    FaultyBank,
    HangingBank,
    outage,
    work_until,
    work_until_settled,
)
from tests.bent import bend
from tests.factories import make_user
from tests.moving import move_clock, set_clock

PAYOUTS = 31
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def period(desk: Desk) -> Period:
    """A charged period of 31 claims, of which nothing is paid yet."""
    for _each in range(PAYOUTS - 1):
        make_approved_claim(desk.version, 1_000_00)
    period = charge(publish(desk.plan))
    assert Payout.objects.count() == PAYOUTS
    return period


def kinds(kind: str) -> int:
    return Entry.objects.filter(kind=kind).count()


def assert_everything_is_paid_once(period: Period) -> None:
    assert Period.objects.get(pk=period.pk).status == "settled"
    assert set(Claim.objects.values_list("status", flat=True)) == {"paid"}
    keys = [*Payout.objects.values_list("key", flat=True), *Collection.objects.values_list("key", flat=True)]
    # The bank's book: one order for each key, and none that is nobody's.
    assert sorted(BankOrder.objects.values_list("key", flat=True)) == sorted(keys)
    assert Transaction.objects.filter(kind="payout").count() == PAYOUTS
    assert sum(BankOrder.objects.filter(key__startswith="payout:").values_list("amount_minor", flat=True)) == sum(
        payout.paid_minor for payout in Payout.objects.all()
    )


@pytest.mark.parametrize("takes_orders", [False, True], ids=["takes nothing", "takes orders and cannot say so"])
@pytest.mark.parametrize(
    ("length", "is_told"),
    [
        (dt.timedelta(minutes=30), False),
        (dt.timedelta(hours=3), False),
        (dt.timedelta(hours=7), True),
        (dt.timedelta(days=2), True),
    ],
    ids=["30 minutes", "3 hours", "7 hours", "2 days"],
)
def test_everything_settles_within_an_hour_after_it(
    period: Period,
    settings: Settings,
    length: dt.timedelta,
    is_told: bool,
    takes_orders: bool,
    record_property: pytest.RecordPropertyFixture,
) -> None:
    with outage(settings, BankInOutage, takes_orders=takes_orders, seconds=length.total_seconds()):
        work_until(BankInOutage.back_at, slowly=max(HOUR / 12, length / 200))
        # Only a few payments were sent into the silence; the others keep their moment.
        in_doubt = Payout.objects.exclude(status="pending").count()
        assert in_doubt + (Collection.objects.get().attempted_at is not None) <= SILENT_AFTER
        assert (kinds("payout.unknown") == in_doubt) == is_told
        assert kinds("payout.asked_again") == 0
        took = work_until_settled(within=HOUR)
    reached = Counter(act for act, _key in BankInOutage.reached)
    record_property("minutes_after", took.total_seconds() / 60)
    record_property("exchanges_in_the_outage", sum(reached.values()))
    record_property("in_doubt", in_doubt)
    # Probes every five minutes, and the few payments in doubt: never a hammering.
    assert sum(reached.values()) <= 20 + length / dt.timedelta(minutes=5)
    assert reached["order"] <= SILENT_AFTER
    assert_everything_is_paid_once(period)
    assert (kinds("payments.silent"), kinds("payments.answered")) == (1, 1)


@pytest.mark.parametrize("bank", [FaultyBank, HangingBank, BabblingBank], ids=["faulty", "hanging", "babbling"])
def test_whatever_is_not_understood_is_no_answer(period: Period, settings: Settings, bank: type[BankInOutage]) -> None:
    if bank is HangingBank:
        settings.GATEWAY_TIMEOUT_S = 1
    with outage(settings, bank, minutes=6):
        work_until(bank.back_at)
        told = set(PaymentAttempt.objects.values_list("answer", "reason"))
        name = {FaultyBank: "ZeroDivisionError", HangingBank: "TookTooLong", BabblingBank: "NotUnderstood"}[bank]
        assert told == {("no_answer", name)}
        assert not Payout.objects.exclude(status="settled").filter(next_attempt_at=None).exists()
        work_until_settled(within=HOUR)
    assert_everything_is_paid_once(period)


def test_no_words_of_an_exception_are_kept(period: Period, settings: Settings) -> None:
    with outage(settings, FaultyBank, minutes=30):
        work()
    kept = str(list(PaymentAttempt.objects.values())) + str(list(Entry.objects.values()))
    assert "ZeroDivisionError" in kept
    assert "Wang" not in kept
    assert "6222" not in kept


def test_each_payment_is_asked_about_later_each_time(period: Period, settings: Settings) -> None:
    """The one row by itself, without the circuit breaker: 15 s, 1 min, 5 min, 15 min, 1 h, and then every hour."""
    payout = Payout.objects.earliest("pk")
    waits = []
    with outage(settings, BankInOutage, days=30):
        for _each in range(7):
            PaymentService.objects.update(unanswered=0, unanswered_since=None, silent_since=None, next_probe_at=None)
            payout = pay(payout_id=payout.pk)
            assert payout.next_attempt_at is not None
            waits.append((payout.next_attempt_at - clock.now()).total_seconds())
            set_clock(payout.next_attempt_at)
    full = [15, 60, 300, 900, 3600, 3600, 3600]
    assert all(0.9 * whole < wait <= whole for wait, whole in zip(waits, full, strict=True)), waits


def test_a_person_is_told_after_six_hours_although_nothing_is_asked(period: Period, settings: Settings) -> None:
    with outage(settings, BankInOutage, days=2):
        work()
        sent = Payout.objects.filter(status="sent").count()
        assert sent > 0
        first = Payout.objects.filter(status="sent").earliest("unanswered_since").unanswered_since
        assert first is not None
        set_clock(first + dt.timedelta(hours=6) - dt.timedelta(seconds=1))
        tasks.sweep_payments()
        assert not Payout.objects.filter(status="unknown").exists()
        set_clock(first + dt.timedelta(hours=6) + dt.timedelta(seconds=5))
        tasks.sweep_payments()
        tasks.sweep_payments()
    assert Payout.objects.filter(status="unknown", escalated_at=clock.now()).count() == sent
    assert kinds("payout.unknown") == sent
    assert kinds("collection.unknown") == 1


def test_after_three_more_days_it_is_asked_every_six_hours(period: Period, settings: Settings) -> None:
    payout = Payout.objects.earliest("pk")
    with outage(settings, BankInOutage, days=30):
        begun = clock.now()
        pay(payout_id=payout.pk)
        for after, wait in (({"days": 3, "hours": 5}, 1), ({"days": 3, "hours": 6}, 6), ({"days": 9}, 6)):
            set_clock(begun + dt.timedelta(**after))
            payout = pay(payout_id=payout.pk)
            assert payout.next_attempt_at is not None
            waited = payout.next_attempt_at - clock.now()
            whole = HOUR * wait if payout.unanswered > 4 else dt.timedelta(0)
            assert whole * 0.9 < waited <= HOUR * wait
    assert payout.status == "unknown"


def test_a_run_ends_when_the_service_falls_silent(period: Period, settings: Settings) -> None:
    with outage(settings, BankInOutage, minutes=30):
        moments = dict(Payout.objects.values_list("pk", "next_attempt_at"))
        work()
        assert is_silent()
        assert len(BankInOutage.reached) == SILENT_AFTER
        left = Payout.objects.filter(status="pending")
        assert left.count() == PAYOUTS - SILENT_AFTER + 1
        assert dict(left.values_list("pk", "next_attempt_at")).items() <= moments.items()
        # Neither the sweeps of this minute nor a task that was queried at the charge reaches the bank again.
        work()
        tasks.pay(left.earliest("pk").pk)
        assert len(BankInOutage.reached) == SILENT_AFTER
    found = silence()
    assert found is None  # the silence is that of the other adapter


def test_one_probe_an_interval_and_everything_goes_on_when_it_is_answered(period: Period, settings: Settings) -> None:
    with outage(settings, BankInOutage, hours=1):
        work()
        BankInOutage.reached.clear()
        begun = clock.now()
        found = silence()
        assert found is not None
        assert (found.since, found.waiting) == (begun, PAYOUTS + 1)
        assert found.next_probe_at == begun + dt.timedelta(seconds=15)
        for seconds in (15, 15 + 60, 15 + 60 + 300, 15 + 60 + 600):
            set_clock(begun + dt.timedelta(seconds=seconds - 1))
            tasks.sweep_payments()
            set_clock(begun + dt.timedelta(seconds=seconds))
            tasks.sweep_payments()
            tasks.sweep_payments()
            assert BankInOutage.reached == [("query", "probe")]
            BankInOutage.reached.clear()
        set_clock(begun + dt.timedelta(hours=1, seconds=5 * 60))
        tasks.sweep_payments()
    assert not Payout.objects.exclude(status="settled").exists()
    [entry] = Entry.objects.filter(kind="payments.answered")
    assert entry.body == {"since": begun.isoformat(), "made_due": 0}  # their moments had all come


def test_what_waited_for_a_later_moment_is_due_when_the_service_answers(period: Period, settings: Settings) -> None:
    reviewer = make_user("r@test.example", "reviewer")
    with outage(settings, BankInOutage, minutes=20, takes_orders=True):
        work()
        payout = Payout.objects.filter(status="sent").earliest("pk")
        for _each in range(5):  # somebody wants to know, again and again: the next moment is an hour away
            ask_again(payout_id=payout.pk, by=reviewer)
        assert Payout.objects.get(pk=payout.pk).next_attempt_at > clock.now() + HOUR * 0.9
        set_clock(BankInOutage.back_at)
        tasks.sweep_payments()
    assert Payout.objects.get(pk=payout.pk).status == "settled"
    assert Entry.objects.get(kind="payments.answered").body["made_due"] == 1


def test_a_service_that_answers_probes_alone_is_sent_less_and_less(period: Period, settings: Settings) -> None:
    with outage(settings, BankInOutage, days=1):
        settings.PAYMENT_GATEWAY = f"{__name__}.OrdersFail"
        OrdersFail.orders.clear()
        begun = clock.now()
        work_until(begun + HOUR)
    # Each payment at its own moments: 1 order, and again after 15 s, 1 min, 5 min, 15 min; and one more for each probe.
    probes = 2 + 12
    assert len(OrdersFail.orders) <= 5 * (PAYOUTS + 1) + probes
    assert max(Counter(OrdersFail.orders).values()) <= 10
    assert not Payout.objects.filter(status="settled").exists()


class OrdersFail(BankInOutage):
    """Answers queries, and loses every order."""

    orders: list[str] = []

    def order(self, *, key: str, amount_minor: int) -> object:  # type: ignore[override]
        self.orders.append(key)
        raise ConnectionResetError

    def query(self, *, key: str, amount_minor: int) -> object:  # type: ignore[override]
        return "unknown_key"


def test_one_payment_that_never_works_does_not_make_the_service_silent(period: Period) -> None:
    payout = Payout.objects.earliest("pk")
    BankOrder.objects.create(key=payout.key, amount_minor=1)
    work_until(clock.now() + HOUR)
    assert Payout.objects.exclude(pk=payout.pk).exclude(status="settled").count() == 0
    assert not is_silent()
    payout.refresh_from_db(fields=["unanswered", "next_attempt_at"])
    assert payout.unanswered >= 3
    assert set(PaymentAttempt.objects.filter(key=payout.key).values_list("reason", flat=True)) >= {"KeyReused"}


def test_a_refusal_stays_a_refusal(period: Period) -> None:
    payout = Payout.objects.earliest("pk")
    BankOrder.objects.create(key=payout.key, amount_minor=payout.paid_minor, is_refused=True)
    work()
    payout = Payout.objects.get(pk=payout.pk)
    assert (payout.status, payout.next_attempt_at, payout.escalated_at) == ("unknown", None, clock.now())
    assert (kinds("payout.refused"), kinds("payout.unknown")) == (1, 0)
    attempts = PaymentAttempt.objects.filter(key=payout.key)
    assert list(attempts.values_list("act", "answer")) == [("order", "refused")]
    work_until(clock.now() + dt.timedelta(days=1), dt.timedelta(0), HOUR)
    assert attempts.count() == 1


def test_a_refused_batch_is_a_person_s_and_is_asked_about_no_more(period: Period) -> None:
    collection = Collection.objects.get()
    BankOrder.objects.create(key=collection.key, amount_minor=collection.amount_minor, is_refused=True)
    work()
    work()
    collection = Collection.objects.get()
    assert (collection.status, collection.next_attempt_at, collection.escalated_at) == ("pending", None, clock.now())
    assert kinds("collection.refused") == 1
    assert PaymentAttempt.objects.filter(key=collection.key).count() == 1


def test_an_order_is_sent_again_only_when_its_key_is_unknown(period: Period, settings: Settings) -> None:
    """The batch too, for which the bank would take a second order as the first."""
    with outage(settings, BankInOutage, minutes=1, takes_orders=True):
        tasks.sweep_payments()
        assert BankInOutage.reached.count(("order", Collection.objects.get().key)) == 1
        work_until_settled(within=HOUR)
    acts = PaymentAttempt.objects.filter(key=Collection.objects.get().key).values_list("act", "answer")
    assert list(acts) == [("order", "no_answer"), ("query", "settled")]


def test_shares_refunds_and_reports_are_ridden_out_too(desk: Desk, settings: Settings) -> None:
    [debtor] = make_members(desk.plan, 1)
    refuse(debtor)
    charge(publish(desk.plan))
    work()
    work()
    arrear = Arrear.objects.get()
    refuse(debtor, is_refusing=False)
    with outage(settings, BankInOutage, hours=8):
        retry_arrear(arrear_id=arrear.pk, by=SYSTEM)
        work_until(BankInOutage.back_at, dt.timedelta(minutes=2), HOUR / 2)
        retry = Retry.objects.get()
        assert (retry.status, retry.escalated_at is not None) == ("sent", True)
        assert Collection.objects.get().unanswered > 0  # its reports could not be read
        assert kinds("arrear.unknown") == 1
        work_until(clock.now() + HOUR)
    assert Arrear.objects.get().status == "settled"
    assert (Collection.objects.get().unanswered, Collection.objects.get().escalated_at) == (0, None)
    assert BankOrder.objects.filter(key=retry.key).count() == 1


def test_a_member_who_wants_to_pay_in_the_silence_keeps_the_membership(desk: Desk, settings: Settings) -> None:
    [debtor] = make_members(desk.plan, 1)
    debtor.person.user = make_user("debtor@test.example")
    bend(debtor.person)
    refuse(debtor)
    charge(publish(desk.plan))
    work()
    work()
    arrear = Arrear.objects.get()
    refuse(debtor, is_refusing=False)
    with outage(settings, BankInOutage, days=40):
        PaymentService.objects.create(
            name=settings.PAYMENT_GATEWAY, unanswered=5, silent_since=clock.now(), next_probe_at=clock.now()
        )
        work()
        BankInOutage.reached.clear()
        pay_arrears(membership_id=debtor.pk, by=debtor.person.user)
        assert BankInOutage.reached == []  # no page waits for a bank that is silent
        work_until(arrear.grace_ends_at + HOUR, dt.timedelta(0), HOUR * 6)
        debtor.refresh_from_db(fields=["left_at"])
        assert debtor.left_at is None
        set_clock(BankInOutage.back_at)
        work()
    move_clock(minutes=10)
    assert Arrear.objects.get().status == "settled"
    assert not Refund.objects.exists()
