"""Issuing a decision: what the table says is shown with its grounds, and can't be changed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from adjudication.models import Decision
from tests.adjudication.trials import Trial, at_vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def judged(client: Client) -> Trial:
    """A claim that the panel supports narrowly and the doctors confirm; the reviewer is signed in."""
    trial = at_vote()
    trial.vote("ssa")
    trial.opine("yes")
    client.force_login(trial.cast.reviewer)
    return trial


def page(trial: Trial) -> str:
    return reverse("decision_issue", args=[trial.claim.ref])


def test_the_page_shows_row_amount_and_reasons(client: Client, judged: Trial) -> None:
    text = client.get(page(judged)).content.decode()
    for told in (
        "Neither can be changed here",
        "300,000.00",
        "2 for, 1 against",
        "this claim",
        "The evidence proves the illness.",
        "0 to 39",
    ):
        assert told in text, told
    assert 'name="outcome"' not in text
    assert 'name="amount' not in text


def test_it_is_issued_with_further_reasons(client: Client, judged: Trial) -> None:
    response = client.post(page(judged), {"reason_codes": ["opinion_confirms"]}, follow=True)
    assert "is issued" in response.content.decode()
    decision = Decision.objects.get()
    assert (decision.outcome, decision.amount_minor) == ("approved", 30_000_000)
    assert decision.reason_codes == ["evidence_convincing", "opinion_confirms"]
    assert judged.reload().status == "approved"


def test_no_field_changes_what_the_table_gives(client: Client, judged: Trial) -> None:
    client.post(page(judged), {"outcome": "rejected", "amount_minor": "1"})
    assert (Decision.objects.get().outcome, Decision.objects.get().amount_minor) == ("approved", 30_000_000)


def test_a_reason_of_the_other_outcome_is_refused(client: Client, judged: Trial) -> None:
    assert client.post(page(judged), {"reason_codes": ["not_proved"]}).status_code == 422
    assert not Decision.objects.exists()


def test_the_second_of_two_reviewers_is_refused_and_keeps_the_form(client: Client, judged: Trial) -> None:
    client.get(page(judged))
    judged.issue(by=judged.cast.other_reviewer)
    response = client.post(page(judged), {"reason_codes": ["opinion_confirms"]})
    assert response.status_code == 409
    text = response.content.decode()
    assert "already decided" in text
    assert "This claim is decided" in text
    assert 'value="opinion_confirms"' in text
    assert Decision.objects.count() == 1


def test_before_the_end_of_the_vote_there_is_nothing_to_issue(client: Client) -> None:
    trial = at_vote()
    client.force_login(trial.cast.reviewer)
    assert "nothing to decide yet" in client.get(page(trial)).content.decode()
    response = client.post(page(trial), {})
    assert response.status_code == 409
    assert not Decision.objects.exists()


def test_a_reviewer_who_took_part_is_refused(client: Client, judged: Trial) -> None:
    from audit.actors import SYSTEM
    from members.services.roles import grant_role

    grant_role(user=judged.cast.investigator, role="reviewer", by=SYSTEM)
    client.force_login(judged.cast.investigator)
    response = client.post(page(judged), {})
    assert response.status_code == 403
    assert "You took part" in response.content.decode()
    assert not Decision.objects.exists()


@pytest.mark.parametrize("who", ["member", "investigator", "professional", "auditor", "outsider"])
def test_only_a_reviewer_issues(client: Client, judged: Trial, who: str) -> None:
    client.force_login(getattr(judged.cast, who))
    assert client.get(page(judged)).status_code == 403
    assert client.post(page(judged), {}).status_code == 403
    assert not Decision.objects.exists()
