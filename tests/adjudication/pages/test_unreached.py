"""The page "Not reached": who, about what, what was tried, and recording an attempt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from adjudication.models import Answer
from adjudication.services.advancing import advance_claim
from adjudication.tasks import sweep_deadlines
from audit.models import Entry
from members.models import ContactAttempt, Message
from tests.adjudication.making import make_claim, record_all, signed, taken
from tests.adjudication.services.test_answers import asked_trial
from tests.adjudication.services.test_serving import notice_of, without_phone
from tests.adjudication.trials import AGAINST, Trial
from tests.factories import make_membership, make_person, make_user
from tests.members.serving import bounce, notices, send

pytestmark = pytest.mark.django_db
LIST = "unreached_list"
FORM = {"how": "call", "result": "no", "words": "I called twice, and nobody answered."}


@pytest.fixture(autouse=True)
def _texts(settings: Any, tmp_path: Path) -> None:
    settings.TEXT_FILE_PATH = tmp_path


@pytest.fixture
def trial() -> Trial:
    found = without_phone(asked_trial())
    send(notice_of(found))
    bounce(notice_of(found))
    sweep_deadlines()
    return found


@pytest.fixture
def reviewer(client: Client, trial: Trial) -> Client:
    client.force_login(trial.cast.reviewer)
    return client


def page_of(trial: Trial) -> str:
    return reverse("unreached_detail", args=[notice_of(trial).public_id])


def test_who_was_not_reached_is_listed_by_reference(reviewer: Client, trial: Trial) -> None:
    page = reviewer.get(reverse(LIST)).content.decode()
    assert trial.claim.ref in page
    assert "Came back" in page
    assert page_of(trial) in page
    for secret in ("Zhao", "13911112222", "member@test.example"):
        assert secret not in page


def test_nobody_is_listed_who_was_reached(client: Client) -> None:
    trial = asked_trial()
    send(notice_of(trial))
    sweep_deadlines()
    client.force_login(trial.cast.reviewer)
    page = client.get(reverse(LIST)).content.decode()
    assert trial.claim.ref not in page
    assert "Everybody was reached" in page


def test_an_attempt_is_recorded_and_the_page_says_what_it_changes(reviewer: Client, trial: Trial) -> None:
    shown = reviewer.post(page_of(trial), FORM, follow=True).content.decode()
    assert "The notice now counts as served" in shown
    assert "it counts as served in the inbox" in shown
    assert FORM["words"] in shown
    assert ContactAttempt.objects.get().by == trial.cast.reviewer
    assert Answer.objects.get().served_by == "inbox"
    assert trial.claim.ref not in reviewer.get(reverse(LIST)).content.decode()


def test_what_was_typed_stays_where_something_is_missing(reviewer: Client, trial: Trial) -> None:
    answer = reviewer.post(page_of(trial), FORM | {"how": ""})
    assert answer.status_code == 422
    assert FORM["words"] in answer.content.decode()
    assert not ContactAttempt.objects.exists()


def test_an_auditor_reads_and_records_nothing(client: Client, trial: Trial) -> None:
    client.force_login(trial.cast.auditor)
    assert "Record the attempt" not in client.get(page_of(trial)).content.decode()
    assert client.post(page_of(trial), FORM).status_code == 403
    assert not ContactAttempt.objects.exists()


def test_a_message_that_is_no_notice_has_no_such_page(reviewer: Client, trial: Trial) -> None:
    other = Entry.objects.get(kind="claim.submitted", stream=trial.claim.stream)
    message = Message.objects.filter(entry=other).first()
    assert message is not None
    assert reviewer.get(reverse("unreached_detail", args=[message.public_id])).status_code == 404


def test_the_api_lists_and_records_the_same(reviewer: Client, trial: Trial) -> None:
    listed = reviewer.get(reverse("api-unreached-list")).json()["results"]
    assert [(one["claim"], one["deliveries"][0]["status"], one["attempts"]) for one in listed] == [
        (trial.claim.ref, "bounced", [])
    ]
    address = reverse("api-unreached-attempts", args=[notice_of(trial).public_id])
    given = {"how": "letter", "was_reached": True, "words": FORM["words"]}
    answered = reviewer.post(address, given, content_type="application/json")
    assert (answered.status_code, answered.json()["served_by"]) == (200, "told")
    assert reviewer.post(address, {"how": "owl"}, content_type="application/json").status_code == 400


def another_unreached(trial: Trial) -> None:
    person = make_person(user=make_user(), phone="")
    claim = make_claim(make_membership(trial.cast.plan, person), person.user)
    investigation = taken(claim, trial.cast.investigator)
    record_all(investigation, trial.cast.investigator)
    signed(investigation, trial.cast.investigator, **AGAINST)
    advance_claim(claim_id=claim.pk)
    (message,) = notices(claim.stream)
    send(message)
    bounce(message)


def test_the_list_asks_as_many_questions_for_three_as_for_one(reviewer: Client, trial: Trial) -> None:
    reviewer.get(reverse(LIST))
    counts = []
    for more in (0, 2):
        for _each in range(more):
            another_unreached(trial)
        with CaptureQueriesContext(connection) as queries:
            page = reviewer.get(reverse(LIST)).content.decode()
        counts.append(len(queries))
    assert page.count("Record an attempt") == 3
    assert counts[0] == counts[1]
