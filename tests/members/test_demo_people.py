"""The invented people, and the mark of a demonstration's database."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from django.db import transaction
from pytest_django import Settings

from audit.models import Entry
from members.access import is_member
from members.demo import LOGINS, is_demonstration, login_of
from members.demo.loading import hand_over, load_members, open_hidden_login, open_logins
from members.demo.marker import mark_as_demonstration, refuse_real_data
from members.demo.people import invented_people
from members.errors.demo import NotADemonstration
from members.models import HealthStatement, Membership, Person
from members.rules.joining import joining_age, refused_questions, unanswered_questions
from members.rules.plans import first_notice_after
from tests.bent import bend
from tests.factories import make_plan_version, make_user

TODAY = dt.date(2026, 3, 1)


def test_the_same_people_come_every_time_and_hardly_two_are_alike() -> None:
    people = list(invented_people(3000, TODAY))
    assert people == list(invented_people(3000, TODAY))
    assert len({(one.name, one.born_on) for one in people}) == 3000
    assert len({one.phone for one in people}) == 3000
    assert max(Counter(one.name for one in people).values()) < 40


def test_families_share_an_address_and_children_the_family_name() -> None:
    people = list(invented_people(400, TODAY))
    family = [(people[one.number - one.payer_back], one) for one in people if one.payer_back]
    assert len(family) == 100
    assert all(payer.address == one.address and payer.payer_back == 0 for payer, one in family)
    children = [(payer, one) for payer, one in family if one.born_on > TODAY.replace(year=TODAY.year - 18)]
    assert len(children) == 50
    assert all(
        payer.name[0] == one.name[0] or payer.name.split()[-1] == one.name.split()[-1] for payer, one in children
    )


@pytest.mark.django_db
def test_members_loaded_in_bulk_obey_the_rules_that_the_service_checks() -> None:
    version = make_plan_version()
    memberships = load_members(version.plan, 120)
    assert len(memberships) == Membership.objects.count() == HealthStatement.objects.count() == 120
    for statement in HealthStatement.objects.select_related("membership__person"):
        membership = statement.membership
        assert joining_age(version.rules, membership.person.born_on, membership.joined_at.date()).problem is None
        assert unanswered_questions(version.rules, statement.answers) == ()
        assert refused_questions(version.rules, statement.answers) == ()
        assert membership.first_notice_on == first_notice_after(version.rules, membership.joined_at)
    assert Entry.objects.get().body == {"plan": "xhb", "members": 120}


@pytest.mark.django_db
def test_blind_indexes_of_bulk_rows_are_those_of_saved_ones() -> None:
    load_members(make_plan_version().plan, 4)
    person = Person.objects.exclude(payer=None).get()
    assert person.address_digest == person.payer.address_digest != ""  # type: ignore[union-attr]
    before = (person.phone_digest, person.address_digest, person.employer_digest)
    bend(person)
    assert (person.phone_digest, person.address_digest, person.employer_digest) == before


@pytest.mark.django_db
def test_log_ins_open_for_every_role_and_members_receive_theirs() -> None:
    staff = open_logins()
    assert {name: set(user.roles) for name, user in staff.items()} == {
        login.email.partition("@")[0]: {login.role} for login in LOGINS if login.role not in {"member", "juror"}
    }
    membership = load_members(make_plan_version().plan, 1)[0]
    user = open_hidden_login(membership.person)
    assert not user.has_usable_password()
    hand_over(user, login_of("member"))
    user.refresh_from_db()
    assert user.email == "member@demo.example"
    assert all(one.check_password(LOGINS[0].password) for one in (user, *staff.values()))
    assert is_member(user)


@pytest.mark.django_db
def test_only_an_empty_database_of_a_demonstration_is_marked(settings: Settings) -> None:
    assert not is_demonstration()
    with transaction.atomic():
        mark_as_demonstration({"members": 1})
    assert is_demonstration()
    make_user()
    refuse_real_data()
    settings.IS_DEMO = False
    assert not is_demonstration()
    with pytest.raises(NotADemonstration):
        refuse_real_data()


@pytest.mark.django_db
def test_a_database_with_people_and_no_mark_is_refused() -> None:
    make_user()
    with pytest.raises(NotADemonstration, match="holds people"):
        mark_as_demonstration({})
    assert not Entry.objects.exists()
