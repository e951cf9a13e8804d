"""The acts that matter, in a browser that runs no script, and the ballot by keyboard alone."""

from __future__ import annotations

import pytest

from adjudication.models import Claim, DutyRecord
from jury.models import Ballot
from jury.selectors.tokens import token_of_seat
from tests.journeys.company import (
    CLAIMANT,
    PASSWORD,
    PDF,
    before_the_jury,
    days_ago,
    filed,
    juror_of,
    open_seats,
    ready_to_decide,
    small_company,
    taken,
)
from tests.journeys.conftest import Enter
from tests.journeys.visitor import PHONE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST_TABS = 60


def test_a_member_files_a_claim(enter: Enter) -> None:
    company = small_company()
    member = enter(screen=PHONE, java_script_enabled=False).signs_in(company.member.email, PASSWORD)
    member.follows("File a claim")
    member.presses("Start")
    member.chooses(CLAIMANT)
    member.presses("Save and continue")
    member.main.get_by_role("searchbox").fill("breast")
    member.presses("Search")
    member.chooses("C50.9")
    member.presses("Save and continue")
    member.chooses("Severe")
    member.chooses("No", of="Was it caused by an accident?")
    member.presses("Save and continue")
    member.writes("First diagnosis", days_ago(30).isoformat())
    member.presses("Save and continue")
    member.writes("Hospital that made the diagnosis", "Ruijin Hospital")
    member.presses("Save and continue")
    member.hands_in("Files", ("pathology.pdf", "application/pdf", PDF))
    member.presses("Save and continue")
    member.presses("Send the claim")
    member.sees("Your claim is filed")
    claim = Claim.objects.get(membership=company.membership)
    assert (claim.icd10, claim.evidence.count()) == ("C50.9", 1)


def test_an_investigator_takes_a_claim_and_records_a_duty(enter: Enter) -> None:
    company = small_company()
    claim = filed(company)
    investigator = enter(company.investigator, java_script_enabled=False)
    investigator.goes_to("/investigations/")
    investigator.presses(f"Take {claim.ref}")
    investigator.follows(str(DutyRecord.Kind.INTERVIEW.label))
    investigator.chooses("Confirms the claim", of="Result")
    investigator.writes("Done on", days_ago(0).isoformat())
    investigator.writes("Who was interviewed", "The member.")
    investigator.writes("Where", "At home.")
    investigator.writes("Statement", "It began in spring.")
    investigator.writes("Findings", "Met in person.")
    investigator.writes("Summary for the jury", "The member was met.")
    investigator.hands_in("Files", ("notes.txt", "text/plain", b"Notes of the talk."))
    investigator.presses("Save the duty")
    investigator.sees("Recorded: Interview the member", "1 file")
    duty = DutyRecord.objects.get(investigation__claim=claim, kind=DutyRecord.Kind.INTERVIEW)
    assert (duty.result, duty.findings) == ("confirms", "Met in person.")


def test_mistakes_are_told_without_script_and_nothing_typed_is_lost(enter: Enter) -> None:
    company = small_company()
    investigation = taken(filed(company), company.investigator)
    investigator = enter(company.investigator, java_script_enabled=False)
    investigator.goes_to(f"/investigations/{investigation.pk}/duties/interview/")
    investigator.writes("Findings", "A long afternoon's work.")
    investigator.presses("Save the duty")
    assert "Choose the result." in investigator.errors
    assert investigator.field("Findings").input_value() == "A long afternoon's work."
    investigator.page.locator(".error-summary").get_by_role("link", name="Choose the result.").click()
    assert investigator.page.url.endswith("#id_result_0")


def test_a_juror_casts_a_ballot(enter: Enter) -> None:
    company = small_company()
    seat = open_seats(before_the_jury(company))[0]
    juror = enter(juror_of(seat), PHONE, java_script_enabled=False)
    juror.goes_to("/seats/")
    juror.follows(seat.panel.case_ref)
    juror.follows("Vote")
    juror.chooses("I am against the claim")
    juror.ticks("The evidence does not prove the illness.")
    juror.presses("Cast your ballot")
    juror.sees("You are done", "Your receipt:", token_of_seat(seat))
    assert Ballot.objects.filter(seat=seat).count() == 1


def test_a_reviewer_issues_a_decision(enter: Enter) -> None:
    company = small_company()
    claim = ready_to_decide(company)
    reviewer = enter(company.reviewer, java_script_enabled=False)
    reviewer.goes_to("/board/?status=ready")
    reviewer.follows("Ready for a decision", within=reviewer.main.locator("table").last)
    reviewer.presses("Issue this decision")
    reviewer.sees(f"The decision on claim {claim.ref} is issued.", "¥300,000.00")
    assert Claim.objects.get(pk=claim.pk).status == "approved"


# -------- By keyboard alone -------------------------------------------------------------------------------------------
def test_a_juror_casts_a_ballot_by_keyboard_alone(enter: Enter) -> None:
    company = small_company()
    seat = open_seats(before_the_jury(company))[0]
    juror = enter(juror_of(seat))
    juror.goes_to("/home/")
    _tabs_to(juror, f"Vote on claim {seat.panel.case_ref}")
    _presses_enter(juror)
    _tabs_to(juror, "Vote")
    _presses_enter(juror)
    _tabs_to(juror, "I support the claim: the plan should pay")
    juror.page.keyboard.press("Space")
    _tabs_to(juror, "The evidence proves the illness.")
    juror.page.keyboard.press("Space")
    _tabs_to(juror, "In your own words (optional)")
    juror.page.keyboard.type("It fits together.")
    _tabs_to(juror, "Cast your ballot")
    _presses_enter(juror)
    assert juror.heading == "Your ballot is cast"
    assert Ballot.objects.filter(seat=seat).count() == 1


_FOCUSED = """() => {
    const focused = document.activeElement;
    const words = focused.labels?.length ? focused.labels[0].innerText : focused.innerText;
    const box = focused.getBoundingClientRect();
    const ring = getComputedStyle(focused);
    return {
        name: (words || "").replace(/\\s+/g, " ").trim(),
        isSeen: box.bottom > 0 && box.top < innerHeight && ring.outlineStyle !== "none",
    };
}"""


def _tabs_to(visitor: Visitor, name: str) -> None:
    """Tab until the focus is on what is called so; it must be in sight and marked."""
    met = []
    for _ in range(MOST_TABS):
        visitor.page.keyboard.press("Tab")
        focused = visitor.page.evaluate(_FOCUSED)
        if focused["name"] == name:
            assert focused["isSeen"], f"the focus on {name!r} cannot be seen"
            return
        met.append(focused["name"])
    raise AssertionError(f"{visitor.page.url}: no {name!r} by keyboard, only {met}")


def _presses_enter(visitor: Visitor) -> None:
    with visitor.page.expect_navigation():
        visitor.page.keyboard.press("Enter")
    visitor.looks()
