"""How far payments are, and what waits."""

from __future__ import annotations

from adjudication.models import Claim
from allocation.models import AidLine, Payout
from allocation.selectors.notices import latest_by_plan, notice
from allocation.selectors.periods import (
    approved_unallocated,
    charge_preview,
    claims_for_next_notice,
    claims_held_back,
    preview,
)
from allocation.selectors.progress import payouts_for_a_person, periods_with_progress, plan_states
from allocation.services.payments import pay
from members.models import Plan
from tests.allocation.conftest import Desk
from tests.allocation.making import charge, make_approved_claim, make_claim, publish, reject


def test_progress_counts_what_is_settled(desk: Desk) -> None:
    make_approved_claim(desk.version, 500_00)
    period = charge(publish(desk.plan))
    [row] = periods_with_progress(desk.plan)
    assert (row.collections_all, row.collections_settled) == (1, 0)
    assert (row.payouts_all, row.payouts_settled, row.payouts_unknown) == (2, 0, 0)
    pay(payout_id=Payout.objects.filter(period=period).earliest("pk").pk)
    [row] = periods_with_progress(desk.plan)
    assert (row.payouts_all, row.payouts_settled) == (2, 1)


def test_only_approved_claims_in_no_period_wait_for_the_next_notice(desk: Desk) -> None:
    make_claim(desk.version)
    other = make_approved_claim(desk.version, 500_00)
    assert list(approved_unallocated().order_by("pk")) == [desk.claim, other]
    period = publish(desk.plan)
    assert not approved_unallocated().exists()
    AidLine.objects.filter(period=period, claim=other).update(left_because="on_hold")
    assert list(approved_unallocated()) == [other]


def test_a_payout_of_a_claim_that_was_stopped_goes_to_a_person(desk: Desk) -> None:
    charge(publish(desk.plan))
    assert not payouts_for_a_person(desk.plan).exists()
    Claim.objects.update(hold_reason="an objection")
    assert payouts_for_a_person(desk.plan).get().claim == desk.claim


def test_the_plans_with_what_waits(desk: Desk) -> None:
    Plan.objects.create(code="other", title_en="Other", title_zh="其他", currency="CNY", timezone="Asia/Shanghai")
    period = publish(desk.plan)
    make_approved_claim(desk.version, 500_00)
    found = {state.plan.code: (state.latest, state.claims_waiting) for state in plan_states()}
    assert found == {"xhb": (period, 1), "other": (None, 0)}
    assert [(group.plan.code, group.periods) for group in latest_by_plan()] == [("xhb", (period,))]


def test_the_preview_is_what_the_notice_then_says(desk: Desk) -> None:
    held = make_approved_claim(desk.version, 500_00, hold_reason="papers awaited")
    assert list(claims_for_next_notice(desk.plan)) == [desk.claim]
    assert list(claims_held_back(desk.plan)) == [held]
    period = publish(desk.plan)
    assert not claims_for_next_notice(desk.plan).exists()
    found = preview(desk.plan, period.notice_on)
    assert found.claims == ()
    assert notice(period).allocation.aid_minor == period.aid_minor == 1_000_00
    assert notice(period).changes == ()


def test_the_charge_s_preview_is_what_is_charged(desk: Desk) -> None:
    other = make_approved_claim(desk.version, 500_00)
    period = publish(desk.plan)
    reject(other)
    seen = charge_preview(period)
    assert [line.claim for line, _reason in seen.leaving] == [other]
    period = charge(period)
    assert seen.allocation.per_head_minor == period.per_head_minor
    assert seen.allocation == notice(period).allocation
    changed = {name: (before, after) for name, before, after in notice(period).changes}
    assert changed["aid_minor"] == (1_500_00, 1_000_00)
