"""The start page's memberships: the wait as a line, the cost, the claims, the ways out, the family."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit import clock
from members.models import User
from tests.allocation.making import charge, make_approved_claim, make_claim, make_members, publish, uncapped_version
from tests.cast import Cast
from tests.factories import SHANGHAI, make_membership, make_person, make_plan_version, make_user
from tests.moving import PLAYED_AT

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate(PLAYED_AT).year - 1


def home(client: Client, user: User) -> str:
    client.force_login(user)
    response = client.get(reverse("home"))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_the_wait_is_drawn_and_said(client: Client, cast: Cast) -> None:
    user = make_user()
    make_membership(cast.plan, make_person(user=user), joined_at=clock.now() - dt.timedelta(days=3))
    text = home(client, user)
    assert '<svg viewBox="0 0 1000 40"' in text
    assert "today is day 4" in text
    assert "Covered from" in text
    assert "a tumour that was suspected or treated in the wait is not covered" in text
    later = make_user()
    make_membership(cast.plan, make_person(user=later), joined_at=clock.now() - dt.timedelta(days=400))
    text = home(client, later)
    assert "The waiting period ended on" in text
    assert "a tumour that was suspected" not in text
    assert "a tumour suspected in the wait is not covered ended on" in text


def test_what_it_costs_with_the_claims(client: Client) -> None:
    version = uncapped_version("xhb-2019-01-01")
    user = make_user()
    membership = make_membership(version.plan, make_person(user=user), dt.datetime(YEAR, 1, 2, tzinfo=SHANGHAI))
    assert f"The first share can come with the notice of 7 January {YEAR}" in home(client, user)
    make_approved_claim(version, 100_00, make_members(version.plan, 1)[0])
    charge(publish(version.plan, dt.date(YEAR, 2, 7)))
    claim = make_claim(version, membership)
    text = home(client, user)
    assert f"¥54.00 in the last period, notice of 7 February {YEAR}." in text
    assert f"¥54.00 in {YEAR} so far, at most ¥188.00 in a calendar year" in text
    assert text.count(reverse("claim_detail", args=[claim.ref])) == 2
    assert f"{reverse('statement_list')}#membership-{membership.pk}" in text


def test_a_gift_costs_nothing(client: Client, cast: Cast) -> None:
    user = make_user()
    make_membership(cast.plan, make_person(user=user), is_gifted=True)
    assert "Nothing: the sponsor pays the shares." in home(client, user)


def test_where_to_move_is_a_button_or_a_reason(client: Client, cast: Cast) -> None:
    senior = make_plan_version("xhb-senior-2019-05-01")
    today = timezone.localdate(clock.now())
    elder = make_person("Elder", today.replace(year=today.year - 62, day=1), payer=cast.membership.person)
    membership = make_membership(cast.plan, elder)
    text = home(client, cast.member)
    assert reverse("membership_move", args=[membership.pk, "xhb-senior"]) in text
    assert reverse("membership_move", args=[cast.membership.pk, "xhb-senior"]) not in text
    assert "from the age of 60 on" in text
    make_membership(senior.plan, elder)
    assert reverse("membership_move", args=[membership.pk, "xhb-senior"]) not in home(client, cast.member)


def test_the_family_has_a_place_of_its_own(client: Client, cast: Cast) -> None:
    assert "You pay for nobody else" in home(client, cast.member)
    child = make_person("Wang Junior", payer=cast.membership.person)
    text = home(client, cast.member)
    assert "Not a member of any plan yet." in text
    assert f"{reverse('membership_join', args=['xhb'])}?for=family" in text
    membership = make_membership(cast.plan, child)
    family = home(client, cast.member).partition('id="family"')[2]
    assert reverse("membership_leave", args=[membership.pk]) in family
    assert reverse("membership_leave", args=[cast.membership.pk]) not in family


def test_who_is_paid_for_adds_nobody(client: Client, cast: Cast) -> None:
    user = make_user()
    make_membership(cast.plan, make_person(user=user, payer=cast.membership.person))
    text = home(client, user)
    assert 'id="family"' not in text
    assert "?for=family" not in text


def test_an_outsider_sees_nobody_and_the_plans(client: Client, cast: Cast) -> None:
    text = home(client, cast.outsider)
    assert "You are not a member of any plan" in text
    assert 'id="family"' not in text
    assert cast.membership.person.name not in text
