"""Publishing a notice and charging a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from adjudication.models import Claim
from allocation.errors.periods import (
    AlreadyCharged,
    ChargeTooEarly,
    NoticeOutOfOrder,
    NoticeTooEarly,
    PeriodStillOpen,
)
from allocation.models import AidLine, CohortShare, Collection, Payout, Period
from allocation.selectors.ledger import trial_balance
from allocation.selectors.periods import next_notice_day, preview
from allocation.services.periods import charge_period, publish_notice
from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from members.errors.plans import NoRulesInForce, NotANoticeDay
from members.models import Membership
from tests.allocation.conftest import Desk
from tests.allocation.making import (
    charge,
    make_approved_claim,
    make_members,
    pay_everything,
    publish,
    reject,
    uncapped_version,
)
from tests.bent import bend_all, without_classes
from tests.factories import SHANGHAI, make_user
from tests.moving import set_clock

NOTICE, CHARGE, NEXT = dt.date(2024, 3, 7), dt.date(2024, 3, 14), dt.date(2024, 3, 21)


def balances(desk: Desk) -> dict[str, int]:
    return {account.code: account.balance_minor for account in trial_balance(desk.plan).accounts}


def test_a_notice_counts_members_and_takes_in_approved_claims(desk: Desk) -> None:
    reviewer = make_user("r@test.example", "reviewer")
    period = publish(desk.plan, NOTICE, reviewer)
    assert (period.status, period.noticed_by, period.charge_on) == ("noticed", reviewer, CHARGE)
    assert (period.members, period.aid_minor, period.fee_minor) == (10, 1_000_00, 80_00)
    assert (period.per_head_minor, period.collected_minor, period.surplus_out_minor) == (108_00, 1_080_00, 0)
    line = period.lines.get()
    assert (line.claim, line.masked_name, line.aid_minor, line.fee_bp) == (desk.claim, "W*** X***", 1_000_00, 800)
    assert (line.age_years, line.severity_label) == (38, "severe")
    assert (line.illness_en, line.illness_zh) == ("Malignant tumour", "恶性肿瘤")
    entry = Entry.objects.get(kind="period.noticed")
    assert (entry.stream, entry.actor) == ("period:xhb/2024-03-07", reviewer.audit_ref)
    assert entry.body["per_head_minor"] == 108_00
    assert not CohortShare.objects.exists()


def test_a_notice_is_refused_before_its_day(desk: Desk) -> None:
    day_before = dt.datetime(2024, 3, 6, 23, 59, 59, tzinfo=SHANGHAI)
    set_clock(day_before)
    with pytest.raises(NoticeTooEarly, match="March"):
        publish_notice(plan=desk.plan, notice_on=NOTICE, by=SYSTEM)
    assert not Period.objects.exists()


def test_a_day_that_is_no_notice_day_is_refused(desk: Desk) -> None:
    with pytest.raises(NotANoticeDay):
        publish(desk.plan, dt.date(2024, 3, 8))


def test_a_plan_without_rules_on_that_day_has_no_notice(desk: Desk) -> None:
    with pytest.raises(NoRulesInForce):
        publish(desk.plan, dt.date(2018, 3, 7))


def test_periods_follow_one_another(desk: Desk) -> None:
    period = publish(desk.plan, NOTICE)
    with pytest.raises(NoticeOutOfOrder):
        publish(desk.plan, NOTICE)
    with pytest.raises(NoticeOutOfOrder):
        publish(desk.plan, dt.date(2024, 2, 21))
    with pytest.raises(PeriodStillOpen):
        publish(desk.plan, NEXT)
    assert list(Period.objects.all()) == [period]
    assert Entry.objects.filter(kind="period.noticed").count() == 1


def test_who_is_counted(desk: Desk) -> None:
    at = dt.datetime(2024, 3, 7, tzinfo=SHANGHAI)
    second = dt.timedelta(seconds=1)
    make_members(desk.plan, 1, at - second, first_notice_on=NOTICE)
    make_members(desk.plan, 1, at, first_notice_on=NEXT)
    left = make_members(desk.plan, 2)
    for membership, left_at in zip(left, (at, at - second), strict=True):
        Membership.objects.filter(pk=membership.pk).update(left_at=left_at, end_reason="left")
    assert publish(desk.plan, NOTICE).members == 12


def test_without_members_the_claims_wait(desk: Desk) -> None:
    Membership.objects.update(left_at=dt.datetime(2024, 1, 1, tzinfo=SHANGHAI), end_reason="left")
    period = charge(publish(desk.plan, NOTICE))
    assert (period.members, period.aid_minor, period.collected_minor) == (0, 0, 0)
    assert not period.lines.exists()
    assert period.status == "settled"
    make_members(desk.plan, 4, dt.datetime(2024, 3, 8, tzinfo=SHANGHAI), first_notice_on=NEXT)
    assert publish(desk.plan, NEXT).lines.get().claim == desk.claim


def test_a_charge_writes_shares_payments_and_the_ledger(
    desk: Desk, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    make_members(desk.plan, 2, is_gifted=True)
    period = publish(desk.plan, NOTICE)
    with django_capture_on_commit_callbacks() as queued:
        charged = charge(period, make_user("r@test.example", "reviewer"))
    assert (charged.status, charged.per_head_minor, charged.gifts_minor) == ("charged", 90_00, 180_00)
    shares = {share.is_gifted: share for share in CohortShare.objects.all()}
    assert (shares[False].members, shares[False].per_member_minor) == (10, 90_00)
    assert (shares[True].members, shares[True].per_member_minor) == (2, 0)
    collection = Collection.objects.get()
    assert (collection.share, collection.amount_minor, collection.status) == (shares[False], 900_00, "pending")
    payout = Payout.objects.get()
    assert (payout.claim, payout.membership, payout.amount_minor) == (desk.claim, desk.claim.membership, 1_000_00)
    assert balances(desk) == {
        "members_receivable": 900_00,
        "sponsor_receivable": 180_00,
        "aid_payable": -1_000_00,
        "fee_payable": -80_00,
    }
    assert Entry.objects.get(kind="period.charged").body["payouts"]["count"] == 1
    # The message to the reviewer, and the payments.
    assert len(queued) == 2


def test_a_charge_is_refused_before_its_day(desk: Desk) -> None:
    period = publish(desk.plan, NOTICE)
    set_clock(dt.datetime(2024, 3, 13, 23, 59, 59, tzinfo=SHANGHAI))
    with pytest.raises(ChargeTooEarly):
        charge_period(period_id=period.pk, by=SYSTEM)
    assert Period.objects.get().status == "noticed"
    assert not Payout.objects.exists()


def test_a_period_is_charged_once(desk: Desk) -> None:
    period = charge(publish(desk.plan, NOTICE))
    with pytest.raises(AlreadyCharged):
        charge(period)
    assert Payout.objects.count() == Collection.objects.count() == 1
    assert Entry.objects.filter(kind="period.charged").count() == 1


def test_a_claim_rejected_meanwhile_leaves_and_the_share_falls(desk: Desk) -> None:
    other = make_approved_claim(desk.version, 500_00)
    period = publish(desk.plan, NOTICE)
    at_notice = period.per_head_minor
    reject(other)
    period = charge(period)
    assert period.per_head_minor < at_notice
    assert (period.members, period.aid_minor) == (11, 1_000_00)
    assert period.notice_figures["totals"]["aid_minor"] == 1_500_00
    assert period.notice_figures["totals"]["per_head_minor"] == at_notice
    assert AidLine.objects.get(claim=other).left_because == "no_longer_approved"
    assert not Payout.objects.filter(claim=other).exists()
    assert Entry.objects.get(kind="period.charged").body["left"] == [other.ref]


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"hold_reason": "an objection"}, "on_hold"), ({"amount_minor": 900_00}, "amount_changed")],
)
def test_a_claim_that_is_no_longer_as_published_leaves_and_may_come_back(
    desk: Desk, change: dict[str, Any], reason: str
) -> None:
    period = publish(desk.plan, NOTICE)
    bend_all(Claim.objects.filter(pk=desk.claim.pk), **change)
    period = charge(period)
    assert AidLine.objects.get().left_because == reason
    assert (period.aid_minor, period.per_head_minor, period.status) == (0, 0, "settled")
    Claim.objects.filter(pk=desk.claim.pk).update(hold_reason="")
    assert publish(desk.plan, NEXT).lines.get().claim == desk.claim


def test_a_claim_on_hold_or_of_somebody_already_aided_is_not_taken_in(desk: Desk) -> None:
    pay_everything(charge(publish(desk.plan, NOTICE)))
    make_approved_claim(desk.version, 500_00, desk.claim.membership)
    make_approved_claim(desk.version, 500_00, hold_reason="papers awaited")
    assert preview(desk.plan, NEXT).claims == ()
    assert publish(desk.plan, NEXT).aid_minor == 0


def test_the_surplus_flows_into_the_next_period(desk: Desk) -> None:
    make_members(desk.plan, 1)
    first = charge(publish(desk.plan, NOTICE))
    assert (first.per_head_minor, first.surplus_out_minor) == (98_19, 9)
    assert balances(desk)["surplus"] == -9
    make_approved_claim(desk.version, 100_00)
    second = charge(publish(desk.plan, NEXT))
    assert (second.surplus_in_minor, second.members, second.per_head_minor) == (9, 12, 9_00)
    assert second.surplus_out_minor == 9
    assert balances(desk)["surplus"] == -9


def test_a_surplus_that_covers_everything_is_used_up(desk: Desk) -> None:
    make_members(desk.plan, 1)
    charge(publish(desk.plan, NOTICE))
    make_approved_claim(desk.version, 5)
    second = charge(publish(desk.plan, NEXT))
    assert (second.per_head_minor, second.surplus_in_minor, second.surplus_out_minor) == (0, 9, 3)
    assert Collection.objects.filter(share__period=second).count() == 0
    assert pay_everything(second).status == "settled"


@pytest.mark.django_db
def test_the_annual_cap_holds_and_starts_again() -> None:
    version = uncapped_version("xhb-2019-01-01")
    make_members(version.plan, 10)
    paid, borne, shares = [], [], []
    for day in (dt.date(2019, 11, 21), dt.date(2019, 12, 7), dt.date(2019, 12, 21), dt.date(2020, 1, 7)):
        make_approved_claim(version, 1_000_00, make_members(version.plan, 1, is_gifted=True)[0])
        period = charge(publish(version.plan, day))
        share = CohortShare.objects.get(period=period, is_gifted=False)
        paid.append(share.per_member_minor)
        borne.append(period.year_cap_excess_minor)
        shares.append(period.per_head_minor)
    # 1,080.00 and the surplus, shared by 11, 12, 13 and 14 members; the cap is 188.00.
    assert shares == [98_19, 90_00, 83_07, 77_15]
    assert paid == [98_19, 188_00 - 98_19, 0, 77_15]
    assert borne == [0, 10 * (98_19 + 90_00 - 188_00), 10 * 83_07, 0]
    assert share.year_to_date_minor == 0


def test_nothing_to_pay_settles_at_once(desk: Desk) -> None:
    reject(desk.claim)
    assert charge(publish(desk.plan, NOTICE)).status == "settled"
    assert Entry.objects.filter(kind="period.settled").count() == 1


def test_a_charge_costs_the_same_for_ten_members_and_for_a_thousand(desk: Desk) -> None:
    make_members(desk.plan, 1)
    charge(publish(desk.plan, NOTICE))
    counts = []
    for day, more in ((NEXT, 0), (dt.date(2024, 4, 7), 1_000)):
        make_members(desk.plan, more)
        make_approved_claim(desk.version, 1_000_00)
        period = publish(desk.plan, day)
        with CaptureQueriesContext(connection) as queries:
            charge(period)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 40


def test_the_database_refuses_a_period_that_does_not_add_up(desk: Desk) -> None:
    period = publish(desk.plan, NOTICE)
    with without_classes("allocation_period"):
        for field in ("aid_minor", "collected_minor", "surplus_out_minor", "per_head_minor", "gifts_minor"):
            with pytest.raises(IntegrityError, match=r"adds_up|surplus_follows"), transaction.atomic():
                Period.objects.filter(pk=period.pk).update(**{field: getattr(period, field) + 1})


def test_the_database_keeps_what_was_published_and_charged(desk: Desk) -> None:
    period = publish(desk.plan, NOTICE)
    changes: list[tuple[Any, dict[str, Any]]] = [
        (Period.objects, {"members": 11}),
        (Period.objects, {"notice_figures": {}}),
        (AidLine.objects, {"aid_minor": 1}),
        (AidLine.objects, {"masked_name": "W*"}),
    ]
    charge(period)
    changes += [
        (Period.objects, {"aid_minor": 1_000_01, "collected_minor": 1_080_01}),
        (CohortShare.objects, {"per_member_minor": 0}),
        (Payout.objects, {"amount_minor": 1}),
        (Collection.objects, {"amount_minor": 1}),
    ]
    for rows, change in changes:
        with pytest.raises(IntegrityError, match="forbidden"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError, match="forbidden"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("delete from allocation_aidline")


def test_the_next_notice_day_is_the_last_one_that_came_or_follows_the_latest(desk: Desk) -> None:
    day = next_notice_day(desk.plan)
    today = clock.now().astimezone(SHANGHAI).date()
    assert day.day in {7, 21}
    assert today - dt.timedelta(days=18) < day <= today
    now = clock.now()
    charge(publish(desk.plan, NOTICE))
    set_clock(now)
    assert next_notice_day(desk.plan) == day
    charge(publish(desk.plan, day))
    following = next_notice_day(desk.plan)
    assert following > today
    assert following.day in {7, 21}
