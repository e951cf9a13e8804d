"""The pages of questions about identities, and the same over the API."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import IdentityQuestion, User
from members.services.people import register_person
from tests.cast import Cast
from tests.factories import SYSTEM

NUMBER = "110101198505170011"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="members.sessions.LogInBackend")
    return client


def doubted(number: str = NUMBER) -> IdentityQuestion:
    person = register_person(name="Zu Yi", born_on=dt.date(1985, 5, 17), id_number=number, by=SYSTEM)
    return IdentityQuestion.objects.get(person=person)


def test_a_reviewer_settles_one_and_the_number_is_nowhere(cast: Cast) -> None:
    question, client = doubted(), signed_in(cast.reviewer)
    page = reverse("identity_detail", args=[question.pk])
    for shown in (client.get(reverse("identity_list")).text, client.get(page).text):
        assert "The check digit of the number is wrong" in shown
        assert NUMBER not in shown
        assert "Zu Yi" not in shown
    refused = client.post(page, {"answer": "confirmed", "reason": "short"})
    assert (refused.status_code, "short" in refused.text) == (422, True)
    assert client.post(page, {"answer": "confirmed", "reason": "Seen on the card."}).status_code == 302
    question.refresh_from_db()
    assert (question.status, question.settled_by) == ("confirmed", cast.reviewer)
    assert "No questions" in client.get(reverse("identity_list")).text
    assert "Identity confirmed" in client.get(reverse("identity_list"), {"list": "all"}).text


def test_the_auditor_reads_and_settles_nothing(cast: Cast) -> None:
    question, client = doubted(), signed_in(cast.auditor)
    page = reverse("identity_detail", args=[question.pk])
    assert 'name="answer"' not in client.get(page).text
    assert client.post(page, {"answer": "confirmed", "reason": "Seen on the card."}).status_code == 403


def test_the_list_costs_the_same_for_one_and_three(cast: Cast) -> None:
    client, counts = signed_in(cast.auditor), []
    client.get(reverse("identity_list"))
    for number in (NUMBER, "110101198505170012", "110101198505170013"):
        doubted(number)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("identity_list"))
        counts.append(len(queries))
    assert counts[0] == counts[-1]


def test_over_the_api(cast: Cast) -> None:
    question, client = doubted(), signed_in(cast.reviewer)
    listed = client.get(reverse("api-identity-question-list"), {"status": "open"}).json()["results"]
    assert [(one["id"], one["doubts"]) for one in listed] == [(question.pk, ["check_digit"])]
    settle = reverse("api-identity-question-settle", args=[question.pk])
    given = {"answer": "refuted", "reason": "No card was shown."}
    assert client.post(settle, given, content_type="application/json").json()["status"] == "refuted"
    again = client.post(settle, given, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "IdentitySettled")
