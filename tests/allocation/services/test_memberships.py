"""Joining, coming back and moving, with what was paid this year carried in."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from adjudication.models import Claim
from adjudication.selectors.claims import open_claim_of
from adjudication.selectors.facts import facts_of
from allocation.models import AidLine, CohortShare
from allocation.selectors.carrying import carried_into
from allocation.selectors.periods import claims_for_next_notice, claims_held_back
from allocation.selectors.statements import statements_of
from allocation.services.memberships import enrol, move, rejoin_or_join
from allocation.services.periods import charge_period
from audit.actors import SYSTEM
from audit.models import Entry
from members.errors.memberships import HealthStatementForbids
from members.errors.people import PayerNotRegistered
from members.models import HealthStatement, Membership, Person, PlanVersion, User
from members.rules.dates import start_of_day
from members.services.memberships import end_membership
from members.services.people import NewPerson
from tests.allocation.making import (
    charge,
    make_approved_claim,
    make_claim,
    make_members,
    pay_everything,
    publish,
    reject,
    uncapped_version,
)
from tests.bent import bend_all
from tests.factories import SHANGHAI, make_membership, make_person, make_plan_version, make_user
from tests.moving import PLAYED_AT, set_clock

pytestmark = pytest.mark.django_db
WELL = {"medicine_30_days": False, "hospital_15_days": False, "covered_condition": False, "open_examination": False}
YEAR = timezone.localdate(PLAYED_AT).year - 1
BEFORE = dt.date(YEAR - 1, 12, 30)
JAN_7, JAN_21, FEB_7 = dt.date(YEAR, 1, 7), dt.date(YEAR, 1, 21), dt.date(YEAR, 2, 7)


def noon(on: dt.date, days: int = 0) -> dt.datetime:
    return dt.datetime(on.year, on.month, on.day, 12, tzinfo=SHANGHAI) + dt.timedelta(days=days)


@pytest.fixture
def version(db: None) -> PlanVersion:
    """Capped at 188.00 a year, and not by case; nine others are members."""
    version = uncapped_version("xhb-2019-01-01")
    make_members(version.plan, 9)
    return version


@pytest.fixture
def user() -> User:
    return make_user("member@test.example")


def aid(version: PlanVersion, amount_minor: int = 1_000_00) -> Claim:
    return make_approved_claim(version, amount_minor, make_members(version.plan, 1, is_gifted=True)[0])


def member(version: PlanVersion, user: User, **fields: Any) -> Membership:
    return make_membership(version.plan, make_person(user=user), noon(BEFORE), **fields)


def come_back(membership: Membership, left_at: dt.datetime, joined_at: dt.datetime) -> Membership:
    set_clock(left_at)
    end_membership(membership_id=membership.pk, at=left_at, reason="left", by=SYSTEM)
    set_clock(joined_at)
    return rejoin_or_join(
        person=membership.person, plan=membership.plan, health_answers=WELL, by=SYSTEM, joined_at=joined_at
    )


def carried(membership: Membership) -> int:
    return Membership.objects.get(pk=membership.pk).carried_minor


def shares_of(user: User, year: int = YEAR) -> list[int]:
    lines = [line for statement in statements_of(user) for line in statement.lines]
    return [line.share_minor for line in lines if line.period.notice_on.year == year]


def test_enrolling_registers_and_joins_in_one_act_or_not_at_all(user: User) -> None:
    plan = make_plan_version().plan
    new = NewPerson(name="Xu Mei", born_on=dt.date(1988, 1, 1))
    ill = WELL | {"covered_condition": True}
    with pytest.raises(HealthStatementForbids):
        enrol(plan=plan, applicant=new, is_dependant=False, health_answers=ill, by=user)
    assert not Person.objects.exists()
    assert not Entry.objects.exists()
    membership = enrol(plan=plan, applicant=new, is_dependant=False, health_answers=WELL, by=user)
    assert (membership.person.user, membership.carried_minor) == (user, 0)
    child = NewPerson(name="Xu Bao", born_on=dt.date(2015, 1, 1))
    joined = enrol(plan=plan, applicant=child, is_dependant=True, health_answers=WELL, by=user)
    assert joined.person.payer == membership.person
    assert joined.person.user is None


def test_only_the_registered_let_their_family_join() -> None:
    child = NewPerson(name="Xu Bao", born_on=dt.date(2015, 1, 1))
    with pytest.raises(PayerNotRegistered, match="Join yourself first"):
        enrol(plan=make_plan_version().plan, applicant=child, is_dependant=True, health_answers=WELL, by=make_user())


def test_who_comes_back_in_the_year_carries_what_they_paid(version: PlanVersion, user: User) -> None:
    first = member(version, user)
    aid(version)
    charge(publish(version.plan, JAN_7))
    again = come_back(first, noon(JAN_7, 8), noon(JAN_7, 9))
    assert again.waits_from == again.joined_at
    [paid] = shares_of(user)
    assert again.carried_minor == paid > 0
    assert Entry.objects.get(kind="membership.joined").body["carried_minor"] == paid
    aid(version, 2_000_00)
    charge(publish(version.plan, JAN_21))
    shares = shares_of(user)
    assert (len(shares), sum(shares)) == (2, 188_00)
    assert [one.year_to_date_minor for one in statements_of(user)] == [188_00, paid]


def test_a_new_year_begins_at_zero(version: PlanVersion, user: User) -> None:
    first = member(version, user)
    aid(version)
    charge(publish(version.plan, dt.date(YEAR, 12, 21)))
    again = come_back(first, noon(dt.date(YEAR, 12, 22)), noon(dt.date(YEAR, 12, 23)))
    assert again.first_notice_on == dt.date(YEAR + 1, 1, 7)
    assert again.carried_minor == 0


def test_gifts_count_nothing(version: PlanVersion, user: User) -> None:
    first = member(version, user, is_gifted=True)
    aid(version)
    charge(publish(version.plan, JAN_7))
    assert come_back(first, noon(JAN_7, 8), noon(JAN_7, 9)).carried_minor == 0


def test_a_share_that_is_announced_is_carried_and_corrected_by_the_charge(version: PlanVersion, user: User) -> None:
    first = member(version, user)
    leaving, _staying = aid(version), aid(version, 500_00)
    period = publish(version.plan, JAN_7)
    again = come_back(first, noon(JAN_7), noon(JAN_7, 1))
    [announced] = shares_of(user)
    assert again.carried_minor == announced
    reject(leaving)
    charge(period)
    [paid] = shares_of(user)
    assert paid < announced
    assert carried(again) == paid
    assert Entry.objects.get(kind="period.charged").body["carried_corrected"] == 1


def test_who_came_back_before_the_notice_was_published_carries_it_with_the_charge(
    version: PlanVersion, user: User
) -> None:
    """Left and came back on the notice day, before the reviewer published: counted, and owing what nobody knew yet."""
    first = member(version, user)
    aid(version)
    again = come_back(first, noon(JAN_7), noon(JAN_7) + dt.timedelta(minutes=5))
    assert again.carried_minor == 0
    once_more = come_back(again, noon(JAN_7, 1), noon(JAN_7, 2))
    period = publish(version.plan, JAN_7)
    assert carried(once_more) == 0
    charge(period)
    [paid] = shares_of(user)
    assert carried(again) == carried(once_more) == paid > 0


def test_the_charge_corrects_nobody_else(version: PlanVersion, user: User) -> None:
    aid(version)
    period = publish(version.plan, JAN_7)
    never_counted = member(version, user)
    bend_all(Membership.objects.filter(pk=never_counted.pk), joined_at=noon(JAN_7), waits_from=noon(JAN_7))
    again = come_back(never_counted, noon(JAN_7, 1), noon(JAN_7, 2))
    charge(period)
    assert carried(again) == 0
    assert Entry.objects.get(kind="period.charged").body["carried_corrected"] == 0


def test_what_was_carried_into_a_membership_that_no_notice_counted_goes_on(version: PlanVersion, user: User) -> None:
    first = member(version, user)
    aid(version)
    charge(publish(version.plan, JAN_7))
    second = come_back(first, noon(JAN_7, 8), noon(JAN_7, 9))
    third = come_back(second, noon(JAN_7, 10), noon(JAN_7, 11))
    assert third.carried_minor == second.carried_minor == sum(shares_of(user)) > 0
    assert carried_into(first.person, version.plan, dt.date(YEAR + 1, 1, 7)) == 0


def test_a_move_starts_at_zero_and_coming_back_by_one_does_not(version: PlanVersion, user: User) -> None:
    # The real plan closed before; here somebody joins it again.
    closing = {"closed_from = 2018-11-27T12:00:00": 'closed_from = "none"'}
    mutual = make_plan_version("xhb-mutual-2018-10-16", **closing)
    old = make_membership(mutual.plan, make_person(user=user), noon(BEFORE))
    aid(version)
    new = move(membership_id=old.pk, plan=version.plan, health_answers={}, by=SYSTEM, moved_at=noon(JAN_7, -1))
    assert (new.carried_minor, new.moved_from) == (0, old)
    charge(publish(version.plan, JAN_7))
    [paid] = shares_of(user)
    end_membership(membership_id=new.pk, at=noon(JAN_7, 8), reason="left", by=SYSTEM)
    set_clock(noon(JAN_7, 10))
    elsewhere = rejoin_or_join(
        person=old.person, plan=mutual.plan, health_answers=WELL, by=SYSTEM, joined_at=noon(JAN_7, 9)
    )
    assert elsewhere.carried_minor == 0
    back = move(membership_id=elsewhere.pk, plan=version.plan, health_answers={}, by=SYSTEM, moved_at=noon(JAN_7, 10))
    assert (back.carried_minor, back.waits_from) == (paid, elsewhere.joined_at)


def test_leaving_on_the_notice_day_still_pays_and_the_other_plan_does_not_count_it(
    version: PlanVersion, user: User
) -> None:
    mutual = make_plan_version("xhb-mutual-2018-10-16")
    old = make_membership(mutual.plan, make_person(user=user), noon(BEFORE))
    make_approved_claim(mutual, 10_00, make_members(mutual.plan, 1)[0])
    aid(version)
    midnight = start_of_day(JAN_7, "Asia/Shanghai")
    move(membership_id=old.pk, plan=version.plan, health_answers={}, by=SYSTEM, moved_at=midnight)
    charge(publish(mutual.plan, JAN_7))
    charge(publish(version.plan, JAN_7))
    assert [(one.membership.plan.code, len(one.lines)) for one in statements_of(user)] == [
        ("xhb", 0),
        ("xhb-mutual", 1),
    ]


@pytest.fixture
def moved(version: PlanVersion, user: User) -> tuple[Membership, Membership]:
    mutual = make_plan_version("xhb-mutual-2018-10-16", **{'"0.10"': '"none"'})
    make_members(mutual.plan, 2)
    old = make_membership(mutual.plan, make_person(user=user), noon(dt.date(YEAR - 1, 1, 2)))
    HealthStatement.objects.create(membership=old, plan_version=mutual, answers=WELL, signed_at=old.joined_at)
    new = move(membership_id=old.pk, plan=version.plan, health_answers={}, by=SYSTEM, moved_at=noon(JAN_7, -3))
    return Membership.objects.get(pk=old.pk), new


def of(membership: Membership, amount_minor: int = 0, **fields: Any) -> Claim:
    version = membership.plan.versions.get()
    days = {"first_diagnosed_on": dt.date(YEAR, 1, 4)} | fields
    if amount_minor:
        return make_approved_claim(version, amount_minor, membership, **days)
    return make_claim(version, membership, **days)


def test_a_claim_is_judged_on_what_was_signed_before_the_move(moved: tuple[Membership, Membership]) -> None:
    old, new = moved
    facts = facts_of(of(new))
    assert (facts.health_answers, facts.waiting_from, facts.joined_at) == (WELL, old.joined_at, new.joined_at)
    assert not facts.has_open_claim
    assert not facts.is_aided_before


def test_claims_of_one_line_know_of_each_other(moved: tuple[Membership, Membership]) -> None:
    old, new = moved
    earlier = of(old)
    assert open_claim_of(new) == earlier
    assert facts_of(of(new)).has_open_claim


def test_one_line_is_aided_once_and_aid_ends_what_the_membership_became(moved: tuple[Membership, Membership]) -> None:
    old, new = moved
    earlier, later = of(old, 100_00), of(new, 100_00)
    assert set(claims_for_next_notice(old.plan)) == {earlier}
    period = charge(publish(old.plan, JAN_7))
    assert list(claims_for_next_notice(new.plan)) == []
    assert list(claims_held_back(new.plan)) == [later]
    pay_everything(period)
    old, new = Membership.objects.get(pk=old.pk), Membership.objects.get(pk=new.pk)
    assert (old.end_reason, new.end_reason) == ("transferred", "aided")
    assert facts_of(Claim.objects.get(pk=later.pk)).is_aided_before


def test_two_notices_at_once_charge_one_of_a_line(moved: tuple[Membership, Membership]) -> None:
    old, new = moved
    of(old, 100_00)
    of(new, 100_00)
    first, second = publish(old.plan, JAN_7), publish(new.plan, JAN_7)
    charge(first)
    charge(second)
    assert list(AidLine.objects.order_by("pk").values_list("left_because", flat=True)) == ["", "aided_before"]
    assert CohortShare.objects.filter(period=second, per_member_minor__gt=0).count() == 0


def test_a_charge_costs_as_many_queries_for_three_who_came_back_as_for_one(
    version: PlanVersion,
) -> None:
    counts = []
    for on, more in ((JAN_7, 1), (JAN_21, 1), (FEB_7, 3)):
        people = [make_membership(version.plan, make_person(), noon(BEFORE)) for _each in range(more)]
        leaving, _staying = aid(version, 90_00), aid(version, 50_00)
        period = publish(version.plan, on)
        for one in people:
            come_back(one, noon(on, 1), noon(on, 2))
        reject(leaving)
        with CaptureQueriesContext(connection) as queries:
            set_clock(start_of_day(period.charge_on, "Asia/Shanghai"))
            charge_period(period_id=period.pk, by=SYSTEM)
        assert Entry.objects.filter(kind="period.charged").latest("pk").body["carried_corrected"] == more
        counts.append(len(queries))
    # The first charge of a plan also opens its accounts.
    assert counts[1] == counts[2]
