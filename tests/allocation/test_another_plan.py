"""A plan of another kind works from its file alone: from joining to a charged period, in another currency and zone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from adjudication.models import Claim
from adjudication.services.decisions import issue_decision
from adjudication.services.hearings import advance_claim
from allocation.models import Period
from members.errors import AgeOutsideJoining
from members.models import Membership, Plan
from members.rules.dates import start_of_day
from members.rules.plans import first_notice_after, next_notice_on
from members.services.memberships import NewPerson, enrol
from tests.adjudication.making import make_claim, record_all, signed, taken
from tests.allocation.making import charge, make_members, pay_everything, publish
from tests.factories import make_user

pytestmark = pytest.mark.django_db
FILE = Path(settings.PLAN_FILES) / "examples" / "craft-berlin-2024-01-01.toml"
BERLIN = "Europe/Berlin"


@pytest.fixture
def plan() -> Plan:
    call_command("load_plans", file=FILE)
    return Plan.objects.get(code="craft-berlin")


def join(plan: Plan, email: str, born_on: dt.date = dt.date(1990, 6, 1)) -> Membership:
    """Somebody joins with the form's facts; the plan asks for no health statement."""
    applicant = NewPerson(name="Erika Muster", born_on=born_on)
    return enrol(plan=plan, applicant=applicant, is_dependant=False, health_answers={}, by=make_user(email))


def today() -> dt.date:
    return timezone.now().astimezone(ZoneInfo(BERLIN)).date()


def decided(membership: Membership, **facts: object) -> Claim:
    """A claim for a broken wrist: filed, investigated, and approved without a jury, for nobody disputes it."""
    user = membership.person.user
    assert user is not None
    given: dict[str, object] = {"icd10": "S52.5", "is_accident": True, "first_diagnosed_on": today()}
    claim = make_claim(membership, user, **(given | facts))
    investigator = make_user(None, "investigator")
    investigation = taken(claim, investigator)
    record_all(investigation, investigator)
    signed(investigation, investigator)
    advance_claim(claim_id=claim.pk)
    issue_decision(claim_ref=claim.ref, reason_codes=[], by=make_user(None, "reviewer"))
    return Claim.objects.get(pk=claim.pk)


def test_from_joining_to_a_charged_period(plan: Plan, client: Client) -> None:
    assert (plan.currency, plan.timezone, plan.versions.get().rules.aid[0].amount_minor) == ("EUR", BERLIN, 1_500_00)
    make_members(plan, 20)
    membership = join(plan, "erika@test.example")
    rules = plan.versions.get().rules
    assert membership.first_notice_on == first_notice_after(rules, membership.joined_at)
    assert membership.first_notice_on.day == 1

    claim = decided(membership)
    assert (claim.status, claim.amount_minor) == ("approved", 1_500_00)
    assert not claim.hearings.exists()

    notice_on = next_notice_on(rules, today())
    period = publish(plan, notice_on)
    assert period.counted_at == start_of_day(notice_on, BERLIN)
    assert (period.notice_on.day, period.charge_on.day) == (1, 15)
    # 1,500.00 and 4.5 % of it, shared by 21: 74.6428… euros, every started cent counting.
    assert (period.members, period.aid_minor, period.fee_minor, period.per_head_minor) == (21, 150_000, 6_750, 7_465)
    charge(period)
    assert pay_everything(Period.objects.get()).status == "settled"
    assert Claim.objects.get().status == "paid"

    address = f"/periods/craft-berlin/{notice_on}/"
    assert "€74.65" in client.get(address).content.decode()
    assert "74.65 欧元" in client.get(address, headers={"accept-language": "zh-hans"}).content.decode()


def test_the_year_s_cap_of_the_file_holds(plan: Plan) -> None:
    """Ten members would pay 156.75 each; 120 is the most in a calendar year, and the sponsor bears the rest."""
    make_members(plan, 9)
    decided(join(plan, "erika@test.example"))
    period = charge(publish(plan, next_notice_on(plan.versions.get().rules, today())))
    assert (period.per_head_minor, period.collected_minor, period.year_cap_excess_minor) == (15_675, 120_000, 36_750)


def test_what_the_clauses_refuse_is_rejected_by_itself(plan: Plan) -> None:
    membership = join(plan, "erika@test.example")
    user = membership.person.user
    assert user is not None
    claim = make_claim(membership, user, icd10="C50.9", first_diagnosed_on=today())
    assert claim.status == "rejected"
    assert {"condition_covered", "waiting_period"} <= set(claim.decisions.get().reason_codes)


@pytest.mark.parametrize("born_on", [dt.date(1950, 1, 1), dt.date(2015, 1, 1)])
def test_its_own_ages_hold(plan: Plan, born_on: dt.date) -> None:
    with pytest.raises(AgeOutsideJoining):
        join(plan, "erika@test.example", born_on)


def test_its_pages_are_in_its_currency_and_in_both_languages(plan: Plan, client: Client) -> None:
    english = client.get("/plans/craft-berlin/").content.decode()
    assert "Broken bones, Berlin crafts" in english
    assert "€1,500.00" in english
    assert "4.5\xa0%" in english
    chinese = client.get("/plans/craft-berlin/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "柏林手工业者骨折互助" in chinese
    assert "1,500.00 欧元" in chinese


def test_it_is_not_loaded_by_itself() -> None:
    call_command("load_plans")
    assert not Plan.objects.filter(code="craft-berlin").exists()
