"""The professional's pages: asked, answered, checked, given."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit import clock
from audit.models import Entry
from jury.errors.opinions import NotYourOpinion
from jury.models import Opinion, OpinionRequest
from jury.services.opinions import open_file
from tests.adjudication.trials import Trial, at_vote
from tests.bent import bend_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def trial() -> Trial:
    trial = at_vote()
    trial.vote("ssa", words="A juror's own words.")
    assert trial.claim.status == "second_opinion"
    return trial


@pytest.fixture
def opinion(client: Client, trial: Trial) -> Opinion:
    client.force_login(trial.cast.professional)
    return Opinion.objects.get(professional=trial.cast.professional)


def page(opinion: Opinion) -> str:
    return reverse("opinion_detail", args=[opinion.pk])


def answers(opinion: Opinion, answer: str = "yes", **changes: Any) -> dict[str, Any]:
    given = {f"answer-{question['code']}": answer for question in opinion.request.questions}
    return given | {"reasons": "The pathology report shows it."} | changes


def test_the_list_says_what_is_asked(client: Client, opinion: Opinion, trial: Trial) -> None:
    text = client.get(reverse("opinion_list")).content.decode()
    assert trial.claim.ref in text
    assert page(opinion) in text


def test_the_file_and_the_questions_but_not_what_the_jury_said(client: Client, opinion: Opinion) -> None:
    text = client.get(page(opinion)).content.decode()
    for told in ("C50.9", "Do the records prove the diagnosis", "It cannot be said from these papers"):
        assert told in text, told
    for hidden in ("Zhao", "Ruijin", "1999-05-17", "A juror&#x27;s own words", "A juror's own words", "thin_margin"):
        assert hidden not in text, hidden


def test_that_the_file_was_opened_is_recorded(client: Client, opinion: Opinion, trial: Trial) -> None:
    client.get(reverse("opinion_list"))
    opened = Entry.objects.filter(kind="opinion.file_opened", stream=trial.claim.stream)
    assert not opened.exists()
    client.get(page(opinion))
    assert opened.get().actor == trial.cast.professional.audit_ref
    with pytest.raises(NotYourOpinion):
        open_file(opinion_id=opinion.pk, by=trial.cast.reviewer)
    client.post(page(opinion), answers(opinion) | {"act": "send"})
    client.get(page(opinion))
    assert opened.count() == 1, "the file isn't shown any more"


def test_answers_are_checked_changed_and_then_given(client: Client, opinion: Opinion) -> None:
    checked = client.post(page(opinion), answers(opinion))
    assert "Check your answers" in checked.content.decode()
    assert Opinion.objects.get(pk=opinion.pk).given_at is None
    changed = client.post(page(opinion), answers(opinion, act="change")).content.decode()
    assert "The pathology report shows it." in changed
    assert Opinion.objects.get(pk=opinion.pk).given_at is None
    given = client.post(page(opinion), answers(opinion, "no", act="send"), follow=True)
    assert "Thank you" in given.content.decode()
    stored = Opinion.objects.get(pk=opinion.pk)
    assert set(stored.answers.values()) == {"no"}
    assert stored.conclusion == "not_confirmed"


def test_a_missing_answer_is_asked_for_and_the_rest_is_kept(client: Client, opinion: Opinion) -> None:
    response = client.post(page(opinion), answers(opinion, **{"answer-diagnosis_confirmed": "", "act": "send"}))
    assert response.status_code == 422
    assert "The pathology report shows it." in response.content.decode()
    assert Opinion.objects.get(pk=opinion.pk).given_at is None


def test_an_opinion_is_given_once(client: Client, opinion: Opinion) -> None:
    client.post(page(opinion), answers(opinion, act="send"))
    response = client.post(page(opinion), answers(opinion, "no", act="send"))
    assert response.status_code == 409
    assert Opinion.objects.get(pk=opinion.pk).conclusion == "confirmed"


def test_after_the_deadline_the_claim_continues_without(client: Client, opinion: Opinion) -> None:
    bend_all(OpinionRequest.objects.all(), due_at=clock.now() - dt.timedelta(seconds=1))
    assert client.post(page(opinion), answers(opinion, act="send")).status_code == 409


def test_only_who_was_asked_finds_it(client: Client, opinion: Opinion, trial: Trial) -> None:
    client.force_login(trial.doctors[1])
    assert client.get(page(opinion)).status_code == 404
    for who in ("member", "investigator", "reviewer", "auditor", "outsider"):
        client.force_login(getattr(trial.cast, who))
        assert client.get(page(opinion)).status_code == 403
        assert client.get(reverse("opinion_list")).status_code == 403


def test_a_professional_without_a_request_reads_when_one_will_appear(client: Client) -> None:
    from tests.factories import make_user

    client.force_login(make_user(None, "professional"))
    assert "Nothing is waiting for you" in client.get(reverse("opinion_list")).content.decode()
