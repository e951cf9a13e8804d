"""A free time of early joiners: the sponsor bears their shares until it ends, and no row is kept for any of them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from allocation.models import CohortShare, Period
from allocation.selectors.ledger import trial_balance
from allocation.selectors.statements import lines_of, statements_of
from members.models import Membership, PlanVersion
from tests.allocation.making import charge, make_approved_claim, make_members, pay_everything, publish
from tests.bent import bend
from tests.factories import SHANGHAI, make_plan_version, make_user
from tests.moving import set_clock

pytestmark = pytest.mark.django_db
JOINED = dt.datetime(2018, 12, 3, 9, tzinfo=SHANGHAI)
JOINED_LATE = dt.datetime(2019, 1, 10, 9, tzinfo=SHANGHAI)
FREE = [dt.date(2019, 1, 7), dt.date(2019, 1, 21)]
THEN = [dt.date(2019, 2, 7), dt.date(2019, 2, 21)]


@pytest.fixture
def version(db: None) -> PlanVersion:
    set_clock(JOINED)
    return make_plan_version("xhb-2019-01-01", **{'case_cap_per_head = "0.10"': 'case_cap_per_head = "none"'})


@pytest.fixture
def early(version: PlanVersion) -> list[Membership]:
    return make_members(version.plan, 3, joined_at=JOINED, first_notice_on=dt.date(2018, 12, 7))


@pytest.fixture
def late(version: PlanVersion) -> list[Membership]:
    return make_members(version.plan, 2, joined_at=JOINED_LATE, first_notice_on=dt.date(2019, 1, 21))


def play(version: PlanVersion, day: dt.date, claims: int = 1, aid_minor: int = 5_000) -> Period:
    for _ in range(claims):
        make_approved_claim(version, aid_minor)
    set_clock(dt.datetime.combine(day, dt.time(9), SHANGHAI))
    period = publish(version.plan, day)
    set_clock(dt.datetime.combine(period.charge_on, dt.time(9), SHANGHAI))
    period = charge(period)
    left = period.collected_minor + period.gifts_minor + period.year_cap_excess_minor + period.case_cap_excess_minor
    right = period.aid_minor + period.fee_minor + period.surplus_out_minor - period.surplus_in_minor
    assert left == right
    return period


def test_the_sponsor_bears_the_shares_until_the_day_and_everybody_pays_afterwards(
    version: PlanVersion, early: list[Membership], late: list[Membership]
) -> None:
    for day in FREE:
        period = play(version, day)
        assert period.gifts_minor >= 3 * period.per_head_minor > 0
        [line] = [one for one in lines_of(early[0]) if one.period.pk == period.pk]
        assert (line.share_minor, line.is_gifted, line.is_free, line.year_to_date_minor) == (0, True, True, 0)
        pay_everything(period)
    [line] = [one for one in lines_of(late[0]) if one.period.notice_on == FREE[1]]
    assert (line.is_free, line.share_minor) == (False, line.period.per_head_minor)
    paid = line.share_minor
    for day in THEN:
        period = play(version, day)
        assert lines_of(early[0])[0].share_minor == lines_of(late[0])[0].share_minor == period.per_head_minor
        pay_everything(period)
    assert lines_of(late[0])[0].year_to_date_minor - lines_of(early[0])[0].year_to_date_minor == paid
    assert CohortShare.objects.count() < 20, "cohorts, and no row for a member"


def test_the_ledger_balances(version: PlanVersion, early: list[Membership], late: list[Membership]) -> None:
    period = play(version, FREE[1])
    pay_everything(period)
    balance = trial_balance(version.plan)
    assert balance.difference_minor == 0
    assert balance.debit_minor > 0


def test_the_statement_says_until_when_and_why(client: Client, version: PlanVersion, early: list[Membership]) -> None:
    user = make_user()
    early[0].person.user = user
    bend(early[0].person)
    play(version, FREE[0])
    [statement] = statements_of(user)
    assert statement.free_until == dt.date(2019, 1, 31)
    client.force_login(user)
    page = client.get("/statements/").content.decode()
    assert "You joined early: notices up to and including 31 January 2019 cost nothing" in page
    assert "free until 31 January 2019: you joined early" in page
    [shown] = client.get("/api/v1/statements/").json()
    assert (shown["free_until"], shown["lines"][0]["is_free"]) == ("2019-01-31", True)
    set_clock(dt.datetime(2019, 2, 1, 9, tzinfo=SHANGHAI))
    assert statements_of(user)[0].free_until is None
    assert "You joined early: notices" not in client.get("/statements/").content.decode()


def test_the_notice_says_whom_the_sponsor_pays_for(
    client: Client, version: PlanVersion, early: list[Membership]
) -> None:
    play(version, FREE[0])
    page = client.get(f"/periods/xhb/{FREE[0]}/").content.decode()
    assert "shares of those who joined before 7 January 2019" in page
