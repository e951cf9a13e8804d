"""Joining and leaving."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection
from django.utils.translation import override

from audit import clock
from audit.actors import SYSTEM
from audit.errors import DomainError
from audit.models import Entry
from members.errors.memberships import (
    AlreadyMember,
    EndsBeforeItBegins,
    HealthStatementForbids,
    HealthStatementIncomplete,
    JoinsInTheFuture,
    MembershipEnded,
    NewbornTooYoungToJoin,
    TooOldToJoin,
)
from members.errors.people import BirthImpossible, NotTheirs
from members.errors.plans import NoRulesInForce
from members.models import HealthStatement, Membership, Person, PlanVersion
from members.services.memberships import end_membership, join_plan, leave_plan
from tests.factories import SHANGHAI, make_membership, make_person, make_plan_version, make_user

pytestmark = pytest.mark.django_db
NOBODY_ILL = {
    "medicine_30_days": False,
    "hospital_15_days": False,
    "covered_condition": False,
    "open_examination": False,
}


@pytest.fixture
def version(db: None) -> PlanVersion:
    return make_plan_version()


def join(version: PlanVersion, person: Person | None = None, **changes: Any) -> Membership:
    given = {"joined_at": clock.now(), "health_answers": NOBODY_ILL, "by": SYSTEM} | changes
    return join_plan(person=person or make_person(), plan=version.plan, **given)


def test_joining_stores_membership_statement_and_entry(version: PlanVersion) -> None:
    user = make_user()
    joined_at = dt.datetime(2021, 6, 6, 23, 59, tzinfo=SHANGHAI)
    membership = join(version, make_person(user=user), joined_at=joined_at, by=user)
    assert membership.first_notice_on == dt.date(2021, 6, 7)
    assert membership.waits_from == joined_at
    assert membership.left_at is None
    statement = HealthStatement.objects.get(membership=membership)
    assert statement.answers == NOBODY_ILL
    assert statement.plan_version == version
    entry = Entry.objects.get(kind="membership.joined")
    assert (entry.stream, entry.actor) == (f"membership:{membership.pk}", user.audit_ref)
    assert entry.body["version"] == "2020-01-01"
    assert "Wang" not in str(entry.body)


def test_the_first_notice_is_the_one_after_the_day_of_joining(version: PlanVersion) -> None:
    membership = join(version, joined_at=dt.datetime(2021, 6, 7, 0, 0, tzinfo=SHANGHAI))
    assert membership.first_notice_on == dt.date(2021, 6, 21)


def test_a_transfer_brings_its_wait_and_a_rejoiner_what_was_paid(version: PlanVersion) -> None:
    waits_from = clock.now() - dt.timedelta(days=400)
    membership = join(version, waits_from=waits_from, is_gifted=True, carried_minor=650)
    assert (membership.waits_from, membership.is_gifted, membership.carried_minor) == (waits_from, True, 650)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"health_answers": NOBODY_ILL | {"covered_condition": True}}, HealthStatementForbids, "conditions"),
        ({"health_answers": {"medicine_30_days": False}}, HealthStatementIncomplete, "hospital"),
        (
            {"joined_at": dt.datetime(2019, 12, 31, 23, 59, tzinfo=SHANGHAI)},
            NoRulesInForce,
            "is in force on 31 December 2019",
        ),
        ({"joined_at": dt.datetime(2999, 1, 1, tzinfo=SHANGHAI)}, JoinsInTheFuture, "future"),
    ],
)
def test_what_forbids_joining_is_named_and_nothing_is_stored(
    version: PlanVersion, changes: dict[str, Any], error: type[DomainError], words: str
) -> None:
    with pytest.raises(error) as caught:
        join(version, **changes)
    assert words in str(caught.value)
    assert not Membership.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("born_on", "error", "words"),
    [
        (dt.date(1961, 6, 1), TooOldToJoin, "over 59"),
        (dt.date(2021, 5, 10), NewbornTooYoungToJoin, "30 days"),
        (dt.date(2021, 6, 2), BirthImpossible, "2 June 2021"),
    ],
)
def test_the_age_on_the_day_of_joining_decides(
    version: PlanVersion, born_on: dt.date, error: type[DomainError], words: str
) -> None:
    with pytest.raises(error) as caught:
        join(version, make_person(born_on=born_on), joined_at=dt.datetime(2021, 6, 1, 12, tzinfo=SHANGHAI))
    assert words in str(caught.value)


def test_answers_to_questions_that_the_plan_does_not_ask_are_not_kept(version: PlanVersion) -> None:
    membership = join(version, health_answers=NOBODY_ILL | {"favourite_colour": True})
    assert membership.health_statement.answers == NOBODY_ILL


def test_nobody_is_a_member_twice(version: PlanVersion) -> None:
    person = make_person()
    join(version, person)
    with pytest.raises(AlreadyMember, match="Xiang Hu Bao"):
        join(version, person)
    with override("zh-hans"), pytest.raises(AlreadyMember, match="相互宝"):
        join(version, person)
    assert Membership.objects.count() == 1
    assert HealthStatement.objects.count() == 1


def test_somebody_who_left_may_join_again_with_a_new_wait(version: PlanVersion) -> None:
    person = make_person()
    first = join(version, person, joined_at=clock.now() - dt.timedelta(days=100))
    end_membership(membership_id=first.pk, at=clock.now(), reason="left", by=SYSTEM)
    again = join(version, person)
    first.refresh_from_db()
    assert again.waits_from == again.joined_at
    assert again.pk != first.pk
    assert (first.previous_left_at, again.previous_left_at) == (None, first.left_at)
    with pytest.raises(AlreadyMember):
        join(version, person)


def test_nobody_joins_in_the_past_where_they_were_a_member_or_are_since(version: PlanVersion) -> None:
    person = make_person()
    first = join(version, person, joined_at=clock.now() - dt.timedelta(days=100))
    end_membership(membership_id=first.pk, at=clock.now() - dt.timedelta(days=50), reason="left", by=SYSTEM)
    for days in (70, 100, 130):
        with pytest.raises(AlreadyMember):
            join(version, person, joined_at=clock.now() - dt.timedelta(days=days))
    join(version, person, joined_at=clock.now() - dt.timedelta(days=50))


def test_a_stranger_lets_nobody_join(version: PlanVersion) -> None:
    with pytest.raises(NotTheirs):
        join(version, make_person(user=make_user()), by=make_user())
    assert not Membership.objects.exists()


def test_leaving_ends_the_membership_now_with_an_entry(version: PlanVersion) -> None:
    user = make_user()
    membership = make_membership(version.plan, make_person(user=user))
    before = clock.now()
    left = leave_plan(membership_id=membership.pk, by=user)
    assert left.left_at is not None
    assert before <= left.left_at <= clock.now()
    assert left.end_reason == "left"
    entry = Entry.objects.get(kind="membership.ended")
    assert entry.stream == f"membership:{membership.pk}"
    assert entry.body["reason"] == "left"
    with pytest.raises(MembershipEnded, match="nothing left to end"):
        leave_plan(membership_id=membership.pk, by=user)
    assert Entry.objects.filter(kind="membership.ended").count() == 1


def test_a_payer_ends_a_dependants_membership_and_a_stranger_does_not(version: PlanVersion) -> None:
    payer = make_user()
    membership = make_membership(version.plan, make_person(payer=make_person(user=payer)))
    for stranger in (make_user(), make_user(None, "reviewer")):
        with pytest.raises(NotTheirs):
            leave_plan(membership_id=membership.pk, by=stranger)
    assert leave_plan(membership_id=membership.pk, by=payer).left_at is not None


def test_a_membership_ends_after_it_begins_and_for_a_known_reason(version: PlanVersion) -> None:
    membership = make_membership(version.plan)
    with pytest.raises(EndsBeforeItBegins):
        end_membership(membership_id=membership.pk, at=membership.joined_at, reason="aided", by=SYSTEM)
    with pytest.raises(ValueError, match="bored"):
        end_membership(membership_id=membership.pk, at=clock.now(), reason="bored", by=SYSTEM)
    membership.refresh_from_db()
    assert membership.left_at is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_left", [False, True])
def test_of_two_joins_at_once_one_is_told_that_they_are_a_member(has_left: bool) -> None:
    version = make_plan_version()
    person = make_person()
    if has_left:
        make_membership(version.plan, person, left_at=clock.now() - dt.timedelta(days=1), end_reason="left")
    start = threading.Barrier(2)
    results: list[str] = []

    def attempt() -> None:
        try:
            start.wait(timeout=60)
            join(version, person)
            results.append("joined")
        except AlreadyMember:
            results.append("already")
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(results) == ["already", "joined"]
    assert Membership.objects.filter(left_at=None).count() == HealthStatement.objects.count() == 1
    assert Entry.objects.filter(kind="membership.joined").count() == 1
