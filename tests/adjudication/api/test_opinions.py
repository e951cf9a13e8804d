"""Second opinions over the API: one's own, given once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from audit.models import Entry
from jury.models import Opinion
from tests.adjudication.trials import Trial, at_vote

pytestmark = pytest.mark.django_db
OPINIONS = "/api/v1/opinions/"


@pytest.fixture
def trial(client: Client) -> Trial:
    trial = at_vote()
    trial.vote("ssa")
    client.force_login(trial.cast.professional)
    return trial


@pytest.fixture
def opinion(trial: Trial) -> Opinion:
    return Opinion.objects.get(professional=trial.cast.professional)


def give(client: Client, opinion: Opinion, body: dict[str, Any]) -> Any:
    return client.post(f"{OPINIONS}{opinion.pk}/give/", json.dumps(body), content_type="application/json")


def full(opinion: Opinion, answer: str = "yes") -> dict[str, Any]:
    return {"answers": {question["code"]: answer for question in opinion.request.questions}, "reasons": "Seen."}


def test_a_professional_reads_their_own_and_not_what_the_jury_said(
    client: Client, trial: Trial, opinion: Opinion
) -> None:
    found = client.get(OPINIONS).json()["results"]
    assert [item["id"] for item in found] == [opinion.pk]
    assert "case_file" not in found[0]
    assert not Entry.objects.filter(kind="opinion.file_opened").exists()
    whole = client.get(f"{OPINIONS}{opinion.pk}/").json()
    assert whole["case_file"] == trial.panel.case_file
    assert "thin_margin" not in json.dumps([found, whole])
    entry = Entry.objects.get(kind="opinion.file_opened")
    assert (entry.stream, entry.actor) == (trial.claim.stream, trial.cast.professional.audit_ref)
    assert entry.body["opinion"] == opinion.pk
    other = Opinion.objects.exclude(pk=opinion.pk).first()
    assert other is not None
    assert client.get(f"{OPINIONS}{other.pk}/").status_code == 404


def test_an_opinion_is_given_once(client: Client, opinion: Opinion) -> None:
    response = give(client, opinion, full(opinion))
    assert (response.status_code, response.json()["conclusion"]) == (200, "confirmed")
    assert response.json()["state"] == "done"
    again = give(client, opinion, full(opinion, "no"))
    assert (again.status_code, again.json()["code"]) == (409, "OpinionAlreadyGiven")


def test_an_incomplete_opinion_is_refused(client: Client, opinion: Opinion) -> None:
    body = full(opinion)
    body["answers"].popitem()
    assert give(client, opinion, body).json()["code"] == "AnswersIncomplete"
    assert give(client, opinion, full(opinion, "perhaps")).status_code == 400
    assert give(client, opinion, full(opinion) | {"reasons": ""}).status_code == 400
    assert Opinion.objects.get(pk=opinion.pk).given_at is None


@pytest.mark.parametrize("who", ["member", "investigator", "reviewer", "auditor"])
def test_only_professionals_come_in(client: Client, trial: Trial, opinion: Opinion, who: str) -> None:
    client.force_login(getattr(trial.cast, who))
    assert client.get(OPINIONS).status_code == 403
    assert give(client, opinion, full(opinion)).status_code == 403
