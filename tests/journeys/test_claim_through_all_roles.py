"""One claim travels through the browser: from the member's form over every role to the money and the public notice."""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Callable

import pytest
from django.core.management import call_command

from adjudication.models import Claim
from adjudication.models.investigations import DutyKind, Recommendation
from adjudication.rules.duties import DETAILS
from allocation.models import Period
from audit.models import Entry
from jury.models import Opinion, Panel
from jury.selectors.draws import sealing_checkpoint
from members.templatetags.money import money
from pages.templatetags.assize import day
from tests.allocation.making import its_charge_day, its_notice_day
from tests.inboxes import inbox
from tests.journeys.company import (
    CLAIMANT,
    PASSWORD,
    PDF,
    PHONE_NUMBER,
    Company,
    days_ago,
    juror_of,
    open_seats,
    opinions_asked,
    small_company,
)
from tests.journeys.conftest import Enter, Until
from tests.journeys.visitor import PHONE, Visitor
from tests.signing import is_signed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOSPITAL, ACCOUNT = "Ruijin Hospital", "A lump was found at a check-up in spring."
FULL_FINDINGS = f"{CLAIMANT} was met in person; every paper agrees."
ACTS = [
    "claim.submitted",
    "eligibility.checked",
    "investigation.opened",
    "investigation.taken",
    "duty.recorded",
    "report.signed",
    "draw.committed",
    "hearing.opened",
    "draw.nonce_given",
    "draw.made",
    "juror.summoned",
    "casefile.opened",
    "ballot.cast",
    "panel.closed",
    "opinion.asked",
    "claim.referred_to_professionals",
    "opinion.file_opened",
    "opinion.given",
    "opinion.closed",
    "decision.issued",
    "payout.sent",
]
"""In the order in which they are done first."""
TOLD_TO_THE_MEMBER = [
    "adjudication.filed",
    "adjudication.taken",
    "adjudication.hearing_opened",
    "adjudication.referred",
    "adjudication.approved",
    "adjudication.paid",
]
SETTLED = {"payout.settled", "claim.settled"}


def test_from_the_members_form_to_the_public_notice(
    enter: Enter, clock_strikes: Callable[[], None], until: Until
) -> None:
    company = small_company()

    member = enter().signs_in(company.member.email, PASSWORD)
    claim = member_files_a_claim(member, company)
    investigator_finds_out(enter().signs_in(company.investigator.email, PASSWORD), claim)

    until(lambda: _status(claim) == "jury_review", "the worker commits the draw")
    clock_strikes()
    until(lambda: sealing_checkpoint(Panel.objects.get(case_ref=claim.ref)), "the worker signs the commitment")
    member_gives_a_nonce(member, claim)
    clock_strikes()
    until(lambda: Panel.objects.get(case_ref=claim.ref).status == "open", "the worker draws the jury")
    for seat in open_seats(claim):
        juror_votes(enter(juror_of(seat), PHONE), claim)

    clock_strikes()
    until(lambda: is_signed(_last_ballot()), "the worker signs the ballots, for which the close waits")
    clock_strikes()
    until(lambda: _status(claim) == "second_opinion", "the worker closes the panel and asks the doctors")
    for opinion in opinions_asked(claim):
        doctor_answers(enter(opinion.professional, PHONE), claim)

    reviewer = enter().signs_in(company.reviewer.email, PASSWORD)
    until(lambda: Claim.objects.get(pk=claim.pk).due_at is None, "the worker draws the opinions together")
    reviewer_decides(reviewer, claim)
    period = reviewer_runs_the_period(reviewer, company, claim)

    until(lambda: _status(claim) == "paid", "the worker pays the aid")
    until(lambda: Period.objects.get(pk=period.pk).status == "settled", "the worker collects every share")
    member_sees_the_money(member, claim, period)
    public_reads_the_notice(enter(screen=PHONE), claim, period)
    public_repeats_the_draw(enter(), claim)
    auditor_finds_every_act(enter(company.auditor), claim)
    everybody_was_told(company, claim)


def _last_ballot() -> Entry:
    return Entry.objects.filter(kind="ballot.cast").latest("pk")


def _status(claim: Claim) -> str:
    return str(Claim.objects.get(pk=claim.pk).status)


def everybody_was_told(company: Company, claim: Claim) -> None:
    """Everyone's inbox, in order."""
    assert [kind for kind in inbox(company.member) if kind.startswith("adjudication.")] == TOLD_TO_THE_MEMBER
    for seat in Panel.objects.get(case_ref=claim.ref).seats.select_related("juror__person__user"):
        assert inbox(juror_of(seat)) == ["jury.summoned", "jury.result"]
    for opinion in Opinion.objects.filter(request__case_ref=claim.ref).select_related("professional"):
        assert inbox(opinion.professional) == ["jury.opinion_asked", "jury.opinions_closed"]
    assert "adjudication.decision_awaited" in inbox(company.reviewer)


# -------- The member --------------------------------------------------------------------------------------------------
def member_files_a_claim(member: Visitor, company: Company) -> Claim:
    """Every step, the diagnosis found while typing, one paper added."""
    assert member.heading == "Your start page"
    member.follows("File a claim")
    member.presses("Start")
    assert member.heading == "Who is ill"
    member.chooses(CLAIMANT)
    member.presses("Save and continue")
    _member_finds_the_diagnosis(member)
    member.chooses("Severe")
    member.chooses("No", of="Was it caused by an accident?")
    member.presses("Save and continue")
    member.writes("First diagnosis", days_ago(30).isoformat())
    member.presses("Save and continue")
    member.writes("Hospital that made the diagnosis", HOSPITAL)
    member.writes("What happened", ACCOUNT)
    member.presses("Save and continue")
    _member_adds_a_paper(member)
    assert member.heading == "Check your answers"
    member.sees(CLAIMANT, "C50.9", HOSPITAL, ACCOUNT, "Pathology report")
    member.presses("Send the claim")
    claim = Claim.objects.get(membership=company.membership)
    member.sees("Your claim is filed", claim.ref, "What happens next")
    member.follows("See your claim")
    member.sees("What the rules say", "Pathology report", HOSPITAL)
    assert claim.evidence.get().content_type == "application/pdf"
    return claim


def _member_finds_the_diagnosis(member: Visitor) -> None:
    search = member.main.get_by_role("searchbox")
    search.press_sequentially("breast")
    found = member.main.get_by_role("radio", name=re.compile(r"C50\.9"))
    found.wait_for()
    member.looks()
    found.check()
    member.presses("Save and continue")


def _member_adds_a_paper(member: Visitor) -> None:
    member.writes("Title", "Pathology report")
    member.hands_in("Files", ("pathology.pdf", "application/pdf", PDF))
    member.presses("Add these files")
    member.sees("Pathology report")
    member.presses("Save and continue")


def member_gives_a_nonce(member: Visitor, claim: Claim) -> None:
    """The word that makes the draw nobody's choice."""
    member.goes_to(f"/claims/{claim.ref}/")
    member.follows("Add your word to the draw")
    member.writes("Your word", "wild geese 1973")
    member.presses("Give this word")
    member.sees("Your word is in the draw.")


def member_sees_the_money(member: Visitor, claim: Claim, period: Period) -> None:
    """The claim is paid, and the own share of the period stands on the statement."""
    member.goes_to(f"/claims/{claim.ref}/")
    member.sees("Paid", money(Claim.objects.get(pk=claim.pk).amount_minor, claim.plan), "The evidence proves")
    member.goes_to("/statements/")
    member.sees(day(period.notice_on), money(period.per_head_minor, period.plan))


# -------- Those who find out and judge --------------------------------------------------------------------------------
def investigator_finds_out(investigator: Visitor, claim: Claim) -> None:
    """Take it, do the five duties, sign."""
    investigator.goes_to("/investigations/")
    investigator.sees(claim.ref)
    investigator.presses(f"Take {claim.ref}")
    investigator.sees("The five duties", CLAIMANT, PHONE_NUMBER, ACCOUNT, "Pathology report")
    for kind in DutyKind:
        _investigator_does(investigator, kind)
    investigator.follows("Sign the report")
    investigator.chooses(str(Recommendation.SUPPORT.label), of="Recommendation")
    investigator.ticks("The evidence proves the illness.")
    investigator.writes("Report", FULL_FINDINGS)
    investigator.writes("Summary for the jury", "The illness is proved by the pathology report.")
    investigator.ticks("I have finished")
    investigator.presses("Sign the report")
    investigator.sees("The report is signed and the evidence frozen.", "Digest of the manifest")


def _investigator_does(investigator: Visitor, kind: DutyKind) -> None:
    investigator.follows(str(kind.label))
    assert investigator.heading == str(kind.label)
    investigator.main.get_by_role("radio", name="Confirms").first.check()
    investigator.writes("Done on", days_ago(0).isoformat())
    for detail in DETAILS[kind]:
        investigator.writes(str(detail.label), FULL_FINDINGS)
    investigator.writes("Findings", FULL_FINDINGS)
    investigator.writes("Summary for the jury", "The member was met; every paper agrees.")
    if kind == DutyKind.TREATING_HOSPITALS:
        investigator.hands_in("Files", ("masked.txt", "text/plain", b"Carcinoma, grade 2."))
        investigator.ticks("Show these files to the jury")
    investigator.presses("Save the duty")
    investigator.sees(f"Recorded: {kind.label}")


def juror_votes(juror: Visitor, claim: Claim) -> None:
    """On a phone: the masked file, then one blind step."""
    juror.goes_to("/home/")
    juror.follows(f"Vote on claim {claim.ref}")
    assert juror.heading == "Should the plan pay for this claim?"
    juror.sees("C50.9", "The illness is proved by the pathology report.", "Paper 1")
    juror.sees_nothing_of(CLAIMANT, PHONE_NUMBER, HOSPITAL, FULL_FINDINGS, "Pathology report")
    juror.follows("Vote")
    juror.chooses("I support the claim")
    juror.ticks("The evidence proves the illness.", "This is a medical question")
    juror.writes("In your own words", "The papers fit together.")
    juror.presses("Cast your ballot")
    assert juror.heading == "Your ballot is cast"
    juror.sees("Your receipt:", "You are done")


def doctor_answers(doctor: Visitor, claim: Claim) -> None:
    """The medical questions, checked before they are sent."""
    doctor.goes_to("/opinions/")
    doctor.follows(claim.ref)
    doctor.sees_nothing_of(CLAIMANT, PHONE_NUMBER, HOSPITAL)
    for answer in doctor.main.locator('input[name^="answer-"][value="yes"]').all():
        answer.check()
    doctor.writes("Your reasons", "Pathology and imaging prove it.")
    doctor.presses("Check your answers")
    assert doctor.heading == "Check your answers"
    doctor.presses("Give this opinion")
    assert doctor.heading == "Your opinion is given"


# -------- The desk ----------------------------------------------------------------------------------------------------
def reviewer_decides(reviewer: Visitor, claim: Claim) -> None:
    """The board leads to the claim that is ready; the table's outcome is checked and issued."""
    reviewer.goes_to("/board/")
    reviewer.follows(claim.ref)
    reviewer.sees(CLAIMANT, "For the claim", "The rules give a decision", "Pathology and imaging prove it.")
    reviewer.follows("Check and issue the decision")
    reviewer.sees("Approved", "¥300,000.00", "this claim")
    reviewer.presses("Issue this decision")
    reviewer.sees(f"The decision on claim {claim.ref} is issued.", "¥300,000.00")


def reviewer_runs_the_period(reviewer: Visitor, company: Company, claim: Claim) -> Period:
    """Preview, notice, charge, each on its day and looked at."""
    its_notice_day(company.plan)
    reviewer.follows("Preview of the next notice")
    reviewer.sees(claim.ref, "It adds up", "¥300,000.00", "¥24,000.00")
    reviewer.follows("Publish this notice")
    reviewer.presses("Publish the notice")
    period = Period.objects.get(plan=company.plan)
    reviewer.sees(f"The notice of {day(period.notice_on)} is published.", claim.ref)
    its_charge_day(period)
    reviewer.goes_to(f"/board/periods/{company.plan.code}/")
    reviewer.follows("Charge this period")
    reviewer.sees("It adds up")
    reviewer.presses("Charge the period")
    reviewer.sees("is charged. Collections and payouts are on their way.")
    return Period.objects.get(pk=period.pk)


# -------- Those who check ---------------------------------------------------------------------------------------------
def public_reads_the_notice(anybody: Visitor, claim: Claim, period: Period) -> None:
    """From the front page, without a log-in: the claim without its name, and the sum."""
    anybody.goes_to("/")
    anybody.follows("Read the whole notice and check the sum")
    anybody.sees(claim.ref, "¥300,000.00", "It adds up", money(period.per_head_minor, period.plan))
    anybody.sees_nothing_of(CLAIMANT, PHONE_NUMBER, HOSPITAL)


def public_repeats_the_draw(anybody: Visitor, claim: Claim) -> None:
    """The command on the page prints the numbers on the page."""
    anybody.goes_to(f"/draws/{claim.ref}/1/")
    anybody.sees("Yes: the applicant added a word", b"wild geese 1973".hex())
    command = anybody.main.get_by_label("The command").inner_text()
    printed = io.StringIO()
    call_command("draw", *shlex.split(command.split(" draw ", 1)[1]), stdout=printed)
    numbers = [row.locator("td").first.inner_text() for row in anybody.main.locator("table tbody tr").all()]
    assert printed.getvalue().split()[: len(numbers)] == numbers
    anybody.sees_nothing_of(CLAIMANT)


def auditor_finds_every_act(auditor: Visitor, claim: Claim) -> None:
    """By the claim's number, page after page: what was done, and not one name."""
    auditor.goes_to("/audit/")
    auditor.writes("Claim or stream", claim.ref)
    auditor.presses("Show")
    read: list[str] = []
    while True:
        read += auditor.main.locator("table tbody a[href*='kind=']").all_inner_texts()
        auditor.sees_nothing_of(CLAIMANT, PHONE_NUMBER)
        if not auditor.main.get_by_role("link", name="Older").count():
            break
        auditor.follows("Older")
    in_order = list(reversed(read))
    assert in_order == list(Entry.objects.filter(stream=claim.stream).order_by("pk").values_list("kind", flat=True))
    firsts = [in_order.index(act) for act in ACTS]
    assert firsts == sorted(firsts), in_order
    assert set(in_order) >= SETTLED
