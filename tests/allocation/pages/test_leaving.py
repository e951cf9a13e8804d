"""The page on which somebody leaves."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from audit import clock
from members.models import Membership
from members.rules.dates import local_day
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_version_from, plan_file

pytestmark = pytest.mark.django_db


def leave(membership: Membership) -> str:
    return f"/memberships/{membership.pk}/leave/"


def test_asked_once_more_then_left(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    text = client.get(leave(cast.membership)).content.decode()
    assert "Leave now" in text
    assert "new waiting period" in text
    cast.membership.refresh_from_db()
    assert cast.membership.left_at is None
    assert client.post(leave(cast.membership)).status_code == 302
    cast.membership.refresh_from_db()
    assert cast.membership.end_reason == "left"
    assert "Leave now" not in client.get(leave(cast.membership)).content.decode()
    again = client.post(leave(cast.membership))
    assert again.status_code == 409
    assert "nothing left to end" in again.content.decode()


def test_a_dependants_membership_is_the_payers_to_end(client: Client, cast: Cast) -> None:
    membership = make_membership(cast.plan, make_person("Child", payer=cast.membership.person))
    client.force_login(cast.member)
    assert "Child" in client.get(leave(membership)).content.decode()
    assert client.post(leave(membership)).status_code == 302


@pytest.mark.parametrize("role", ["outsider", "investigator", "professional", "reviewer", "auditor"])
def test_nobody_else_may_even_look(client: Client, cast: Cast, role: str) -> None:
    user = cast.by_role()[role]
    assert user is not None
    client.force_login(user)
    assert client.get(leave(cast.membership)).status_code == 404
    assert client.post(leave(cast.membership)).status_code == 404
    cast.membership.refresh_from_db()
    assert cast.membership.left_at is None


def test_a_stranger_is_sent_to_the_log_in(client: Client, cast: Cast) -> None:
    assert client.post(leave(cast.membership)).status_code == 302
    cast.membership.refresh_from_db()
    assert cast.membership.left_at is None


def test_the_period_that_has_counted_the_member_is_named(client: Client, cast: Cast) -> None:
    # A version whose notice day is today and whose charge day lies ahead, whatever day it is.
    today = local_day(clock.now(), cast.plan.timezone)
    notice_day = min(today.day, 27)
    source = plan_file("xhb-2020-01-01").replace("notice_days = [7, 21]", f"notice_days = [{notice_day}]")
    source = source.replace("charge_days = [14, 28]", f"charge_days = [{notice_day - 1 or 28}]")
    make_version_from(source.replace("2020-01-01", "2021-01-01"))
    client.force_login(cast.member)
    text = client.get(leave(cast.membership)).content.decode()
    assert f"the period of the notice of {notice_day} " in text
    newcomer = make_membership(
        cast.plan, make_person("New", payer=cast.membership.person), joined_at=clock.now() - dt.timedelta(seconds=1)
    )
    if today.day == notice_day:
        assert "Nothing from an open period" in client.get(leave(newcomer)).content.decode()
