"""Whatever happens in whatever order, the accounts say what came in, what went out, and who owes the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allocation.models import Arrear, Collection, Payout, Period, Refund, Transaction
from allocation.selectors.arrears import shares_paid
from allocation.selectors.ledger import trial_balance
from allocation.selectors.statements import lines_of
from allocation.services.arrears import retry_arrear
from audit import clock
from audit.actors import SYSTEM
from members.models import Membership, PlanVersion
from members.rules.plans import charge_on_for, next_notice_on
from tests.allocation.making import (
    charge,
    make_approved_claim,
    make_members,
    publish,
    refuse,
    reject_in_wait,
    uncapped_version,
    with_log_ins,
    work,
)
from tests.factories import SHANGHAI
from tests.moving import move_clock, set_clock

MEMBERS = 6
BEGINS = dt.datetime(2024, 3, 1, 9, tzinfo=SHANGHAI)
member = st.integers(0, MEMBERS - 1)
step = st.one_of(
    st.tuples(st.just("claim"), member, st.sampled_from([150_00, 1_000_00, 40_000_00])),
    st.tuples(st.just("period"), st.booleans()),
    st.tuples(st.just("refuse"), member, st.booleans()),
    st.tuples(st.just("ask"), st.integers(0, 3)),
    st.tuples(st.just("reject"), member),
    st.tuples(st.just("wait"), st.integers(1, 40)),
    st.tuples(st.just("work")),
)

OWING: list[tuple[object, ...]] = [
    ("claim", 0, 1_000_00),
    *[("refuse", number, True) for number in (1, 2, 3)],
    ("period", True),
]
"""How every story begins: half of those who share a claim owe their share, so that whatever follows meets arrears."""


class Story:
    """Six members, one of them gifted, who joined a few days before the first notice."""

    def __init__(self) -> None:
        set_clock(BEGINS)
        self.version: PlanVersion = uncapped_version()
        self.plan = self.version.plan
        joined = {"joined_at": BEGINS - dt.timedelta(days=3), "first_notice_on": dt.date(2024, 3, 7)}
        self.members = [
            *make_members(self.plan, MEMBERS - 1, **joined),
            *make_members(self.plan, 1, is_gifted=True, **joined),
        ]
        with_log_ins(self.members)
        self.notice_on = dt.date(2024, 2, 21)
        self.claimed: set[int] = set()

    def claim(self, number: int, amount_minor: int) -> None:
        if number not in self.claimed:
            self.claimed.add(number)
            make_approved_claim(self.version, amount_minor, self.members[number])

    def reject(self, number: int) -> None:
        if number not in self.claimed:
            self.claimed.add(number)
            reject_in_wait(self.version, self.members[number], dt.date(2024, 3, 20))

    def period(self, is_collected: bool) -> None:
        """The next notice and its charge; collected by and by, or at once."""
        self.notice_on = next_notice_on(self.version.rules, self.notice_on)
        self._reach(self.notice_on)
        period = publish(self.plan, self.notice_on)
        self._reach(charge_on_for(self.version.rules, self.notice_on))
        charge(period)
        if is_collected:
            work()

    def _reach(self, on: dt.date) -> None:
        set_clock(max(clock.now(), dt.datetime(on.year, on.month, on.day, 9, tzinfo=SHANGHAI)))

    def refuse(self, number: int, is_refusing: bool) -> None:
        refuse(self.members[number], is_refusing=is_refusing)

    def ask(self, number: int) -> None:
        for arrear in Arrear.objects.order_by("pk")[number : number + 1]:
            retry_arrear(arrear_id=arrear.pk, by=SYSTEM)

    def wait(self, days: int) -> None:
        move_clock(days=days)
        work()

    def work(self) -> None:
        work()


def total(rows: object, field: str = "amount_minor") -> int:
    return int(rows.aggregate(sum=Sum(field))["sum"] or 0)  # type: ignore[attr-defined]


def check(story: Story) -> None:
    balances = {account.code: account.balance_minor for account in trial_balance(story.plan).accounts}
    assert sum(balances.values()) == 0
    settled = Collection.objects.filter(status="settled")
    pending = Collection.objects.exclude(status="settled")
    payouts = Payout.objects.filter(status="settled")
    netted = Arrear.objects.filter(status="netted", payout__status="settled")
    refunds = total(Refund.objects.filter(status="settled"))
    came_in = total(settled) - total(Arrear.objects.all()) + total(Arrear.objects.filter(status="settled"))
    went_out = total(payouts) - total(payouts, "netted_minor") + refunds
    assert balances.get("cash", 0) == came_in - went_out
    charged = Period.objects.exclude(status="noticed")
    borne = sum(total(charged, name) for name in ("gifts_minor", "year_cap_excess_minor", "case_cap_excess_minor"))
    written_off = total(Arrear.objects.exclude(written_off_at=None))
    returned = total(netted.exclude(written_off_at=None))
    assert balances.get("sponsor_receivable", 0) == borne + refunds + written_off - returned
    on_the_way = Arrear.objects.filter(status="netted", written_off_at=None).exclude(payout__status="settled")
    owed = total(pending) + total(Arrear.objects.filter(status="owed")) + total(on_the_way)
    assert balances.get("members_receivable", 0) == owed
    assert total(payouts, "netted_minor") == total(netted)
    for period in charged:
        found = shares_paid(period)
        assert found.paid_minor >= 0
        assert found.charged_minor == period.collected_minor
    check_members(story)


def check_members(story: Story) -> None:
    for membership in Membership.objects.filter(plan=story.plan):
        lines = lines_of(membership)
        paid = sum(line.share_minor for line in lines if line.payment in {"collected", "paid_later"})
        refund = Refund.objects.filter(membership=membership).first()
        assert paid - (refund.amount_minor or 0 if refund else 0) >= 0
        if refund is not None and refund.status == "settled":
            assert paid == refund.amount_minor
        assert not Payout.objects.filter(membership=membership).exists() or refund is None
    assert not Arrear.objects.filter(status="settled").exclude(written_off_at=None).exists()
    assert not Transaction.objects.filter(kind="write_off", key__in=paid_keys()).exists()


def paid_keys() -> list[str]:
    return [f"write_off:{arrear}" for arrear in Arrear.objects.filter(status="settled")]


def play(story: Story, steps: Sequence[tuple[object, ...]]) -> None:
    for name, *values in steps:
        act: Callable[..., None] = getattr(story, str(name))
        act(*values)
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
            cursor.execute("set constraints all deferred")
        check(story)


@pytest.mark.django_db
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(step, min_size=3, max_size=10))
def test_for_any_story(steps: list[tuple[object, ...]]) -> None:
    block = transaction.atomic()
    # As the test case's own: acts that must not run inside another transaction run inside this one.
    block._from_testcase = True
    with block:
        play(Story(), [*OWING, *steps])
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_story_with_everything_in_it() -> None:
    story = Story()
    steps: list[tuple[object, ...]] = [
        ("claim", 0, 1_000_00),
        ("reject", 1),
        *[("refuse", number, True) for number in (1, 2, 3, 4)],
        ("period", True),
        ("refuse", 1, False),
        ("refuse", 4, False),
        ("ask", 0),
        ("wait", 3),
        ("claim", 2, 1_000_00),
        ("period", True),
        ("wait", 20),
        ("claim", 3, 40_000_00),
        ("period", True),
        ("wait", 30),
        ("period", True),
        ("work",),
    ]
    play(story, steps)
    assert set(Arrear.objects.values_list("status", flat=True)) >= {"settled", "netted"}
    assert Arrear.objects.filter(status="netted").exclude(written_off_at=None).exists()
    assert Arrear.objects.filter(status="netted", written_off_at=None).exists()
    assert Refund.objects.get().status == "settled"
    assert Refund.objects.get().amount_minor
    assert {"written_off", "settled"} & set(Arrear.objects.values_list("status", flat=True))
