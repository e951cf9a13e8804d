"""The page on which somebody joins."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from members.models import Membership, Person
from tests.cast import Cast
from tests.factories import make_person, make_user, make_version_from, plan_file

pytestmark = pytest.mark.django_db
JOIN = "/plans/xhb/join/"
STATEMENT = {
    "health_medicine_30_days": "no",
    "health_hospital_15_days": "no",
    "health_covered_condition": "no",
    "health_open_examination": "no",
    "is_signed": "on",
}
PERSON = {"name": "Xu Mei", "born_on": "1990-02-03", "sex": "female"}


@pytest.fixture
def outsider(client: Client, cast: Cast) -> Client:
    client.force_login(cast.outsider)
    return client


def test_a_stranger_is_sent_to_the_log_in(client: Client, cast: Cast) -> None:
    response = client.get(JOIN)
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_the_form_asks_the_questions_of_the_plan(outsider: Client, cast: Cast) -> None:
    text = outsider.get(JOIN).content.decode()
    for question in cast.version.rules.join.health_questions:
        assert question.text.en in text
    assert "Full name" in text
    assert "Once you are registered" in text


def test_somebody_new_joins(outsider: Client, cast: Cast) -> None:
    response = outsider.post(JOIN, PERSON | STATEMENT)
    assert response.status_code == 302
    assert response["Location"] == "/home/"
    membership = Membership.objects.get(person__user=cast.outsider)
    assert membership.person.name == "Xu Mei"
    assert membership.person.born_on == dt.date(1990, 2, 3)
    assert Entry.objects.filter(kind="membership.joined", actor=cast.outsider.audit_ref).exists()


def test_a_registered_person_is_not_asked_who_they_are(client: Client, cast: Cast) -> None:
    user = make_user()
    make_person("Known", user=user)
    client.force_login(user)
    assert "Full name" not in client.get(JOIN).content.decode()
    assert client.post(JOIN, STATEMENT).status_code == 302
    assert Membership.objects.get(person__user=user).person.name == "Known"


def test_a_child_joins_and_is_paid_for(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    born_on = "2015-06-01"
    assert client.post(f"{JOIN}?for=family", PERSON | STATEMENT | {"born_on": born_on}).status_code == 302
    child = Person.objects.get(payer=cast.membership.person)
    assert child.user is None
    assert Membership.objects.filter(person=child).exists()
    text = client.get(f"{JOIN}?for={child.pk}").content.decode()
    assert "Full name" not in text
    assert f'<strong aria-current="true">{child.name}</strong>' in text


def test_only_the_registered_may_add_family_and_only_their_own(outsider: Client, cast: Cast) -> None:
    assert outsider.get(f"{JOIN}?for=family").status_code == 404
    relative = make_person(payer=cast.membership.person)
    assert outsider.get(f"{JOIN}?for={relative.pk}").status_code == 404
    assert outsider.post(f"{JOIN}?for={relative.pk}", STATEMENT).status_code == 404
    assert outsider.get(f"{JOIN}?for=rubbish").status_code == 404


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"born_on": "1950-01-01"}, 409, "takes nobody over 59 years"),
        ({"health_covered_condition": "yes"}, 409, "can&#x27;t be joined with this answer"),
        ({"born_on": "2999-01-01"}, 400, "Nobody can have been born"),
        ({"born_on": "1990-02-31"}, 422, "Write a day that exists"),
        ({"health_covered_condition": ""}, 422, "Answer with yes or no."),
        ({"is_signed": ""}, 422, "Sign the health statement"),
        ({"name": ""}, 422, "This field is required"),
    ],
)
def test_what_forbids_joining_is_explained_and_nothing_is_stored(
    outsider: Client, changes: dict[str, Any], status: int, words: str
) -> None:
    response = outsider.post(JOIN, PERSON | STATEMENT | changes)
    assert response.status_code == status
    assert words in response.content.decode()
    assert "There is a problem" in response.content.decode()
    assert Person.objects.count() == 1
    assert Membership.objects.count() == 1


def test_a_member_is_told_that_they_are_one(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    assert "has been a member since" in client.get(JOIN).content.decode()
    response = client.post(JOIN, STATEMENT)
    assert response.status_code == 409
    assert "is already a member of Xiang Hu Bao" in response.content.decode()
    assert Membership.objects.count() == 1


def test_a_plan_that_has_not_started_says_so(outsider: Client) -> None:
    source = plan_file("xhb-senior-2019-05-01").replace("starts_at = 2019-05-01", "starts_at = 2990-05-01")
    make_version_from(source)
    assert "has not started" in outsider.get("/plans/xhb-senior/join/").content.decode()
    assert outsider.post("/plans/xhb-senior/join/", PERSON | STATEMENT).status_code == 409
    assert outsider.get("/plans/none/join/").status_code == 404


def test_a_larger_family_takes_no_more_queries(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    counts = []
    for more in (1, 2):
        for _ in range(more):
            make_person(payer=cast.membership.person)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(JOIN).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] < 15


@pytest.mark.parametrize("whom", ["²", "٣", "0", "-1", "9" * 30, "nobody"])
def test_nobody_is_meant_by_what_is_no_number(outsider: Client, whom: str) -> None:
    assert outsider.get(JOIN, {"for": whom}).status_code == 404
