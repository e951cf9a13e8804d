"""Who sees which people and memberships; which version is in force; how many queries a list takes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from audit import clock
from members.models import Membership, Person
from members.selectors.memberships import (
    memberships_in_force,
    memberships_of,
    memberships_visible_to,
    owed_when_leaving,
)
from members.selectors.people import family_of, people_visible_to, person_of
from members.selectors.plans import plan_cards, version_for_diagnosis, version_in_force, versions_of
from tests.cast import Cast
from tests.factories import SHANGHAI, make_membership, make_person, make_plan_version, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def family(cast: Cast) -> tuple[Membership, Membership]:
    """The member's child, and a stranger."""
    child = make_membership(cast.plan, make_person("Child", payer=cast.membership.person))
    return child, make_membership(cast.plan, make_person("Stranger", user=make_user()))


def test_a_member_sees_themselves_and_whom_they_pay_for(cast: Cast, family: tuple[Membership, Membership]) -> None:
    child, _stranger = family
    assert set(memberships_visible_to(cast.member)) == {cast.membership, child}
    assert set(people_visible_to(cast.member)) == {cast.membership.person, child.person}
    assert list(family_of(cast.member)) == [child.person]
    assert person_of(cast.member) == cast.membership.person


@pytest.mark.parametrize(
    ("role", "sees_all"),
    [
        ("reviewer", True),
        ("auditor", True),
        ("investigator", False),
        ("professional", False),
        ("outsider", False),
        ("anonymous", False),
    ],
)
def test_only_reviewers_and_auditors_see_everybody(
    cast: Cast, family: tuple[Membership, Membership], role: str, sees_all: bool
) -> None:
    user = cast.by_role()[role] or AnonymousUser()
    assert memberships_visible_to(user).count() == (3 if sees_all else 0)
    assert people_visible_to(user).count() == (Person.objects.count() if sees_all else 0)
    # Their own are none, whatever the role lets them see.
    assert not memberships_of(user).exists()
    assert not family_of(user).exists()
    assert person_of(user) is None


def test_a_closed_log_in_sees_nothing(cast: Cast) -> None:
    cast.reviewer.is_active = False
    assert not memberships_visible_to(cast.reviewer).exists()
    assert not people_visible_to(cast.reviewer).exists()


def test_in_force_means_begun_and_not_ended(cast: Cast) -> None:
    ended_at = clock.now() - dt.timedelta(days=1)
    ended = make_membership(cast.plan, make_person(), left_at=ended_at, end_reason="left")
    second = dt.timedelta(seconds=1)
    assert ended in memberships_in_force(cast.plan, ended_at - second)
    assert ended not in memberships_in_force(cast.plan, ended_at)
    assert ended in memberships_in_force(cast.plan, ended.joined_at)
    assert ended not in memberships_in_force(cast.plan, ended.joined_at - second)
    assert list(memberships_in_force(cast.plan, clock.now())) == [cast.membership]


def test_the_last_version_that_has_started_is_in_force() -> None:
    noon = make_plan_version("xhb-2018-11-27")
    year = make_plan_version("xhb-2019-01-01")
    plan = noon.plan
    starts_at = dt.datetime(2018, 11, 27, 12, tzinfo=SHANGHAI)
    assert version_in_force(plan, starts_at - dt.timedelta(seconds=1)) is None
    assert version_in_force(plan, starts_at) == noon
    assert version_in_force(plan, year.starts_at - dt.timedelta(seconds=1)) == noon
    assert version_in_force(plan, year.starts_at) == year
    # A diagnosis is known by its day, and a version that starts at noon governs the whole of it.
    assert version_for_diagnosis(plan, dt.date(2018, 11, 26)) is None
    assert version_for_diagnosis(plan, dt.date(2018, 11, 27)) == noon
    assert version_for_diagnosis(plan, dt.date(2019, 1, 1)) == year
    assert list(versions_of(plan)) == [year, noon]


def test_a_plan_that_has_not_started_is_shown_with_its_first_version() -> None:
    version = make_plan_version("xhb-2018-11-27")
    before, after = version.starts_at - dt.timedelta(days=1), version.starts_at
    assert [(card.version, card.is_in_force) for card in plan_cards(before)] == [(version, False)]
    assert [(card.version, card.is_in_force) for card in plan_cards(after)] == [(version, True)]


def test_what_is_owed_follows_the_rules_in_force(cast: Cast) -> None:
    on_notice_day = dt.datetime(2026, 11, 7, 10, tzinfo=SHANGHAI)
    membership = make_membership(cast.plan, joined_at=on_notice_day - dt.timedelta(days=200))
    assert owed_when_leaving(membership, on_notice_day) == (dt.date(2026, 11, 7),)
    before_the_plan = dt.datetime(2015, 1, 1, tzinfo=SHANGHAI)
    assert owed_when_leaving(membership, before_the_plan) == ()


@pytest.mark.parametrize("count", [1, 3])
def test_lists_take_one_query_however_long(cast: Cast, django_assert_num_queries: Any, count: int) -> None:
    for _ in range(count):
        make_membership(cast.plan, make_person(payer=cast.membership.person))
    with django_assert_num_queries(1):
        names = [(one.plan.code, one.person.name, one.person.payer) for one in memberships_of(cast.member)]
    assert len(names) == count + 1


def test_plans_take_two_queries_however_many(django_assert_num_queries: Any) -> None:
    for name in ("xhb-2018-11-27", "xhb-2019-01-01", "xhb-mutual-2018-10-16", "xhb-senior-2019-05-01"):
        make_plan_version(name)
    now = clock.now()
    with django_assert_num_queries(2):
        cards = plan_cards(now)
        assert [(card.plan.code, card.version.label, card.version_count) for card in cards] == [
            ("xhb", "2019-01-01", 2),
            ("xhb-mutual", "2018-10-16", 1),
            ("xhb-senior", "2019-05-01", 1),
        ]
