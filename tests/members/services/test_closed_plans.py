"""A plan that takes no new members from a moment on: nobody joins, moves in or is imported; members stay."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.actors import SYSTEM
from members.errors.memberships import PlanClosed
from members.imports.checking import Checker
from members.models import Membership, Plan
from members.selectors.moves import move_options
from members.services.memberships import join_plan, leave_plan, move_to_plan
from tests.cast import Cast
from tests.factories import SHANGHAI, make_membership, make_person, make_plan_version, make_user
from tests.members.imports.making import row, terms

pytestmark = pytest.mark.django_db
CLOSED = dt.datetime(2018, 11, 27, 12, tzinfo=SHANGHAI)
WELL = {"medicine_30_days": False, "hospital_15_days": False, "covered_condition": False, "open_examination": False}


@pytest.fixture
def mutual(db: None) -> Plan:
    return make_plan_version("xhb-mutual-2018-10-16").plan


def join(plan: Plan, at: dt.datetime, **fields: Any) -> Membership:
    return join_plan(person=make_person(**fields), plan=plan, joined_at=at, health_answers=WELL, by=SYSTEM)


def test_it_closes_at_the_moment_and_not_before(mutual: Plan) -> None:
    assert join(mutual, CLOSED - dt.timedelta(microseconds=1)).left_at is None
    for at in (CLOSED, CLOSED + dt.timedelta(days=400)):
        with pytest.raises(PlanClosed, match="takes no new members from"):
            join(mutual, at)
    assert Membership.objects.count() == 1


def test_members_stay_and_may_leave_or_move_out(mutual: Plan) -> None:
    xhb = make_plan_version("xhb-2018-11-27").plan
    user = make_user()
    staying = join(mutual, CLOSED - dt.timedelta(days=5), user=user)
    moved = move_to_plan(membership_id=staying.pk, plan=xhb, health_answers={}, by=user)
    assert (moved.plan, moved.waits_from) == (xhb, staying.waits_from)
    leave_plan(membership_id=moved.pk, by=user)


def test_nobody_moves_in(db: None) -> None:
    make_plan_version("xhb-mutual-2018-10-16")
    closed = make_plan_version("xhb-2020-01-01", **{'closed_from = "none"': "closed_from = 2021-01-01T00:00:00"})
    user = make_user()
    mutual = Plan.objects.get(code="xhb-mutual")
    membership = make_membership(mutual, make_person(user=user), CLOSED - dt.timedelta(days=5))
    with pytest.raises(PlanClosed):
        move_to_plan(membership_id=membership.pk, plan=closed.plan, health_answers={}, by=user)
    now = dt.datetime(2022, 1, 1, tzinfo=SHANGHAI)
    [option] = [one for one in move_options(membership, now) if one.plan == closed.plan]
    assert isinstance(option.refusal, PlanClosed)
    before = dt.datetime(2020, 6, 1, tzinfo=SHANGHAI)
    [option] = [one for one in move_options(membership, before) if one.plan == closed.plan]
    assert option.refusal is None


def test_the_pages_say_so_and_offer_no_way_in(client: Client, cast: Cast, mutual: Plan) -> None:
    client.force_login(cast.member)
    page = client.get("/plans/xhb-mutual/").content.decode()
    assert "Closed to new members" in page
    assert reverse("membership_join", args=["xhb-mutual"]) not in page
    listed = client.get("/plans/").content.decode()
    assert "Closed to new members." in listed
    assert reverse("membership_join", args=["xhb-mutual"]) not in listed
    assert reverse("membership_join", args=["xhb"]) in listed
    for answer in (client.get("/plans/xhb-mutual/join/"), client.post("/plans/xhb-mutual/join/")):
        assert answer.status_code == 409
        assert "takes no new members from" in answer.content.decode()
    assert reverse("membership_join", args=["xhb-mutual"]) not in client.get("/").content.decode()


def test_the_api_says_so(client: Client, cast: Cast, mutual: Plan) -> None:
    plans = {one["code"]: one["closed_from"] for one in client.get("/api/v1/plans/").json()["results"]}
    assert plans["xhb"] is None
    assert dt.datetime.fromisoformat(plans["xhb-mutual"]) == CLOSED


@pytest.mark.parametrize(
    ("joined_at", "wrong"),
    [
        ("2018-11-27T11:59:59+08:00", None),
        ("2018-11-27T12:00:00+08:00", "lies after 2018-11-27T12:00:00+08:00, from when version 2018-10-16 is closed"),
        ("2024-03-01", "lies after 2018-11-27T12:00:00+08:00, from when version 2018-10-16 is closed"),
    ],
)
def test_a_membership_with_a_later_joining_day_is_not_imported(joined_at: str, wrong: str | None) -> None:
    draft, refusals = Checker(terms("xhb-mutual-2018-10-16")).check(row(joined_at=joined_at))
    assert {one.column: one.wrong for one in refusals} == ({"joined_at": wrong} if wrong else {})
    assert (draft is None) is (wrong is not None)
