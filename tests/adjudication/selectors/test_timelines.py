"""A claim's story and what happens next."""

from __future__ import annotations

import pytest

from adjudication.models import Claim
from adjudication.selectors.timelines import next_step, timeline
from adjudication.services.claims import withdraw_claim
from adjudication.services.evidence import add_files
from adjudication.services.investigations import return_report
from tests.adjudication.making import investigated_claim, make_claim, pdf, taken
from tests.cast import Cast


def titles(claim: Claim) -> list[str]:
    return [event.title for event in timeline(claim)]


def test_the_events_are_in_order(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    add_files(uploads=[pdf()], kind="other", title="", by=cast.member, claim=claim)
    taken(claim, cast.investigator)
    withdraw_claim(claim_ref=claim.ref, by=cast.member)
    assert titles(Claim.objects.get(pk=claim.pk)) == [
        "Claim filed",
        "A paper was added",
        "An investigator took the claim",
        "Claim withdrawn",
    ]


def test_the_story_names_nobody(cast: Cast) -> None:
    claim = investigated_claim(cast)
    told = " ".join(f"{event.title} {event.text}" for event in timeline(claim))
    for user in (cast.investigator, cast.member):
        assert user.email not in told
        assert user.audit_ref not in told
    assert cast.membership.person.name not in told


def test_what_is_next_follows_the_state(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    assert (next_step(claim).title, next_step(claim).until) == ("Waiting for an investigator", claim.due_at)
    investigation = taken(claim, cast.investigator)
    claim = Claim.objects.get(pk=claim.pk)
    assert (next_step(claim).title, next_step(claim).until) == ("An investigator is at work", investigation.due_at)
    withdraw_claim(claim_ref=claim.ref, by=cast.member)
    assert next_step(Claim.objects.get(pk=claim.pk)).title == "The claim is withdrawn"


def test_a_returned_report_waits_for_an_investigator_again(cast: Cast) -> None:
    claim = investigated_claim(cast)
    assert next_step(claim).title == "The report is signed"
    second = return_report(claim_ref=claim.ref, reason="More", by=cast.reviewer)
    claim = Claim.objects.get(pk=claim.pk)
    assert (next_step(claim).title, next_step(claim).until) == ("Waiting for an investigator", second.due_at)
    assert "Sent back for further investigation" in titles(claim)


def test_a_hold_says_why(cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    claim.hold_reason = "The hospital is closed until June."
    assert next_step(claim).text == "The hospital is closed until June."


@pytest.mark.parametrize(
    ("status", "words"),
    [("approved", "approved"), ("paid", "paid"), ("rejected", "rejected"), ("withdrawn", "withdrawn")],
)
def test_what_is_closed_is_not_called_in_progress(status: str, words: str) -> None:
    step = next_step(Claim(status=status))
    assert words in step.title
    assert step.until is None
    for word in ("waiting", "in progress"):
        assert word not in f"{step.title} {step.text}".lower()
