"""People over the API: masked for the plan's staff until they ask, found by search, never listed."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from audit.models import Entry
from members.models import Person, Unmasking, User
from members.services.unmaskings import MOST_AN_HOUR, unmask_person
from tests.cast import Cast
from tests.factories import make_membership, make_person

pytestmark = pytest.mark.django_db
PEOPLE, MEMBERSHIPS = "/api/v1/people/", "/api/v1/memberships/"
WORDS = "Their hospital calls and asks for them."
MASKED = {"name": "W*** X***", "born_on": None, "sex": None, "is_masked": True}


def signed_in(user: User | None) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def part(shown: dict[str, Any]) -> dict[str, Any]:
    return {key: shown[key] for key in MASKED}


@pytest.fixture
def person(cast: Cast) -> Person:
    return cast.membership.person


@pytest.mark.parametrize("role", ["reviewer", "auditor"])
def test_staff_read_people_and_memberships_masked(cast: Cast, person: Person, role: str) -> None:
    api = signed_in(cast.by_role()[role])
    assert part(api.get(f"{PEOPLE}{person.pk}/").json()) == MASKED
    assert part(api.get(f"{MEMBERSHIPS}{cast.membership.pk}/").json()["person"]) == MASKED
    (listed,) = api.get(MEMBERSHIPS).json()["results"]
    assert part(listed["person"]) == MASKED
    assert api.get(PEOPLE).json()["results"] == []
    for path in (PEOPLE, f"{PEOPLE}{person.pk}/", MEMBERSHIPS, f"{MEMBERSHIPS}{cast.membership.pk}/"):
        text = api.get(path).content.decode()
        assert person.name not in text
        assert "1985-05-17" not in text


def test_members_read_themselves_and_their_family_in_clear(cast: Cast, person: Person) -> None:
    child = make_membership(cast.plan, make_person("Wang Le", payer=person))
    make_membership(cast.plan, make_person("Stranger"))
    api = signed_in(cast.member)
    assert [one["name"] for one in api.get(PEOPLE).json()["results"]] == ["Wang Le", "Wang Xiaoming"]
    assert {one["person"]["name"] for one in api.get(MEMBERSHIPS).json()["results"]} == {"Wang Le", "Wang Xiaoming"}
    assert api.get(f"{PEOPLE}{child.person_id}/").json()["is_masked"] is False
    assert api.get(f"{PEOPLE}me/").json()["born_on"] == "1985-05-17"


def test_staff_who_are_members_read_their_own_in_clear_and_others_masked(cast: Cast, person: Person) -> None:
    own = make_membership(cast.plan, make_person("Own Name", user=cast.reviewer))
    api = signed_in(cast.reviewer)
    assert [one["name"] for one in api.get(PEOPLE).json()["results"]] == ["Own Name"]
    assert api.get(f"{PEOPLE}me/").json()["name"] == "Own Name"
    names = {one["id"]: one["person"]["name"] for one in api.get(MEMBERSHIPS).json()["results"]}
    assert names == {own.pk: "Own Name", cast.membership.pk: "W*** X***"}


@pytest.mark.parametrize("role", ["reviewer", "auditor"])
def test_staff_find_people_masked(cast: Cast, person: Person, role: str) -> None:
    api = signed_in(cast.by_role()[role])
    answer = api.post(f"{PEOPLE}search/", {"term": person.name}, format="json")
    assert answer.status_code == 200
    found = answer.json()
    assert found["next_before"] is None
    assert [(one["id"], one["masked_name"]) for one in found["people"]] == [(person.pk, "W*** X***")]
    (membership,) = found["people"][0]["memberships"]
    assert (membership["membership"], membership["plan"], membership["state"]) == (cast.membership.pk, "xhb", "active")
    assert person.name not in answer.content.decode()
    assert api.post(f"{PEOPLE}search/", {"term": "Nobody"}, format="json").json()["people"] == []


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({}, "term"),
        ({"term": " "}, "term"),
        ({"term": "x", "by": "shoe"}, "by"),
        ({"term": "x", "before": 0}, "before"),
    ],
)
def test_a_search_for_nothing_is_400(cast: Cast, body: dict[str, Any], key: str) -> None:
    answer = signed_in(cast.reviewer).post(f"{PEOPLE}search/", body, format="json")
    assert answer.status_code == 400
    assert key in answer.json()


@pytest.mark.parametrize("role", ["anonymous", "member", "investigator", "professional", "outsider"])
def test_nobody_else_searches_or_unmasks(cast: Cast, person: Person, role: str) -> None:
    api = signed_in(cast.by_role()[role])
    assert api.post(f"{PEOPLE}search/", {"term": person.name}, format="json").status_code == 403
    body = {"reason": "claim", "words": WORDS}
    assert api.post(f"{PEOPLE}{person.pk}/unmask/", body, format="json").status_code in {403, 404}
    assert not Unmasking.objects.exists()


def test_asking_shows_everything_for_a_while(cast: Cast, person: Person) -> None:
    api = signed_in(cast.reviewer)
    answer = api.post(f"{PEOPLE}{person.pk}/unmask/", {"reason": "identity", "words": WORDS}, format="json")
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["name"], shown["born_on"], shown["email"]) == ("Wang Xiaoming", "1985-05-17", cast.member.email)
    assert shown["unmasking"] == Unmasking.objects.get().pk
    assert Entry.objects.get(kind="person.unmasked").body["reason"] == "identity"
    assert api.get(f"{PEOPLE}{person.pk}/").json()["name"] == "Wang Xiaoming"
    assert api.get(f"{MEMBERSHIPS}{cast.membership.pk}/").json()["person"]["is_masked"] is False
    assert part(signed_in(cast.auditor).get(f"{PEOPLE}{person.pk}/").json()) == MASKED
    again = api.post(f"{PEOPLE}{person.pk}/unmask/", {"reason": "claim", "words": WORDS}, format="json")
    assert again.json() == shown


@pytest.mark.parametrize("body", [{}, {"reason": "claim"}, {"reason": "claim", "words": "short"}, {"words": WORDS}])
def test_without_a_reason_it_is_400(cast: Cast, person: Person, body: dict[str, str]) -> None:
    assert signed_in(cast.reviewer).post(f"{PEOPLE}{person.pk}/unmask/", body, format="json").status_code == 400
    assert not Unmasking.objects.exists()


def test_what_forbids_it_is_named(cast: Cast, person: Person) -> None:
    own = make_person("Own", user=cast.reviewer)
    api = signed_in(cast.reviewer)
    body = {"reason": "claim", "words": WORDS}
    refused = api.post(f"{PEOPLE}{own.pk}/unmask/", body, format="json")
    assert (refused.status_code, refused.json()["code"]) == (403, "OwnHousehold")
    for number in range(MOST_AN_HOUR):
        unmask_person(person_id=make_person(f"P {number}").pk, **body, by=cast.reviewer)
    refused = api.post(f"{PEOPLE}{person.pk}/unmask/", body, format="json")
    assert (refused.status_code, refused.json()["code"]) == (429, "TooManyUnmaskings")


@pytest.mark.parametrize("count", [1, 3])
def test_memberships_take_as_many_queries_however_many(cast: Cast, django_assert_num_queries: Any, count: int) -> None:
    for _ in range(count - 1):
        make_membership(cast.plan, make_person())
    api = signed_in(cast.reviewer)
    assert cast.reviewer.roles
    with django_assert_num_queries(2):
        assert len(api.get(MEMBERSHIPS).json()["results"]) == count
