"""Plans, people and memberships over the API: the same rules as on the pages."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from audit.models import Entry
from members.models import Membership, Person
from tests.bent import bend
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_version_from
from tests.members.rules.published_plans import published_plans

pytestmark = pytest.mark.django_db
JOIN = "/api/v1/plans/xhb/join/"
ANSWERS = {
    "medicine_30_days": False,
    "hospital_15_days": False,
    "covered_condition": False,
    "open_examination": False,
}
NEW = {"name": "Xu Mei", "born_on": "1990-02-03"}


@pytest.fixture
def api() -> APIClient:
    return APIClient()


def signed_in(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_plans_and_versions_are_public(api: APIClient, cast: Cast) -> None:
    assert [plan["code"] for plan in api.get("/api/v1/plans/").json()["results"]] == ["xhb"]
    assert api.get("/api/v1/plans/xhb/").json()["currency"] == "CNY"
    listed = api.get("/api/v1/plan-versions/?plan__code=xhb").json()["results"]
    assert [(one["label"], one["digest"]) for one in listed] == [("2020-01-01", cast.version.digest)]
    assert api.get("/api/v1/plan-versions/?plan__code=other").json()["results"] == []
    one = api.get(f"/api/v1/plan-versions/{listed[0]['id']}/").json()
    assert one["rules"]["fee_bp"] == 800
    assert one["source"] == cast.version.source
    assert one["revision"] == one["rules"]["revision"] == one["rules"]["format"] == 3


def test_the_rules_are_whole_and_their_digest_is_that_of_the_canonical_form(api: APIClient) -> None:
    [old] = [one for one in published_plans() if (one.commit, one.file) == ("e69d7b6", "xhb-2018-11-27.toml")]
    version = make_version_from(old.text, digest=old.digest)
    one = api.get(f"/api/v1/plan-versions/{version.pk}/").json()
    assert hashlib.sha256(one["canonical"].encode()).hexdigest() == one["digest"] == old.digest
    assert "sponsor" not in json.loads(one["canonical"])
    assert one["rules"]["sponsor"]["bears"]


def test_anybody_asks_whether_an_illness_is_covered(api: APIClient, cast: Cast) -> None:
    version = api.get("/api/v1/plan-versions/?plan__code=xhb").json()["results"][0]["id"]
    first = api.get(f"/api/v1/plan-versions/{version}/cover/?illness=C73").json()[0]
    assert first["icd10"] == "C73"
    assert first["condition"] == {"code": "malignant_tumour", "clause": "4.1"}
    assert first["severities"] == ["severe"]
    assert first["excluded"] == [{"severity": "mild", "exclusion": {"code": "mild_thyroid_cancer", "clause": "5.1"}}]
    assert api.get(f"/api/v1/plan-versions/{version}/cover/").status_code == 400


def test_joining_needs_a_log_in(api: APIClient, cast: Cast) -> None:
    assert api.post(JOIN, {"health_answers": ANSWERS}, format="json").status_code == 403
    assert not Entry.objects.exists()


def test_somebody_new_joins_and_then_their_child(cast: Cast) -> None:
    api = signed_in(cast.outsider)
    made = api.post(JOIN, {"new_person": NEW, "health_answers": ANSWERS}, format="json")
    assert made.status_code == 201
    assert made.json()["plan"] == "xhb"
    child = {"name": "Xu Bao", "born_on": "2015-06-01"}
    body = {"new_person": child, "is_dependant": True, "health_answers": ANSWERS}
    paid_for = api.post(JOIN, body, format="json").json()
    assert paid_for["person"]["payer"] == made.json()["person"]["public_id"]
    assert len(api.get("/api/v1/memberships/").json()["results"]) == 2
    assert api.get("/api/v1/people/me/").json()["name"] == "Xu Mei"


def test_a_registered_relative_joins_by_number(cast: Cast) -> None:
    relative = make_person(payer=cast.membership.person)
    made = signed_in(cast.member).post(JOIN, {"person": relative.pk, "health_answers": ANSWERS}, format="json")
    assert made.status_code == 201
    assert Membership.objects.get(person=relative).plan == cast.plan


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"new_person": NEW | {"born_on": "1950-01-01"}}, 409, "TooOldToJoin"),
        ({"new_person": NEW | {"born_on": "2999-01-01"}}, 400, "BirthImpossible"),
        ({"health_answers": ANSWERS | {"covered_condition": True}}, 409, "HealthStatementForbids"),
        ({"health_answers": {}}, 400, "HealthStatementIncomplete"),
        ({"is_dependant": True}, 409, "PayerNotRegistered"),
    ],
)
def test_what_forbids_joining_is_named(cast: Cast, changes: dict[str, Any], status: int, code: str) -> None:
    body = {"new_person": NEW, "health_answers": ANSWERS} | changes
    response = signed_in(cast.outsider).post(JOIN, body, format="json")
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.json()["detail"]
    assert Person.objects.count() == 1


def test_errors_come_in_the_language_asked_for(cast: Cast) -> None:
    body = {"new_person": NEW, "health_answers": ANSWERS | {"covered_condition": True}}
    response = signed_in(cast.outsider).post(JOIN, body, format="json", HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert "是否曾有医生告知您患有本计划互助范围内的任何疾病" in response.json()["detail"]


@pytest.mark.parametrize("body", [{}, {"new_person": {"name": "X"}, "health_answers": ANSWERS}])
def test_an_incomplete_request_is_400(cast: Cast, body: dict[str, Any]) -> None:
    assert signed_in(cast.outsider).post(JOIN, body, format="json").status_code == 400


def test_others_are_not_found(cast: Cast) -> None:
    api = signed_in(cast.outsider)
    assert api.get("/api/v1/memberships/").json()["results"] == []
    assert api.get("/api/v1/people/").json()["results"] == []
    assert api.get("/api/v1/people/me/").status_code == 404
    assert api.get(f"/api/v1/memberships/{cast.membership.pk}/").status_code == 404
    assert api.post(f"/api/v1/memberships/{cast.membership.pk}/leave/").status_code == 404
    body = {"person": cast.membership.person.pk, "health_answers": ANSWERS}
    assert api.post(JOIN, body, format="json").status_code == 404
    assert api.post(JOIN, {"health_answers": ANSWERS}, format="json").status_code == 404


def test_staff_see_all_and_act_for_nobody(cast: Cast) -> None:
    for user in (cast.reviewer, cast.auditor):
        api = signed_in(user)
        assert len(api.get("/api/v1/memberships/").json()["results"]) == 1
        assert api.post(f"/api/v1/memberships/{cast.membership.pk}/leave/").status_code == 403
        body = {"person": make_person().pk, "health_answers": ANSWERS}
        assert api.post(JOIN, body, format="json").status_code == 403
    cast.membership.refresh_from_db()
    assert cast.membership.left_at is None


def test_leaving(cast: Cast) -> None:
    api = signed_in(cast.member)
    left = api.post(f"/api/v1/memberships/{cast.membership.pk}/leave/")
    assert left.status_code == 200
    assert left.json()["end_reason"] == "left"
    again = api.post(f"/api/v1/memberships/{cast.membership.pk}/leave/")
    assert (again.status_code, again.json()["code"]) == (409, "MembershipEnded")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_the_same_queries(cast: Cast, django_assert_num_queries: Any, count: int) -> None:
    for _ in range(count):
        make_membership(cast.plan, make_person(payer=cast.membership.person))
    api = signed_in(cast.member)
    with django_assert_num_queries(2):  # roles, memberships
        assert len(api.get("/api/v1/memberships/").json()["results"]) == count + 1


def test_identity_phone_and_address_are_never_in_it(cast: Cast) -> None:
    person = cast.membership.person
    person.phone, person.address, person.employer, person.id_number = "13987654321", "9 Hill", "Mill & Co", "ID-9"
    bend(person)
    for user, name in ((cast.member, person.name), (cast.auditor, "W*** X***")):
        text = signed_in(user).get(f"/api/v1/people/{person.pk}/").content.decode()
        assert name in text
        for secret in ("13987654321", "9 Hill", "Mill", "ID-9"):
            assert secret not in text


def test_half_a_character_is_a_bad_request(cast: Cast) -> None:
    api = signed_in(cast.outsider)
    answer = api.post(JOIN, data='{"person": {"name": "Xu \\ud800"}}', content_type="application/json")
    assert answer.status_code == 400
    assert "half a character" in answer.json()["detail"]
