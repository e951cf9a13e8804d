"""The pages on a claim's facts: recorded by the investigator, answered by the applicant, seen by the jury."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from adjudication.models import Finding, Investigation, Remark
from adjudication.services.claims import withdraw_claim
from tests.adjudication.making import found as find
from tests.adjudication.making import make_claim, taken
from tests.adjudication.trials import NONE_BINDS, Trial, juror_of, make_trial, small_cast
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def form(**changed: Any) -> dict[str, Any]:
    return {
        "standing": "found",
        "value": "mild",
        "learned": "duty:treating_hospitals",
        "note": "Pathology report, page 2.",
        "confidence": "certain",
        "jury_note": "Stage I by pathology.",
    } | changed


@pytest.fixture
def investigation(cast: Cast) -> Investigation:
    return taken(make_claim(cast.membership, cast.member), cast.investigator)


def test_an_investigator_records_a_fact_and_sees_it_beside_what_is_stated(
    client: Client, cast: Cast, investigation: Investigation
) -> None:
    client.force_login(cast.investigator)
    address = reverse("fact_record", args=[investigation.pk, "severity"])
    assert "Severe" in text_of(client.get(address))
    response = client.post(address, form(), follow=True)
    assert response.redirect_chain[-1][0] == reverse("investigation_detail", args=[investigation.pk])
    text = text_of(response)
    assert "Recorded: Severity." in text
    assert "Severity Severe Mild" in text
    assert "Pathology report, page 2." in text
    assert Finding.objects.get().value == "mild"


def test_what_was_typed_stays_when_the_form_is_refused(
    client: Client, cast: Cast, investigation: Investigation
) -> None:
    client.force_login(cast.investigator)
    address = reverse("fact_record", args=[investigation.pk, "first_diagnosed_on"])
    response = client.post(address, form(value="2031-05-01"))
    assert response.status_code == 409
    page = response.content.decode()
    assert 'value="2031-05-01"' in page
    assert "Pathology report, page 2." in page
    assert client.post(address, form(value="")).status_code == 422
    assert not Finding.objects.exists()


def test_every_fact_has_its_form_and_another_name_has_none(
    client: Client, cast: Cast, investigation: Investigation
) -> None:
    client.force_login(cast.investigator)
    for fact, part in [
        ("icd10", "ICD-10 code"), ("severity", "Mild"), ("first_diagnosed_on", 'type="date"'),
        ("suspected_on", 'type="date"'), ("cause", "An accident"), ("ill_before_joining", "Yes"),
        ("statement_true", "Yes"), ("identity_proved", "Yes"),
    ]:  # fmt: skip
        page = client.get(reverse("fact_record", args=[investigation.pk, fact])).content.decode()
        assert part in page, fact
    assert client.get(reverse("fact_record", args=[investigation.pk, "weather"])).status_code == 404


def test_a_claim_that_is_over_has_no_form(client: Client, cast: Cast, investigation: Investigation) -> None:
    withdraw_claim(claim_ref=investigation.claim.ref, by=cast.member)
    type(investigation).objects.get(pk=investigation.pk)
    client.force_login(cast.investigator)
    page = client.get(reverse("fact_record", args=[investigation.pk, "severity"])).content.decode()
    assert "Record the finding" not in page


def test_the_applicant_sees_found_beside_stated_and_answers(
    client: Client, cast: Cast, investigation: Investigation
) -> None:
    find(investigation, "severity", "mild", jury_note="Stage I by pathology.")
    ref = investigation.claim.ref
    client.force_login(cast.member)
    text = text_of(client.get(reverse("claim_detail", args=[ref])))
    assert "Severity Severe Mild" in text
    assert "Stage I by pathology." in text
    assert "Pathology report, page 2." not in text, "the investigator's own note is not the applicant's to read"
    address = reverse("claim_facts", args=[ref])
    assert client.post(address, {"text": ""}).status_code == 422
    response = client.post(address, {"text": "It is stage III: see the second report."}, follow=True)
    assert "It is stage III" in text_of(response)
    assert Remark.objects.get().said_by == cast.member
    for user, name, argument in (
        (cast.investigator, "investigation_detail", investigation.pk),
        (cast.reviewer, "board_claim", ref),
    ):
        client.force_login(user)
        assert "It is stage III" in text_of(client.get(reverse(name, args=[argument])))


def test_a_stranger_does_not_learn_that_the_claim_exists(
    client: Client, cast: Cast, investigation: Investigation
) -> None:
    client.force_login(cast.outsider)
    assert client.get(reverse("claim_facts", args=[investigation.claim.ref])).status_code == 404


def test_the_days_of_the_case_are_drawn_with_their_table(
    client: Client, cast: Cast, investigation: Investigation
) -> None:
    find(investigation, "symptom_on", "2026-01-05")
    find(investigation, "treatment_on", "2026-02-10")
    client.force_login(cast.investigator)
    response = client.get(reverse("investigation_detail", args=[investigation.pk]))
    text = text_of(response)
    assert "5 January 2026 First symptom" in text
    assert "First treatment" in text
    assert response.content.decode().count('<rect class="joined"') == 6
    client.force_login(cast.reviewer)
    assert "First symptom" in text_of(client.get(reverse("board_claim", args=[investigation.claim.ref])))


@pytest.fixture
def late(client: Client) -> Trial:
    trial = make_trial(jurors=3)
    trial.draw()
    find(trial.claim.investigations.get(), "severity", "mild")
    trial.vote("sss")
    return trial


def test_a_reviewer_reads_what_came_late_and_says_what_follows(client: Client, late: Trial) -> None:
    client.force_login(late.cast.reviewer)
    claim_page = client.get(reverse("board_claim", args=[late.claim.ref])).content.decode()
    assert "Say what follows" in claim_page
    assert "Check and issue the decision" not in claim_page
    address = reverse("late_findings", args=[late.claim.ref])
    assert "Mild" in text_of(client.get(address))
    assert client.post(address, {"act": "dismiss", "reason": ""}).status_code == 422
    response = client.post(address, {"act": "dismiss", "reason": "Another person's record."}, follow=True)
    assert "Check and issue the decision" in response.content.decode()
    response = client.post(address, {"act": "dismiss", "reason": "Again."})
    assert response.status_code == 409


def test_a_reviewer_orders_another_look(client: Client, late: Trial) -> None:
    client.force_login(late.cast.reviewer)
    client.post(reverse("late_findings", args=[late.claim.ref]), {"act": "look", "reason": "Clear the stage."})
    assert late.reload().status == "under_investigation"


def test_the_decision_page_says_that_something_waits(client: Client, late: Trial) -> None:
    client.force_login(late.cast.reviewer)
    response = client.post(reverse("decision_issue", args=[late.claim.ref]), {})
    assert response.status_code == 409
    assert "found after the report" in text_of(response)


def test_the_jury_reads_the_facts_with_their_sources_and_the_amount_that_follows(client: Client) -> None:
    trial = make_trial(jurors=3, findings=[("severity", "mild")])
    trial.draw()
    assert trial.panel.case_file["facts"] == [
        {"fact": "severity", "stated": "severe", "value": "mild", "standing": "found", "source": "report",
         "confidence": "certain", "note": ""}
    ]  # fmt: skip
    assert trial.panel.case_file["aid_minor"] == 5_000_000
    seat = trial.seats[0]
    client.force_login(juror_of(seat))
    text = text_of(client.get(reverse("seat_detail", args=[seat.pk])))
    assert "Severity Severe Mild The investigation" in text
    assert "Pathology report" not in text


def test_the_jury_reads_a_file_in_which_nothing_is_proven(client: Client) -> None:
    unproven = [("icd10", ""), ("severity", ""), ("first_diagnosed_on", "")]
    trial = make_trial(small_cast(NONE_BINDS), jurors=3, findings=unproven)
    trial.draw()
    seat = trial.seats[0]
    client.force_login(juror_of(seat))
    text = text_of(client.get(reverse("seat_detail", args=[seat.pk])))
    assert "The rules give no aid for this claim." in text
    assert text.count("not proven") >= 3
