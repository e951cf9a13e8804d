"""The facts of a claim over the API, as on the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from adjudication.models import Investigation
from tests.adjudication.making import found as find
from tests.adjudication.making import make_claim, taken
from tests.adjudication.trials import make_trial
from tests.cast import Cast

pytestmark = pytest.mark.django_db
FINDING = {"fact": "severity", "standing": "found", "value": "mild", "confidence": "probable", "note": "Page 2."}


@pytest.fixture
def investigation(cast: Cast) -> Investigation:
    return taken(make_claim(cast.membership, cast.member), cast.investigator)


def posted(client: Client, name: str, argument: Any, body: dict[str, Any]) -> Any:
    return client.post(reverse(name, args=[argument]), body, content_type="application/json")


def test_a_finding_is_recorded_and_every_fact_is_returned(
    client: Client, cast: Cast, investigation: Investigation
) -> None:
    client.force_login(cast.investigator)
    response = posted(client, "api-investigation-findings", investigation.pk, FINDING)
    assert response.status_code == 200
    facts = {one["fact"]: one for one in response.json()}
    assert (facts["severity"]["stated"], facts["severity"]["value"]) == ("severe", "mild")
    assert facts["severity"]["source"] == "report"
    assert facts["severity"]["counting"]["confidence"] == "probable"
    assert facts["icd10"]["counting"] is None
    assert "note" not in facts["severity"]["counting"]


def test_a_refusal_has_the_name_of_its_fact(client: Client, cast: Cast, investigation: Investigation) -> None:
    client.force_login(cast.investigator)
    response = posted(client, "api-investigation-findings", investigation.pk, FINDING | {"value": "medium"})
    assert (response.status_code, response.json()["code"]) == (409, "FactValueUnfit")


def test_the_applicant_reads_the_facts_and_answers(client: Client, cast: Cast, investigation: Investigation) -> None:
    find(investigation, "severity", "mild")
    client.force_login(cast.member)
    shown = client.get(reverse("api-claim-detail", args=[investigation.claim.ref])).json()
    assert {one["fact"]: one["value"] for one in shown["facts"]}["severity"] == "mild"
    assert posted(client, "api-claim-remark", investigation.claim.ref, {"text": "It is stage III."}).status_code == 200
    assert investigation.claim.remarks.get().text == "It is stage III."


def test_who_sees_a_claim_only_on_the_worklist_reads_no_fact(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.other_investigator)
    assert client.get(reverse("api-claim-detail", args=[claim.ref])).json()["facts"] == []


@pytest.mark.parametrize(("act", "status"), [("dismiss", "jury_review"), ("look", "under_investigation")])
def test_a_reviewer_says_what_follows_from_what_came_late(client: Client, act: str, status: str) -> None:
    trial = make_trial(jurors=3)
    trial.draw()
    find(trial.claim.investigations.get(), "severity", "mild")
    trial.vote("sss")
    client.force_login(trial.cast.reviewer)
    body = {"act": act, "reason": "Another person's record."}
    response = posted(client, "api-claim-late-findings", trial.claim.ref, body)
    assert response.status_code == 200
    assert response.json()["status"] == status
    assert posted(client, "api-claim-late-findings", trial.claim.ref, body).json()["code"] == "NoLateFinding"
