"""Joining, coming back and moving over the API: the same rules as on the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from audit import clock
from members.models import Membership, Person, PlanVersion
from members.rules.plans import first_notice_after
from members.selectors.plans import version_in_force
from members.services.memberships import leave_plan
from tests.bent import bend_all
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_plan_version

pytestmark = pytest.mark.django_db
WELL = {"medicine_30_days": False, "hospital_15_days": False, "covered_condition": False, "open_examination": False}
STATEMENT = {f"health_{code}": "no" for code in WELL} | {"is_signed": "on"}


def signed_in(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def senior(cast: Cast) -> PlanVersion:
    return make_plan_version("xhb-senior-2019-05-01")


@pytest.fixture
def elder(cast: Cast, senior: PlanVersion) -> Membership:
    today = timezone.localdate(clock.now())
    return make_membership(
        cast.plan, make_person("Elder", today.replace(year=today.year - 62, day=1), payer=cast.membership.person)
    )


def test_the_moves_of_a_membership_with_what_they_ask(cast: Cast, elder: Membership) -> None:
    [option] = signed_in(cast.member).get(f"/api/v1/memberships/{elder.pk}/moves/").json()
    assert option == {
        "plan": "xhb-senior",
        "version": "2019-05-01",
        "kind": "transfer",
        "youngest_years": 60,
        "oldest_years": 70,
        "asks_health_statement": True,
        "counts_wait": True,
        "health_questions": list(WELL),
        "is_possible": True,
        "refusal": "",
    }
    [option] = signed_in(cast.member).get(f"/api/v1/memberships/{cast.membership.pk}/moves/").json()
    assert not option["is_possible"]
    assert "from the age of 60 on" in option["refusal"]


def test_moving(cast: Cast, elder: Membership) -> None:
    address = f"/api/v1/memberships/{elder.pk}/move/"
    api = signed_in(cast.member)
    body = {"plan": "xhb-senior", "health_answers": WELL}
    ill = api.post(address, body | {"health_answers": WELL | {"covered_condition": True}}, format="json")
    assert (ill.status_code, ill.json()["code"]) == (409, "HealthStatementForbids")
    assert api.post(address, {"plan": "none"}, format="json").status_code == 404
    assert api.post(address, {}, format="json").status_code == 400
    young = api.post(f"/api/v1/memberships/{cast.membership.pk}/move/", body, format="json")
    assert (young.status_code, young.json()["code"]) == (409, "TooYoungToMove")
    for user in (cast.outsider, cast.reviewer, cast.auditor):
        assert signed_in(user).post(address, body, format="json").status_code == 404
    made = api.post(address, body, format="json")
    assert made.status_code == 201
    assert (made.json()["plan"], made.json()["moved_from"], made.json()["carried_minor"]) == (
        "xhb-senior",
        elder.pk,
        0,
    )
    again = api.post(address, body, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "MembershipEnded")
    assert APIClient().post(address, body, format="json").status_code == 403


def test_the_family_with_its_memberships(cast: Cast, elder: Membership) -> None:
    api = signed_in(cast.member)
    [relative] = api.get("/api/v1/people/family/").json()
    assert relative["name"] == "Elder"
    assert [one["id"] for one in relative["memberships"]] == [elder.pk]
    assert signed_in(cast.outsider).get("/api/v1/people/family/").json() == []
    counts = []
    for _each in range(2):
        make_membership(cast.plan, make_person(payer=cast.membership.person))
        with CaptureQueriesContext(connection) as queries:
            api.get("/api/v1/people/family/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def _paid(membership: Membership, amount_minor: int) -> None:
    """As after charges of the calendar year in which somebody who joins now is first counted."""
    version = version_in_force(membership.plan, clock.now())
    assert version is not None
    first_notice_on = first_notice_after(version.rules, clock.now()).replace(month=1, day=7)
    bend_all(Membership.objects.filter(pk=membership.pk), first_notice_on=first_notice_on, carried_minor=amount_minor)


@pytest.mark.parametrize("way", ["page", "api", "family page", "family api"])
def test_whichever_way_somebody_comes_back_they_carry_what_they_paid(client: Client, cast: Cast, way: str) -> None:
    person: Person = cast.membership.person
    left = cast.membership
    if "family" in way:
        person = make_person(payer=person)
        left = make_membership(cast.plan, person)
    _paid(left, 77_15)
    leave_plan(membership_id=left.pk, by=cast.member)
    if "page" in way:
        client.force_login(cast.member)
        address = "/plans/xhb/join/" + (f"?for={person.pk}" if "family" in way else "")
        assert client.post(address, STATEMENT).status_code == 302
    else:
        body = {"health_answers": WELL} | ({"person": person.pk} if "family" in way else {})
        assert signed_in(cast.member).post("/api/v1/plans/xhb/join/", body, format="json").status_code == 201
    again = Membership.objects.get(person=person, left_at=None)
    assert (again.carried_minor, again.waits_from) == (77_15, again.joined_at)
