"""A statement derived from cohorts says what each member was really charged."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from allocation.models import CohortShare
from allocation.rules.cohorts import CohortKey
from allocation.selectors.statements import statements_of
from members.models import Membership, PlanVersion, User
from tests.allocation.making import charge, make_approved_claim, make_members, publish, uncapped_version
from tests.factories import SHANGHAI, make_membership, make_person, make_user
from tests.moving import PLAYED_AT

pytestmark = pytest.mark.django_db

YEAR = timezone.localdate(PLAYED_AT).year
DAYS = [dt.date(YEAR - 1, 12, 7), dt.date(YEAR - 1, 12, 21), dt.date(YEAR, 1, 7), dt.date(YEAR, 1, 21)]


@pytest.fixture
def version() -> PlanVersion:
    """With a cap of 188.00 a year."""
    version = uncapped_version("xhb-2019-01-01")
    make_members(version.plan, 9)
    return version


@pytest.fixture
def user() -> User:
    return make_user("member@test.example")


def join(version: PlanVersion, user: User, day: dt.date | None = None, **fields: object) -> Membership:
    """Somebody who joined the day before the notice day given, or long ago."""
    first = day or dt.date(2018, 12, 7)
    joined_at = dt.datetime(first.year, first.month, first.day, tzinfo=SHANGHAI) - dt.timedelta(days=1)
    return make_membership(version.plan, make_person(user=user), joined_at, first_notice_on=first, **fields)


def run(version: PlanVersion, *days: dt.date) -> None:
    for day in days:
        make_approved_claim(version, 1_000_00, make_members(version.plan, 1, is_gifted=True)[0])
        charge(publish(version.plan, day))


def test_shares_and_the_sum_of_each_year(version: PlanVersion, user: User) -> None:
    join(version, user)
    run(version, *DAYS)
    [statement] = statements_of(user)
    assert [(line.period.notice_on, line.share_minor, line.year_to_date_minor) for line in statement.lines] == [
        (DAYS[3], 77_15, 160_22),
        (DAYS[2], 83_07, 83_07),
        (DAYS[1], 89_81, 188_00),
        (DAYS[0], 98_19, 98_19),
    ]
    assert [line.is_capped for line in statement.lines] == [False, False, True, False]
    assert (statement.year, statement.year_to_date_minor, statement.cap_left_minor) == (YEAR, 160_22, 27_78)


def test_somebody_new_begins_with_their_first_notice(version: PlanVersion, user: User) -> None:
    join(version, user, DAYS[3])
    run(version, *DAYS)
    [statement] = statements_of(user)
    assert [line.period.notice_on for line in statement.lines] == [DAYS[3]]
    assert statement.lines[0].year_to_date_minor == statement.lines[0].share_minor
    shares = CohortShare.objects.filter(period__notice_on=DAYS[3]).values_list("first_notice_on", "year_to_date_minor")
    assert set(shares) == {(DAYS[2], 90_00), (DAYS[2], 0), (DAYS[3], 0)}


def test_somebody_who_left_is_not_charged_after_that(version: PlanVersion, user: User) -> None:
    left_at = dt.datetime(DAYS[1].year, 12, 20, tzinfo=SHANGHAI)
    join(version, user, left_at=left_at, end_reason="left")
    run(version, *DAYS)
    [statement] = statements_of(user)
    assert [line.period.notice_on for line in statement.lines] == [DAYS[0]]


def test_a_rejoiner_carries_what_they_have_paid(version: PlanVersion, user: User) -> None:
    join(version, user, DAYS[3], carried_minor=180_00)
    run(version, *DAYS)
    [line] = statements_of(user)[0].lines
    assert (line.share_minor, line.year_to_date_minor, line.is_capped) == (8_00, 188_00, True)


def test_a_gifted_member_pays_nothing(version: PlanVersion, user: User) -> None:
    join(version, user, is_gifted=True)
    run(version, *DAYS[:2])
    [statement] = statements_of(user)
    assert [(line.share_minor, line.is_gifted, line.is_capped) for line in statement.lines] == [(0, True, False)] * 2
    assert statement.year_to_date_minor == 0


def test_an_announced_share_is_not_due(version: PlanVersion, user: User) -> None:
    join(version, user)
    run(version, DAYS[2])
    make_approved_claim(version, 100_00)
    publish(version.plan, DAYS[3])
    [statement] = statements_of(user)
    assert [line.is_due for line in statement.lines] == [False, True]
    assert statement.last_due is statement.lines[1]
    assert statement.year_to_date_minor == statement.lines[1].share_minor


def test_every_member_s_statement_adds_up_to_what_was_charged(version: PlanVersion) -> None:
    users = [make_user() for _each in range(3)]
    for each, day in zip(users, (None, DAYS[1], DAYS[3]), strict=True):
        join(version, each, day)
    run(version, *DAYS)
    for share in CohortShare.objects.select_related("period").filter(is_gifted=False):
        key = CohortKey(share.first_notice_on, share.is_gifted, share.carried_minor)
        assert share.members > 0, key
    paid = {
        (line.period.notice_on, line.share_minor)
        for each in users
        for statement in statements_of(each)
        for line in statement.lines
    }
    charged = set(CohortShare.objects.filter(is_gifted=False).values_list("period__notice_on", "per_member_minor"))
    assert paid == charged


def test_nobody_without_a_log_in_has_a_statement(version: PlanVersion, user: User) -> None:
    join(version, user)
    assert statements_of(make_user()) == []
