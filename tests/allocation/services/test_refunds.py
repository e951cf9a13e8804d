"""Ill inside the wait: the membership ends, what it paid comes back once, whatever happens on the way."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from pytest_django.fixtures import Settings

from adjudication.models import Claim
from allocation.models import Arrear, BankOrder, Refund, Transaction
from allocation.selectors.ledger import trial_balance
from allocation.selectors.refunds import claims_to_refund, refunds_due, refunds_to_calculate, shares_to_refund
from allocation.services.periods import publish_notice
from allocation.services.refunds import ask_again, open_refund, pay_refund
from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from members.models import Membership
from members.services.memberships import end_membership
from tests.allocation.conftest import Desk
from tests.allocation.making import (
    charge,
    decide_otherwise,
    make_approved_claim,
    make_members,
    publish,
    refuse,
    reject_in_wait,
    work,
)
from tests.bent import bend_all
from tests.factories import SHANGHAI, make_user
from tests.moving import move_clock, set_clock

JOINED_AT = dt.datetime(2024, 3, 1, 8, tzinfo=SHANGHAI)
DECIDED_AT = dt.datetime(2024, 4, 20, 9, tzinfo=SHANGHAI)
DUE_AT = DECIDED_AT + dt.timedelta(days=30)
PAID = 98_19 + 98_18
NEXT_NOTICE = dt.datetime(2024, 5, 21, 1, tzinfo=SHANGHAI)
"""From here on no notice can count a member who left on the 20th."""
MAKING = "tests.allocation.making."
GOOD = "allocation.gateways.DemonstrationBank"


@pytest.fixture
def ill(desk: Desk) -> Membership:
    """Joined on 1 March, has paid the periods of 7 and 21 March: 98.19, and a fen less by the surplus."""
    [ill] = make_members(desk.plan, 1, JOINED_AT, first_notice_on=dt.date(2024, 3, 7))
    for notice_on in (dt.date(2024, 3, 7), dt.date(2024, 3, 21)):
        set_clock(dt.datetime(notice_on.year, notice_on.month, notice_on.day + 7, 9, tzinfo=SHANGHAI))
        if notice_on.day == 21:
            make_approved_claim(desk.version, 1_000_00)
        charge(publish(desk.plan, notice_on))
        work()
    return ill


@pytest.fixture
def rejected(desk: Desk, ill: Membership) -> Claim:
    set_clock(DECIDED_AT)
    return reject_in_wait(desk.version, ill, dt.date(2024, 4, 1))


def balance(desk: Desk, code: str) -> int:
    return next((one.balance_minor for one in trial_balance(desk.plan).accounts if one.code == code), 0)


def test_what_was_paid_comes_back_when_the_rejection_has_stood(desk: Desk, ill: Membership, rejected: Claim) -> None:
    cash, sponsor = balance(desk, "cash"), balance(desk, "sponsor_receivable")
    set_clock(DUE_AT - dt.timedelta(seconds=1))
    work()
    assert not Refund.objects.exists()
    set_clock(DUE_AT)
    work()
    membership = Membership.objects.get(pk=ill.pk)
    assert (membership.left_at, membership.end_reason) == (DUE_AT, "ill_in_wait")
    assert Refund.objects.get().status == "opened"
    set_clock(NEXT_NOTICE)
    work()
    refund = Refund.objects.get()
    paid = sum(share.amount_minor for share in shares_to_refund(membership) or [])
    assert (refund.status, refund.claim, refund.settled_at) == ("settled", rejected, NEXT_NOTICE)
    assert refund.amount_minor == paid == PAID
    assert BankOrder.objects.get(key=refund.key).amount_minor == paid
    assert balance(desk, "cash") == cash - paid
    assert balance(desk, "sponsor_receivable") == sponsor + paid
    for kind in ("refund.opened", "refund.calculated", "refund.sent", "refund.settled"):
        assert Entry.objects.filter(kind=kind, stream=rejected.stream).count() == 1
    before = (Entry.objects.count(), Transaction.objects.count(), BankOrder.objects.count())
    work()
    pay_refund(refund_id=refund.pk)
    assert open_refund(claim_id=rejected.pk) is None
    assert (Entry.objects.count(), Transaction.objects.count(), BankOrder.objects.count()) == before


@pytest.mark.parametrize(
    ("diagnosed_on", "reasons", "fields"),
    [
        (dt.date(2024, 4, 1), ["not_proved"], {}),
        (dt.date(2024, 4, 1), ["waiting_period"], {"is_accident": True}),
        (dt.date(2024, 5, 30), ["waiting_period"], {}),
        (dt.date(2024, 2, 28), ["waiting_period"], {}),
    ],
    ids=["another reason", "an accident", "after the wait", "ill before joining"],
)
def test_only_an_illness_inside_the_wait_is_a_ground(
    desk: Desk, ill: Membership, diagnosed_on: dt.date, reasons: list[str], fields: dict[str, bool]
) -> None:
    set_clock(DECIDED_AT)
    claim = reject_in_wait(desk.version, ill, diagnosed_on, reasons, **fields)
    set_clock(DUE_AT)
    assert claims_to_refund(clock.now()) == []
    assert open_refund(claim_id=claim.pk) is None
    assert Membership.objects.get(pk=ill.pk).left_at is None


def test_a_rejection_that_was_undone_leads_to_nothing(ill: Membership, rejected: Claim) -> None:
    decide_otherwise(rejected, status="approved", amount_minor=1_000_00)
    set_clock(DUE_AT)
    assert claims_to_refund(clock.now()) == []
    assert open_refund(claim_id=rejected.pk) is None


def test_what_is_owed_is_written_off_and_not_refunded(desk: Desk, ill: Membership, rejected: Claim) -> None:
    _charge_another(desk, ill)
    owed = Arrear.objects.get()
    set_clock(DUE_AT)
    refund = open_refund(claim_id=rejected.pk)
    assert refund is not None
    assert Arrear.objects.get().status == "written_off"
    set_clock(NEXT_NOTICE)
    assert pay_refund(refund_id=refund.pk).amount_minor == PAID
    assert balance(desk, "members_receivable") == 0
    assert balance(desk, "sponsor_receivable") == PAID + owed.amount_minor


def test_the_amount_waits_for_the_last_collection(desk: Desk, ill: Membership, rejected: Claim) -> None:
    """The notice of the 7th of May has counted them, and is not charged yet."""
    set_clock(DUE_AT - dt.timedelta(days=13, hours=2))
    make_approved_claim(desk.version, 1_000_00)
    period = publish(desk.plan, dt.date(2024, 5, 7))
    set_clock(DUE_AT)
    refund = open_refund(claim_id=rejected.pk)
    assert refund is not None
    set_clock(NEXT_NOTICE)
    assert pay_refund(refund_id=refund.pk).status == "opened"
    assert refunds_to_calculate() == [refund.pk]
    charge(period)
    assert pay_refund(refund_id=refund.pk).status == "opened"
    work()
    refund.refresh_from_db(fields=["amount_minor"])
    [third] = period.shares.values_list("per_member_minor", flat=True)
    assert refund.amount_minor == PAID + third


def test_a_notice_that_may_still_count_them_is_awaited(desk: Desk, ill: Membership, rejected: Claim) -> None:
    set_clock(dt.datetime(2024, 5, 21, 0, 30, tzinfo=SHANGHAI))
    refund = open_refund(claim_id=rejected.pk)
    assert refund is not None
    assert pay_refund(refund_id=refund.pk).status == "opened"
    make_approved_claim(desk.version, 1_000_00)
    period = publish_notice(plan=desk.plan, notice_on=dt.date(2024, 5, 21), by=SYSTEM)
    charge(period)
    work()
    assert Refund.objects.get().status == "settled"
    assert Refund.objects.get().amount_minor != PAID


def test_gifts_are_not_refunded(desk: Desk, ill: Membership, rejected: Claim) -> None:
    bend_all(Membership.objects.filter(pk=ill.pk), is_gifted=True)
    set_clock(DUE_AT)
    open_refund(claim_id=rejected.pk)
    set_clock(NEXT_NOTICE)
    work()
    refund = Refund.objects.get()
    assert (refund.status, refund.amount_minor) == ("settled", 0)
    assert not BankOrder.objects.filter(key=refund.key).exists()
    assert not Transaction.objects.filter(kind="refund").exists()
    assert Membership.objects.get(pk=ill.pk).end_reason == "ill_in_wait"


def test_a_member_who_left_meanwhile_is_still_refunded(ill: Membership, rejected: Claim) -> None:
    end_membership(membership_id=ill.pk, at=clock.now(), reason="left", by=SYSTEM)
    set_clock(NEXT_NOTICE)
    work()
    assert Refund.objects.get().status == "settled"
    assert Membership.objects.get(pk=ill.pk).end_reason == "left"


def test_killed_after_the_order_it_is_queried_and_not_sent_again(rejected: Claim, settings: Settings) -> None:
    set_clock(DUE_AT)
    refund = open_refund(claim_id=rejected.pk)
    assert refund is not None
    set_clock(NEXT_NOTICE)
    settings.PAYMENT_GATEWAY = MAKING + "CrashingBank"
    with pytest.raises(SystemExit):
        pay_refund(refund_id=refund.pk)
    assert Refund.objects.get().status == "sent"
    settings.PAYMENT_GATEWAY = MAKING + "ForgetfulBank"
    assert pay_refund(refund_id=refund.pk).status == "sent"
    settings.PAYMENT_GATEWAY = GOOD
    assert pay_refund(refund_id=refund.pk).status == "settled"
    assert BankOrder.objects.filter(key=refund.key).count() == 1
    assert Transaction.objects.filter(kind="refund").count() == 1


def test_after_six_hours_without_an_answer_a_refund_is_escalated_and_asked_about_all_the_same(
    rejected: Claim, settings: Settings
) -> None:
    set_clock(DUE_AT)
    opened = open_refund(claim_id=rejected.pk)
    assert opened is not None
    set_clock(NEXT_NOTICE)
    settings.PAYMENT_GATEWAY = MAKING + "DeadBank"
    assert pay_refund(refund_id=opened.pk).status == "sent"
    move_clock(hours=6)
    work()
    refund = Refund.objects.get()
    assert (refund.status, refund.escalated_at) == ("unknown", clock.now())
    assert Entry.objects.filter(kind="refund.unknown").count() == 1
    reviewer = make_user("r@test.example", "reviewer")
    assert ask_again(refund_id=refund.pk, by=reviewer).status == "unknown"
    assert Entry.objects.filter(kind="refund.asked_again", actor=reviewer.audit_ref).count() == 1
    settings.PAYMENT_GATEWAY = GOOD
    assert list(refunds_due(clock.now())) == []
    move_clock(hours=1)
    assert list(refunds_due(clock.now())) == [refund.pk]
    work()
    assert Refund.objects.get().status == "settled"
    assert BankOrder.objects.filter(key=refund.key).count() == 1


def test_a_refused_refund_is_a_person_s(rejected: Claim) -> None:
    set_clock(DUE_AT)
    opened = open_refund(claim_id=rejected.pk)
    assert opened is not None
    BankOrder.objects.create(key=opened.key, amount_minor=PAID, is_refused=True)
    set_clock(NEXT_NOTICE)
    work()
    refund = Refund.objects.get()
    assert (refund.status, refund.next_attempt_at) == ("unknown", None)
    assert Entry.objects.filter(kind="refund.refused").count() == 1


def test_the_database_keeps_the_amount(rejected: Claim) -> None:
    set_clock(DUE_AT)
    open_refund(claim_id=rejected.pk)
    set_clock(NEXT_NOTICE)
    work()
    with pytest.raises(IntegrityError, match="forbidden"), transaction.atomic():
        Refund.objects.update(amount_minor=1)
    with pytest.raises(IntegrityError, match="begins as opened"), transaction.atomic():
        Refund.objects.create(
            claim=rejected, membership=rejected.membership, key="k", status="settled", opened_at=clock.now()
        )


def _charge_another(desk: Desk, ill: Membership) -> None:
    """A third period, which the ill member does not pay."""
    set_clock(dt.datetime(2024, 5, 14, 9, tzinfo=SHANGHAI))
    make_approved_claim(desk.version, 1_000_00)
    refuse(ill)
    charge(publish(desk.plan, dt.date(2024, 5, 7)))
    work()
