"""Who gets messages about notices, charges, unpaid shares, payouts, refunds and outages, and who is not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from allocation.gateways import Answer, DemonstrationBank
from allocation.models import Arrear, Payout, Period, Retry
from allocation.rules.arrears import remind_at
from allocation.selectors.reminders import periods_to_remind_of, shares_to_remind_of
from allocation.services.arrears import end_in_arrears, retry_arrear
from allocation.services.dissolutions import (
    confirm_dissolution,
    end_memberships,
    propose_dissolution,
    settle_dissolution,
    withdraw_dissolution,
)
from allocation.services.payments import pay
from allocation.services.refunds import open_refund, pay_refund
from allocation.services.reminders import remind_of_charge, remind_of_share
from allocation.services.silence import note_exchange
from allocation.services.telling import tell_that_payments_wait
from allocation.tasks import sweep_deadlines
from audit import clock
from audit.actors import SYSTEM
from audit.services import append
from members.models import Broadcast, Membership, Message, User
from members.selectors.broadcasts import broadcasts_visible_to
from members.services.memberships import leave_plan
from members.services.messages import read
from tests.allocation.conftest import Desk
from tests.allocation.making import charge, make_approved_claim, make_members, publish, refuse, reject_in_wait, work
from tests.allocation.services.test_dissolutions import NOTICE as TOO_FEW_ON
from tests.allocation.services.test_dissolutions import at, plan_that_needs
from tests.bent import bend
from tests.factories import SHANGHAI, make_user
from tests.moving import move_clock, set_clock

NOTICE = dt.date(2024, 3, 7)
CHARGE_AT = dt.datetime(2024, 3, 14, tzinfo=SHANGHAI)
GRACE_ENDS = dt.datetime(2024, 3, 29, tzinfo=SHANGHAI)
HERE = "tests.allocation.services.test_telling."
FAILED = "allocation.share_failed"
DEAD = "tests.allocation.making.DeadBank"


class RefusingBank(DemonstrationBank):
    """Takes no order at all."""

    def order(self, *, key: str, amount_minor: int) -> Answer:
        return Answer.REFUSED


OF_A_SMALL_PLAN = ("allocation.end_can_be_proposed", "allocation.plan_fell_below")
"""The plan of these tests has ten members: its first notice says that it needs more."""


def told_to(user: User, *, leaving_out: tuple[str, ...] = OF_A_SMALL_PLAN) -> list[str]:
    found = Message.objects.filter(to_user=user).exclude(kind__in=leaving_out)
    return list(found.order_by("pk").values_list("kind", flat=True))


def told_to_all(*, leaving_out: tuple[str, ...] = OF_A_SMALL_PLAN) -> list[str]:
    found = Broadcast.objects.exclude(kind__in=leaving_out)
    return list(found.order_by("pk").values_list("kind", flat=True))


def login_of(membership: Membership, email: str) -> User:
    user = make_user(email)
    membership.person.user = user
    bend(membership.person)
    return user


@pytest.fixture
def reviewer(db: None) -> User:
    return make_user("reviewer@test.example", "reviewer")


@pytest.fixture
def debtor(desk: Desk) -> Membership:
    """A member who is not the one with the claim, and does not pay."""
    membership = Membership.objects.filter(plan=desk.plan).exclude(pk=desk.claim.membership_id).earliest("pk")
    login_of(membership, "debtor@test.example")
    refuse(membership)
    return membership


@pytest.fixture
def claimant(desk: Desk) -> User:
    return login_of(desk.claim.membership, "claimant@test.example")


@pytest.fixture
def arrear(desk: Desk, debtor: Membership) -> Arrear:
    charge(publish(desk.plan, NOTICE))
    work()
    return Arrear.objects.get()


def user_of(membership: Membership) -> User:
    user = Membership.objects.get(pk=membership.pk).person.user
    assert user is not None
    return user


# Notice and charge.


def test_all_counted_members_read_about_notice_and_charge_in_a_row_each(desk: Desk, debtor: Membership) -> None:
    period = publish(desk.plan, NOTICE)
    [late] = make_members(desk.plan, 1, joined_at=clock.now())
    latecomer = login_of(late, "late@test.example")
    charge(period)
    assert told_to_all() == ["allocation.share_announced", "allocation.share_charged"]
    announced = Broadcast.objects.get(kind="allocation.share_announced")
    assert announced.params == {"plan": "xhb", "notice": "2024-03-07", "charge": "2024-03-14"}
    assert announced.counted_at == period.counted_at
    assert broadcasts_visible_to(user_of(debtor)).count() == 3
    assert not broadcasts_visible_to(latecomer).exists()
    assert not Message.objects.exists()


def test_notice_and_charge_cost_the_same_for_ten_and_for_a_hundred_members(desk: Desk) -> None:
    def written(notice_on: dt.date) -> int:
        with CaptureQueriesContext(connection) as asked:
            charge(publish(desk.plan, notice_on))
        work()
        return len([one for one in asked if "members_broadcast" in one["sql"] or "members_message" in one["sql"]])

    written(NOTICE)
    few = written(dt.date(2024, 3, 21))
    make_members(desk.plan, 90)
    assert written(dt.date(2024, 4, 7)) == few == 2
    assert Broadcast.objects.count() == 7


def test_the_person_named_in_the_log_reads_about_notice_and_charge(desk: Desk, reviewer: User) -> None:
    charge(publish(desk.plan, NOTICE, by=reviewer), by=reviewer)
    assert told_to(reviewer) == ["allocation.notice_by_you", "allocation.charge_by_you"]


# Unpaid shares.


def test_a_member_is_told_what_they_owe_and_until_when(arrear: Arrear, debtor: Membership) -> None:
    message = Message.objects.get(to_user=user_of(debtor))
    assert (message.kind, message.due_at) == ("allocation.share_failed", GRACE_ENDS)
    assert message.params == {
        "plan": "xhb",
        "notice": "2024-03-07",
        "membership": debtor.pk,
        "due_at": message.params["due_at"],
    }


def test_telling_three_debtors_asks_as_much_as_telling_one(desk: Desk) -> None:
    def written(number: int, notice_on: dt.date) -> int:
        debtors = make_members(desk.plan, number)
        for one in debtors:
            login_of(one, f"debtor{one.pk}@test.example")
        refuse(*debtors)
        charge(publish(desk.plan, notice_on))
        make_approved_claim(desk.version, 1_000_00)
        with CaptureQueriesContext(connection) as asked:
            work()
        assert Message.objects.filter(kind=FAILED, params__notice=str(notice_on)).count() == number
        return len([one for one in asked if f"'{FAILED}'" in one["sql"] and one["sql"].startswith("INSERT")])

    at_one = written(1, NOTICE)
    Membership.objects.filter(person__user__email__startswith="debtor").update(left_at=clock.now(), end_reason="left")
    assert written(3, dt.date(2024, 3, 21)) == at_one == 1


def test_a_failed_retry_is_told_unless_the_member_asked_for_it(arrear: Arrear, debtor: Membership) -> None:
    user = user_of(debtor)
    retry_arrear(arrear_id=arrear.pk, by=user)
    assert told_to(user) == ["allocation.share_failed"]
    retry_arrear(arrear_id=arrear.pk, by=SYSTEM)
    assert told_to(user) == ["allocation.share_failed", "allocation.share_failed_again"]


def test_a_paid_share_is_told(arrear: Arrear, debtor: Membership) -> None:
    refuse(debtor, is_refusing=False)
    retry_arrear(arrear_id=arrear.pk, by=SYSTEM)
    assert told_to(user_of(debtor)) == ["allocation.share_failed", "allocation.share_paid"]


def test_who_loses_their_membership_over_a_share_is_told_once(arrear: Arrear, debtor: Membership) -> None:
    set_clock(GRACE_ENDS)
    assert end_in_arrears(membership_id=debtor.pk)
    assert told_to(user_of(debtor)) == ["allocation.share_failed", "members.membership_ended_by_arrears"]


def test_who_had_left_is_told_that_the_share_is_borne(arrear: Arrear, debtor: Membership) -> None:
    user = user_of(debtor)
    leave_plan(membership_id=debtor.pk, by=user)
    set_clock(GRACE_ENDS)
    assert end_in_arrears(membership_id=debtor.pk)
    assert told_to(user)[-2:] == ["members.membership_left", "allocation.share_written_off"]


def test_a_share_taken_off_the_aid_is_told(desk: Desk, claimant: User) -> None:
    refuse(desk.claim.membership)
    period = publish(desk.plan, NOTICE)
    charge(period)
    work()
    # The claim is paid in the same round as the failure is read, so the order of the two decides.
    if Payout.objects.get().netted_minor:
        assert "allocation.share_netted" in told_to(claimant)
    else:
        assert "allocation.share_failed" in told_to(claimant)


# Reminders.


@pytest.mark.parametrize(
    ("failed", "ends", "expected"), [(0, 16, 12), (0, 1, None), (4, 4, None)], ids=["days", "hours", "no time"]
)
def test_a_reminder_comes_when_a_quarter_of_the_time_is_left(failed: int, ends: int, expected: int | None) -> None:
    start = dt.datetime(2024, 3, 1, tzinfo=SHANGHAI)
    failed_at, ends_at = start + dt.timedelta(days=failed), start + dt.timedelta(days=ends)
    found = remind_at(failed_at, ends_at)
    if failed == ends:
        assert found is None
    elif expected is None:
        assert found == start + dt.timedelta(hours=18)
    else:
        assert found == start + dt.timedelta(days=expected)


def test_a_member_is_reminded_once_before_the_membership_ends(arrear: Arrear, debtor: Membership) -> None:
    assert arrear.remind_at is not None
    set_clock(arrear.remind_at - dt.timedelta(seconds=1))
    assert shares_to_remind_of(clock.now()) == []
    remind_of_share(arrear_id=arrear.pk)
    assert told_to(user_of(debtor)) == ["allocation.share_failed"]
    set_clock(arrear.remind_at)
    assert shares_to_remind_of(clock.now()) == [arrear.pk]
    sweep_deadlines()
    remind_of_share(arrear_id=arrear.pk)
    assert told_to(user_of(debtor)) == ["allocation.share_failed", "allocation.membership_ends_soon"]
    assert Message.objects.get(kind="allocation.membership_ends_soon").due_at == GRACE_ENDS
    assert shares_to_remind_of(clock.now()) == []


def test_nobody_is_reminded_of_a_share_that_was_paid(arrear: Arrear, debtor: Membership) -> None:
    refuse(debtor, is_refusing=False)
    retry_arrear(arrear_id=arrear.pk, by=SYSTEM)
    assert arrear.remind_at is not None
    set_clock(arrear.remind_at)
    assert shares_to_remind_of(clock.now()) == []
    remind_of_share(arrear_id=arrear.pk)
    assert "allocation.membership_ends_soon" not in told_to(user_of(debtor))


def test_who_has_left_has_no_membership_to_lose(arrear: Arrear, debtor: Membership) -> None:
    leave_plan(membership_id=debtor.pk, by=user_of(debtor))
    assert arrear.remind_at is not None
    set_clock(arrear.remind_at)
    remind_of_share(arrear_id=arrear.pk)
    assert "allocation.membership_ends_soon" not in told_to(user_of(debtor))


@pytest.mark.parametrize(
    ("before", "kinds"),
    [
        (dt.timedelta(days=1, seconds=1), []),
        (dt.timedelta(days=1), ["allocation.charge_near"]),
        (dt.timedelta(seconds=1), ["allocation.charge_near"]),
        (dt.timedelta(0), ["allocation.charge_due"]),
    ],
)
def test_reviewers_are_told_once_of_the_charge_day(
    desk: Desk, reviewer: User, before: dt.timedelta, kinds: list[str]
) -> None:
    period = publish(desk.plan, NOTICE)
    set_clock(CHARGE_AT - before)
    assert periods_to_remind_of(clock.now()) == ([period.pk] if kinds else [])
    sweep_deadlines()
    sweep_deadlines()
    assert told_to(reviewer) == kinds
    assert periods_to_remind_of(clock.now()) == []


def test_a_charged_period_is_not_to_be_charged(desk: Desk, reviewer: User) -> None:
    period = charge(publish(desk.plan, NOTICE))
    remind_of_charge(period_id=period.pk)
    assert told_to(reviewer) == []
    assert periods_to_remind_of(clock.now()) == []


# Payouts and refunds.


def test_a_refused_payout_is_told_to_the_claimant_and_to_reviewers(
    desk: Desk, claimant: User, reviewer: User, settings: Settings
) -> None:
    charge(publish(desk.plan, NOTICE))
    settings.PAYMENT_GATEWAY = f"{HERE}RefusingBank"
    pay(payout_id=Payout.objects.get().pk)
    assert told_to(claimant) == ["allocation.payout_refused"]
    assert Message.objects.get(to_user=claimant).params == {"claim": desk.claim.ref}
    assert told_to(reviewer) == ["allocation.payments_to_look_at"]


def one_more_waits() -> None:
    tell_that_payments_wait(entry=append(kind="payout.unknown", stream="claim:x", by=SYSTEM))


def test_reviewers_are_told_again_of_payments_only_once_they_have_looked(
    desk: Desk, reviewer: User, settings: Settings
) -> None:
    charge(publish(desk.plan, NOTICE))
    settings.PAYMENT_GATEWAY = f"{HERE}RefusingBank"
    work()
    # The batch and the payout were refused: two entries, one message.
    assert told_to(reviewer) == ["allocation.payments_to_look_at"]
    one_more_waits()
    assert told_to(reviewer) == ["allocation.payments_to_look_at"]
    read(message=Message.objects.get(to_user=reviewer, kind="allocation.payments_to_look_at"), by=reviewer)
    one_more_waits()
    assert told_to(reviewer) == ["allocation.payments_to_look_at"] * 2


def test_a_payout_that_is_paid_is_told_with_the_claim_alone(desk: Desk, claimant: User) -> None:
    charge(publish(desk.plan, NOTICE))
    pay(payout_id=Payout.objects.get().pk)
    told = [kind for kind in told_to(claimant) if not kind.startswith("adjudication.")]
    assert told == ["members.membership_ended_by_aid"]


def test_a_refund_is_told_from_its_opening_to_its_payment(desk: Desk, reviewer: User) -> None:
    joined_at = dt.datetime(2024, 3, 1, 8, tzinfo=SHANGHAI)
    [ill] = make_members(desk.plan, 1, joined_at, first_notice_on=NOTICE)
    user = login_of(ill, "ill@test.example")
    charge(publish(desk.plan, NOTICE))
    work()
    set_clock(dt.datetime(2024, 3, 20, 9, tzinfo=SHANGHAI))
    claim = reject_in_wait(desk.version, ill, dt.date(2024, 3, 18))
    move_clock(days=30)
    refund = open_refund(claim_id=claim.pk)
    assert refund is not None
    assert told_to(user) == ["allocation.refund_opened", "members.membership_ended_in_wait"]
    # Until the day of the next notice, that notice could still count the member.
    move_clock(days=2)
    pay_refund(refund_id=refund.pk)
    assert told_to(user)[2:] == ["allocation.refund_calculated", "allocation.refund_paid"]
    assert told_to(reviewer) == []


# The payment service.


def test_reviewers_are_told_once_that_the_payment_service_is_silent_and_answers_again(
    desk: Desk, reviewer: User
) -> None:
    for _exchange in range(20):
        note_exchange(is_answered=False)
    assert told_to(reviewer) == ["allocation.payments_silent"]
    note_exchange(is_answered=True, is_final=True)
    assert told_to(reviewer) == ["allocation.payments_silent", "allocation.payments_answered"]


# The end of a plan.


@pytest.mark.django_db
def test_a_plan_with_too_few_members_is_told_to_all_and_to_reviewers() -> None:
    plan = plan_that_needs(10, 9)
    reviewer = make_user("r@test.example", "reviewer")
    publish(plan, TOO_FEW_ON)
    assert told_to_all(leaving_out=()) == ["allocation.plan_fell_below", "allocation.share_announced"]
    assert told_to(reviewer, leaving_out=()) == ["allocation.end_can_be_proposed"]
    make_members(plan, 1)
    charge(Period.objects.get())
    publish(plan)
    assert told_to_all(leaving_out=())[-2:] == ["allocation.plan_recovered", "allocation.share_announced"]


@pytest.mark.django_db
def test_the_end_of_a_plan_is_told_to_two_reviewers_and_all_members() -> None:
    plan = plan_that_needs(10, 9)
    first, second = make_user("first@test.example", "reviewer"), make_user("second@test.example", "reviewer")
    member = login_of(Membership.objects.filter(plan=plan).earliest("pk"), "member@test.example")
    period = publish(plan, TOO_FEW_ON)
    dissolution = propose_dissolution(plan=plan, by=first)
    assert told_to(first, leaving_out=()) == ["allocation.end_can_be_proposed"]
    assert told_to(second, leaving_out=()) == ["allocation.end_can_be_proposed", "members.end_to_confirm"]
    dissolution = confirm_dissolution(dissolution_id=dissolution.pk, by=second)
    assert told_to(first, leaving_out=())[1:] == ["members.end_confirmed"]
    assert told_to(second, leaving_out=())[2:] == ["members.end_confirmed_by_you"]
    assert told_to_all(leaving_out=())[-1] == "members.plan_will_end"
    charge(period)
    work()
    last = publish(plan, dissolution.ends_on)
    set_clock(max(clock.now(), at(dissolution.ends_on)))
    end_memberships(dissolution_id=dissolution.pk)
    charge(last)
    settle_dissolution(dissolution_id=dissolution.pk)
    assert told_to_all(leaving_out=())[-3:] == [
        "members.plan_has_ended",
        "allocation.share_charged",
        "allocation.surplus_handed_on",
    ]
    kinds: Any = set(broadcasts_visible_to(member).values_list("kind", flat=True))
    assert {"members.plan_will_end", "members.plan_has_ended", "allocation.surplus_handed_on"} <= kinds
    assert not Message.objects.filter(to_user=member).exists()


@pytest.mark.django_db
def test_a_withdrawn_end_is_told_to_the_other_reviewers() -> None:
    plan = plan_that_needs(10, 9)
    publish(plan, TOO_FEW_ON)
    first, second = make_user("first@test.example", "reviewer"), make_user("second@test.example", "reviewer")
    dissolution = propose_dissolution(plan=plan, by=first)
    withdraw_dissolution(dissolution_id=dissolution.pk, by=first)
    assert told_to(second, leaving_out=()) == ["members.end_to_confirm", "members.end_withdrawn"]
    assert told_to(first, leaving_out=()) == []


def test_an_unanswered_retry_is_told_to_reviewers(
    arrear: Arrear, debtor: Membership, reviewer: User, settings: Settings
) -> None:
    settings.PAYMENT_GATEWAY = DEAD
    retry_arrear(arrear_id=arrear.pk, by=SYSTEM)
    move_clock(hours=7)
    work()
    assert Retry.objects.get().escalated_at is not None
    assert "allocation.payments_to_look_at" in told_to(reviewer)
    assert told_to(user_of(debtor)) == ["allocation.share_failed"]
