"""Two at once: two reviewers publish or charge, two workers pay. One does it, the other is told or finds it done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from adjudication.models import Claim
from adjudication.services.locks import locked_claim
from allocation.errors.periods import AlreadyCharged, NoticeOutOfOrder
from allocation.models import BankOrder, Collection, Payout, Period, Transaction
from allocation.services.dissolutions import confirm_dissolution, propose_dissolution
from allocation.services.payments import collect, pay
from allocation.services.periods import charge_period
from audit.actors import SYSTEM
from audit.models import Entry
from members.errors.dissolutions import PlanDissolving
from members.models import Dissolution, Membership
from members.rules.dates import start_of_day
from members.services.dissolutions import end_memberships_of
from members.services.memberships import join_plan
from tests.allocation.making import (
    charge,
    its_charge_day,
    make_approved_claim,
    make_members,
    pay_everything,
    publish,
    uncapped_version,
)
from tests.factories import make_person, make_user
from tests.moving import set_clock
from tests.waiting import until

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
    its_charge_day(period)
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


def test_nobody_slips_into_a_plan_while_its_end_is_confirmed(claims: list[Claim]) -> None:
    """A join that has looked and is not committed yet holds the confirmation up; people join side by side."""
    plan = claims[0].plan
    period = publish(plan, NOTICE)
    moment = start_of_day(NOTICE, plan.timezone)
    set_clock(moment)
    end = propose_dissolution(plan=plan, by=make_user(None, "reviewer"))
    second = make_user(None, "reviewer")
    answers = {question.code: False for question in period.plan_version.rules.join.health_questions}

    def join() -> Membership:
        return join_plan(person=make_person(), plan=plan, joined_at=moment, health_answers=answers, by=SYSTEM)

    def confirm_without_waiting() -> Dissolution:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        return confirm_dissolution(dissolution_id=end.pk, by=second)

    with transaction.atomic():
        join()
        [beside, refused] = at_once(join, confirm_without_waiting)
        assert isinstance(beside, Membership)
        assert isinstance(refused, OperationalError)
    assert at_once(confirm_without_waiting)[0].status == "confirmed"
    assert isinstance(at_once(join)[0], PlanDissolving)


def test_of_two_reviewers_who_confirm_at_once_one_does(claims: list[Claim]) -> None:
    plan = claims[0].plan
    publish(plan, NOTICE)
    moment = start_of_day(NOTICE, plan.timezone)
    set_clock(moment)
    end = propose_dissolution(plan=plan, by=make_user(None, "reviewer"))
    reviewers = [make_user(None, "reviewer") for _each in range(2)]
    results = at_once(
        *(lambda by=by: confirm_dissolution(dissolution_id=end.pk, by=by) for by in reviewers)  # type: ignore[misc]
    )
    assert sorted(type(result).__name__ for result in results) == ["Dissolution", "DissolutionNotProposed"]
    assert Entry.objects.filter(kind="dissolution.confirmed").count() == 1


def test_two_sweeps_at_once_end_every_membership_once(claims: list[Claim]) -> None:
    plan = claims[0].plan
    make_members(plan, 40)
    period = charge(publish(plan, NOTICE))
    moment = start_of_day(NOTICE, plan.timezone)
    set_clock(moment)
    end = propose_dissolution(plan=plan, by=make_user(None, "reviewer"))
    set_clock(moment)
    end = confirm_dissolution(dissolution_id=end.pk, by=make_user(None, "reviewer"))
    ended = at_once(
        *(lambda: end_memberships_of(dissolution_id=end.pk, now=end.ends_at, batch=7) for _each in range(3))
    )
    assert sum(ended) == period.members == 45
    found = Dissolution.objects.get()
    assert (found.status, found.members_ended) == ("ended", 45)
    assert Membership.objects.filter(plan=plan, end_reason="dissolved", left_at=end.ends_at).count() == 45


def test_a_payment_locks_its_claim_before_its_payout(claims: list[Claim]) -> None:
    """In the order of every act on a claim: while the claim is held, the payment waits and holds nothing itself."""
    charge(publish(claims[0].plan, NOTICE))
    payout = Payout.objects.order_by("pk")[0]

    def is_waiting() -> bool:
        with connection.cursor() as cursor:
            # Not pg_stat_activity, which a transaction sees as it was when it first looked.
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            return bool(cursor.fetchone()[0])

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            locked_claim(pk=payout.claim_id)
            paying = pool.submit(lambda: at_once(lambda: pay(payout_id=payout.pk)))
            until(is_waiting, "the payment waits for its claim")
            assert Payout.objects.select_for_update(nowait=True).get(pk=payout.pk).status == "pending"
        [paid] = paying.result()
    assert isinstance(paid, Payout), paid
    assert paid.status == "settled"
