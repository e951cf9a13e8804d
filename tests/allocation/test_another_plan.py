"""A plan of another kind works from its file alone: from joining to a charged period, in another currency and zone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from adjudication.models import Claim
from adjudication.selectors.answers import latest_answer
from adjudication.services.advancing import advance_claim
from adjudication.services.answers import answer_report
from adjudication.services.decisions import issue_decision
from adjudication.tasks import sweep_deadlines
from allocation.models import Period
from allocation.selectors.ledger import trial_balance
from allocation.services.dissolutions import (
    confirm_dissolution,
    end_memberships,
    propose_dissolution,
    settle_dissolution,
)
from allocation.services.memberships import enrol
from audit import clock
from audit.actors import SYSTEM
from audit.errors import DomainError
from members.errors.dissolutions import PlanDissolving
from members.errors.memberships import GiftsNotGiven, TooOldToJoin, TooYoungToJoin
from members.models import Membership, Plan
from members.rules.dates import start_of_day
from members.rules.plans import first_notice_after, next_notice_on
from members.services.memberships import join_plan
from members.services.people import NewPerson
from tests.adjudication.making import make_claim, record_all, signed, taken
from tests.adjudication.trials import add_jurors
from tests.allocation.making import charge, make_members, pay_everything, publish
from tests.factories import make_person, make_user
from tests.members.serving import notices, send
from tests.moving import set_clock

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
    return clock.now().astimezone(ZoneInfo(BERLIN)).date()


def investigated(membership: Membership, recommendation: str = "support", **facts: object) -> Claim:
    """A claim for a broken wrist, filed and investigated."""
    user = membership.person.user
    assert user is not None
    given: dict[str, object] = {"icd10": "S52.5", "is_accident": True, "first_diagnosed_on": today()}
    claim = make_claim(membership, user, **(given | facts))
    investigator = make_user(None, "investigator")
    investigation = taken(claim, investigator)
    record_all(investigation, investigator)
    reasons = {"support": ["evidence_convincing"], "against": ["not_proved"]}[recommendation]
    signed(investigation, investigator, recommendation=recommendation, reason_codes=reasons)
    advance_claim(claim_id=claim.pk)
    return Claim.objects.get(pk=claim.pk)


def decided(membership: Membership, **facts: object) -> Claim:
    """The same, approved without a jury, for nobody disputes it."""
    claim = investigated(membership, **facts)
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
    # 1,500.00 and 4.5 % of it, shared by 21: 74.6428… euros, every started ten cents counting.
    assert (period.members, period.aid_minor, period.fee_minor, period.per_head_minor) == (21, 150_000, 6_750, 7_470)
    assert (period.share_unit_minor, period.surplus_out_minor) == (10, 120)
    charge(period)
    assert pay_everything(Period.objects.get()).status == "settled"
    assert Claim.objects.get().status == "paid"

    address = f"/periods/craft-berlin/{notice_on}/"
    english = client.get(address).content.decode()
    for said in ("€74.70", "= 74.642857…, rounded up to whole units of €0.10", "Guild fund of the Berlin crafts"):
        assert said in english
    chinese = client.get(address, headers={"accept-language": "zh-hans"}).content.decode()
    for said in ("74.70 欧元", "按 0.10 欧元 的整数倍向上取整", "柏林手工业行会基金"):
        assert said in chinese


def test_the_jury_judges_only_what_an_applicant_disputes(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three claims that the investigator would reject: one goes to the jury, one is accepted, one stays unanswered."""
    version, reviewer = plan.versions.get(), make_user(None, "reviewer")
    add_jurors(version, 6)
    names = ("erika", "otto", "paula")
    claims = [investigated(join(plan, f"{name}@test.example"), "against") for name in names]
    assert {claim.status for claim in claims} == {"investigated"}
    jury, accepted, silent = claims
    for claim, choice in ((jury, "jury"), (accepted, "accepted")):
        assert claim.filed_by is not None
        answer_report(claim_ref=claim.ref, choice=choice, by=claim.filed_by)
    send(*notices(silent.stream))
    answer = latest_answer(silent)
    assert answer is not None
    assert answer.due_at == start_of_day(today() + dt.timedelta(days=15), BERLIN)
    set_clock(answer.due_at)
    sweep_deadlines()
    found = {claim.ref: claim for claim in Claim.objects.all()}
    assert found[jury.ref].status == "jury_review"
    assert found[jury.ref].hearings.get().panel.seats_wanted == 5
    for claim in (accepted, silent):
        issue_decision(claim_ref=claim.ref, reason_codes=[], by=reviewer)
        assert Claim.objects.get(pk=claim.pk).status == "rejected"


def test_the_year_s_cap_of_the_file_holds(plan: Plan) -> None:
    """Ten members would pay 156.80 each; 120 is the most in a calendar year, and the sponsor bears the rest."""
    make_members(plan, 9)
    decided(join(plan, "erika@test.example"))
    period = charge(publish(plan, next_notice_on(plan.versions.get().rules, today())))
    assert (period.per_head_minor, period.collected_minor, period.year_cap_excess_minor) == (15_680, 120_000, 36_800)


def test_its_sponsor_gives_nobody_their_shares(plan: Plan) -> None:
    person = make_person()
    with pytest.raises(GiftsNotGiven):
        join_plan(person=person, plan=plan, joined_at=clock.now(), health_answers={}, is_gifted=True, by=SYSTEM)
    assert not Membership.objects.exists()


def test_it_ends_by_its_own_rules_and_its_surplus_goes_to_the_charity(plan: Plan, client: Client) -> None:
    """Below 500 members it ends at the next notice day; aid approved later is paid by the guild."""
    make_members(plan, 19)
    erika, otto = join(plan, "erika@test.example"), join(plan, "otto@test.example")
    decided(erika)
    rules = plan.versions.get().rules
    first = publish(plan, next_notice_on(rules, today()))
    ends_on = next_notice_on(rules, first.notice_on)
    assert (first.members_needed, first.below_since, first.plan_ends_on) == (500, first.notice_on, ends_on)
    pay_everything(charge(first))

    at = start_of_day(first.charge_on, BERLIN)
    set_clock(at)
    proposed = propose_dissolution(plan=plan, by=make_user(None, "reviewer"))
    set_clock(at)
    confirm_dissolution(dissolution_id=proposed.pk, by=make_user(None, "reviewer"))
    with pytest.raises(PlanDissolving):
        join(plan, "late@test.example")

    last = charge(publish(plan, ends_on))
    assert (last.members, last.per_head_minor, last.surplus_out_minor) == (20, 0, 120)
    set_clock(start_of_day(ends_on, BERLIN))
    end_memberships(dissolution_id=proposed.pk)
    set_clock(start_of_day(last.charge_on, BERLIN))
    end = settle_dissolution(dissolution_id=proposed.pk)
    assert (end.status, end.members_ended, end.surplus_minor) == ("settled", 20, 120)
    assert {row.code: row.balance_minor for row in trial_balance(plan).accounts}["charity_payable"] == -120
    assert Membership.objects.filter(left_at=None).count() == 0

    claim = decided(otto, first_diagnosed_on=ends_on - dt.timedelta(days=3))
    after = charge(publish(plan, next_notice_on(rules, ends_on)))
    assert (after.members, after.surplus_in_minor, after.surplus_out_minor) == (0, 0, 0)
    assert after.case_cap_excess_minor == after.aid_minor + after.fee_minor == 156_750
    assert pay_everything(after).status == "settled"
    assert Claim.objects.get(pk=claim.pk).status == "paid"
    page = client.get(f"/periods/craft-berlin/{after.notice_on}/").content.decode()
    assert "The plan has ended: borne by the sponsor" in page
    assert "€1,567.50" in page


def test_what_the_clauses_refuse_is_rejected_by_itself(plan: Plan) -> None:
    membership = join(plan, "erika@test.example")
    user = membership.person.user
    assert user is not None
    claim = make_claim(membership, user, icd10="C50.9", first_diagnosed_on=today())
    assert claim.status == "rejected"
    assert {"condition_covered", "waiting_period"} <= set(claim.decisions.get().reason_codes)


@pytest.mark.parametrize(
    ("born_on", "error"), [(dt.date(1950, 1, 1), TooOldToJoin), (dt.date(2015, 1, 1), TooYoungToJoin)]
)
def test_its_own_ages_hold(plan: Plan, born_on: dt.date, error: type[DomainError]) -> None:
    with pytest.raises(error):
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
