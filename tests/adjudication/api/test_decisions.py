"""Decisions over the API: read by those concerned, issued by reviewers, once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from adjudication.models import Decision
from tests.adjudication.trials import Trial, at_vote

pytestmark = pytest.mark.django_db
DECISIONS = "/api/v1/decisions/"


@pytest.fixture
def trial(client: Client) -> Trial:
    trial = at_vote()
    trial.vote("sss")
    client.force_login(trial.cast.reviewer)
    return trial


def issue(client: Client, trial: Trial, **changes: Any) -> Any:
    body = {"claim": trial.claim.ref} | changes
    return client.post(f"{DECISIONS}issue/", json.dumps(body), content_type="application/json")


def test_a_reviewer_issues_what_the_table_says(client: Client, trial: Trial) -> None:
    response = issue(client, trial, reason_codes=["all_clauses_met"], outcome="rejected", amount_minor=1)
    assert response.status_code == 201
    told = response.json()
    assert (told["outcome"], told["amount_minor"]) == ("approved", 30_000_000)
    assert told["reason_codes"] == ["evidence_convincing", "all_clauses_met"]
    again = issue(client, trial)
    assert (again.status_code, again.json()["code"]) == (409, "AlreadyDecided")


def test_a_wrong_reason_or_claim_is_refused(client: Client, trial: Trial) -> None:
    assert issue(client, trial, reason_codes=["not_proved"]).json()["code"] == "ReasonNotInPlan"
    assert issue(client, trial, claim="C00-NONE00").status_code == 404
    assert not Decision.objects.exists()


def test_the_member_reads_their_own_and_a_stranger_nothing(client: Client, trial: Trial) -> None:
    decision = trial.issue()
    for who, seen in (("member", 1), ("reviewer", 1), ("auditor", 1), ("outsider", 0), ("investigator", 0)):
        client.force_login(getattr(trial.cast, who))
        assert len(client.get(DECISIONS).json()["results"]) == seen, who
        assert client.get(f"{DECISIONS}{decision.pk}/").status_code == (200 if seen else 404), who


@pytest.mark.parametrize("who", ["member", "investigator", "professional", "auditor", "outsider"])
def test_only_a_reviewer_issues(client: Client, trial: Trial, who: str) -> None:
    client.force_login(getattr(trial.cast, who))
    assert issue(client, trial).status_code == 403
    assert not Decision.objects.exists()
