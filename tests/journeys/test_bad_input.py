"""What goes wrong at a browser gets a clear error, keeps what was typed, and changes nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings

from adjudication.models import Claim, ClaimDraft, Evidence
from adjudication.services.advancing import advance_claim
from adjudication.services.drafts import start_draft
from allocation.models import Period
from audit.models import Entry
from jury.models import Ballot, Panel
from pages.templatetags.assize import day
from tests.allocation.making import its_charge_day, its_notice_day
from tests.journeys.company import (
    CLAIMANT,
    PASSWORD,
    PDF,
    before_the_jury,
    days_ago,
    juror_of,
    open_seats,
    ready_to_decide,
    small_company,
)
from tests.journeys.conftest import Enter
from tests.journeys.visitor import PHONE, Visitor
from tests.moving import set_clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORDS = "The dates do not fit together."


# -------- Jurors ------------------------------------------------------------------------------------------------------
def test_two_tabs_of_one_juror(enter: Enter) -> None:
    company = small_company()
    seat = open_seats(before_the_jury(company))[0]
    juror = enter(juror_of(seat), PHONE)
    _opens_the_ballot(juror, seat.pk)
    other = Visitor(juror.page.context.new_page(), juror.base)
    other.goes_to(f"/seats/{seat.pk}/ballot/")
    juror.chooses("I support the claim")
    juror.presses("Cast your ballot")
    assert juror.heading == "Your ballot is cast"

    _fills_in_against(other)
    other.presses("Cast your ballot")
    assert "A ballot from your seat was already cast at" in other.errors
    _still_stands(other)
    assert Ballot.objects.filter(seat=seat).count() == 1

    other.presses("Cast your ballot")
    assert other.heading == "Your ballot is cast"
    assert list(Ballot.objects.filter(seat=seat).order_by("pk").values_list("sequence", flat=True)) == [1, 2]


def test_a_ballot_after_the_close(enter: Enter) -> None:
    company = small_company()
    claim = before_the_jury(company)
    seat = open_seats(claim)[0]
    closes_at = Panel.objects.get(pk=seat.panel_id).closes_at
    assert closes_at is not None
    set_clock(closes_at - dt.timedelta(minutes=1))
    juror = enter(juror_of(seat), PHONE)
    _opens_the_ballot(juror, seat.pk)
    _fills_in_against(juror)
    set_clock(closes_at)

    juror.presses("Cast your ballot")
    assert "The vote on this case closed at" in juror.errors
    assert juror.field("In your own words").input_value() == WORDS
    assert not Ballot.objects.exists()
    assert not Entry.objects.filter(kind="ballot.cast").exists()


def test_somebody_who_is_not_seated_finds_no_seat(enter: Enter) -> None:
    company = small_company()
    mine, theirs = open_seats(before_the_jury(company))[:2]
    juror = enter(juror_of(mine), PHONE)
    juror.goes_to(f"/seats/{theirs.pk}/")
    assert juror.heading == "There is no such page"
    juror.sees_nothing_of(theirs.panel.case_ref)


def _opens_the_ballot(juror: Visitor, seat_id: int) -> None:
    juror.goes_to(f"/seats/{seat_id}/")
    juror.follows("Vote")


def _fills_in_against(juror: Visitor) -> None:
    juror.chooses("I am against the claim")
    juror.ticks("The evidence does not prove the illness.")
    juror.writes("In your own words", WORDS)


def _still_stands(juror: Visitor) -> None:
    assert juror.main.get_by_role("radio", name="I am against the claim").is_checked()
    assert juror.main.get_by_role("checkbox", name="The evidence does not prove the illness.").is_checked()
    assert juror.field("In your own words").input_value() == WORDS


# -------- Members -----------------------------------------------------------------------------------------------------
def test_files_that_are_too_large_or_disguised(enter: Enter) -> None:
    company = small_company()
    draft = start_draft(by=company.member)
    member = enter(company.member, PHONE)
    for name, kind, content, said in (
        ("scan.pdf", "application/pdf", PDF + b" " * settings.EVIDENCE_MAX_BYTES, "10"),
        ("scan.pdf", "application/pdf", b"MZ\x90\x00 a program", "scan.pdf"),
        ("scan.png", "image/png", PDF, "scan.png"),
        ("page.txt", "text/plain", b"<html><script>alert(1)</script>", "page.txt"),
        ("empty.pdf", "application/pdf", b"", "empty"),
    ):
        member.goes_to(f"/claims/drafts/{draft.pk}/papers/")
        member.writes("Title", "My scan")
        member.hands_in("Files", ("good.pdf", "application/pdf", PDF), (name, kind, content))
        member.presses("Add these files")
        assert said in member.errors, member.errors
        assert member.field("Title").input_value() == "My scan"
        assert not Evidence.objects.exists(), f"{name} or the good file beside it was kept"


def test_days_that_cannot_be(enter: Enter) -> None:
    company = small_company()
    draft = start_draft(by=company.member)
    member = enter(company.member, PHONE)
    member.goes_to(f"/claims/drafts/{draft.pk}/who/")
    member.chooses(CLAIMANT)
    member.presses("Save and continue")
    born_on = company.membership.person.born_on
    joined_on = company.membership.joined_at.date()
    for written in (days_ago(-1), born_on - dt.timedelta(days=1), joined_on - dt.timedelta(days=30)):
        member.goes_to(f"/claims/drafts/{draft.pk}/days/")
        member.writes("First diagnosis", written.isoformat())
        member.presses("Save and continue")
        assert day(written) in member.errors
        assert member.field("First diagnosis").input_value() == written.isoformat()
    assert "days" not in ClaimDraft.objects.get(pk=draft.pk).answers


def test_a_word_that_comes_after_the_draw(enter: Enter) -> None:
    company = small_company()
    claim = before_the_jury(company)
    member = enter(company.member, PHONE)
    member.goes_to(f"/claims/{claim.ref}/word/")
    member.sees("No draw is waiting for your word")


# -------- Reviewers ---------------------------------------------------------------------------------------------------
def test_two_reviewers_decide_at_once(enter: Enter) -> None:
    company = small_company()
    claim = ready_to_decide(company)
    first = enter(company.reviewer)
    second = enter().signs_in(company.other_reviewer.email, PASSWORD)
    for reviewer in (first, second):
        reviewer.goes_to(f"/board/claims/{claim.ref}/decision/")
    first.presses("Issue this decision")
    first.sees(f"The decision on claim {claim.ref} is issued.")

    second.presses("Issue this decision")
    assert f"Claim {claim.ref} was already decided" in second.errors
    second.sees("This claim is decided")
    assert Claim.objects.get(pk=claim.pk).decisions.count() == 1
    assert Entry.objects.filter(stream=claim.stream, kind="decision.issued").count() == 1


def test_a_notice_published_and_a_period_charged_twice(enter: Enter) -> None:
    company = small_company()
    claim = ready_to_decide(company)
    advance_claim(claim_id=claim.pk)
    first, second = enter(company.reviewer), enter(company.other_reviewer)
    path = f"/board/periods/{company.plan.code}/"
    its_notice_day(company.plan)
    for reviewer in (first, second):
        reviewer.goes_to(f"{path}publish/")
    first.presses("Publish the notice")
    second.presses("Publish the notice")
    assert second.errors
    period = Period.objects.get(plan=company.plan)
    its_charge_day(period)
    for reviewer in (first, second):
        reviewer.goes_to(f"{path}{period.notice_on}/charge/")
    first.presses("Charge the period")
    first.sees("is charged.")
    second.presses("Charge the period")
    assert second.errors
    assert Entry.objects.filter(kind="period.charged").count() == 1
