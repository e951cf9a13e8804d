"""Claims over the API."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from adjudication.models import Claim
from audit.models import Entry
from tests.adjudication.making import days_ago, make_claim, taken
from tests.cast import Cast
from tests.factories import make_membership, make_person

LIST = "/api/v1/claims/"
JSON = "application/json"


def facts(cast: Cast, **changed: Any) -> dict[str, Any]:
    return {
        "membership": cast.membership.pk,
        "icd10": "c50.9",
        "severity": "severe",
        "first_diagnosed_on": days_ago(30).isoformat(),
        "hospital": "Ruijin",
    } | changed


def test_each_role_lists_what_it_may_see(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    assert client.get(LIST).status_code in {401, 403}
    in_clear = (cast.membership.person.name, claim.hospital, claim.account)
    masked, unnamed = ("W*** X***", None, None), (None, None, None)
    expected = {
        "member": (in_clear, in_clear),
        "investigator": (unnamed, unnamed),
        "reviewer": (masked, in_clear),
        "auditor": (masked, in_clear),
    }
    for role, user in cast.by_role().items():
        if user is None:
            continue
        client.force_login(user)
        rows = client.get(LIST).json()["results"]
        detail = client.get(f"{LIST}{claim.ref}/")
        if role not in expected:
            assert (rows, detail.status_code) == ([], 404), role
            continue
        for shown, personal in zip((rows[0], detail.json()), expected[role], strict=True):
            assert shown["ref"] == claim.ref
            assert (shown["person"], shown["hospital"], shown["account"]) == personal, role
        assert bool(detail.json()["clauses"]) is (role != "investigator"), role


def test_opening_a_claim_by_reference_is_recorded_for_staff_who_do_not_know_its_person(
    client: Client, cast: Cast
) -> None:
    claim = make_claim(cast.membership, cast.member)
    for user in (cast.member, cast.investigator, cast.reviewer, cast.auditor):
        client.force_login(user)
        client.get(LIST)
        client.get(f"{LIST}{claim.ref}/")
    viewed = Entry.objects.filter(kind="claim.viewed", stream=claim.stream).order_by("pk")
    assert [entry.actor for entry in viewed] == [cast.reviewer.audit_ref, cast.auditor.audit_ref]


def test_the_investigator_who_took_it_sees_the_name(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    taken(claim, cast.investigator)
    client.force_login(cast.investigator)
    assert client.get(f"{LIST}{claim.ref}/").json()["person"] == cast.membership.person.name
    client.force_login(cast.other_investigator)
    assert client.get(f"{LIST}{claim.ref}/").status_code == 404


def test_one_claim_is_shown_in_full(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.member)
    shown = client.get(f"{LIST}{claim.ref}/").json()
    assert shown["next_step"]["title"] == "Waiting for an investigator"
    assert [event["title"] for event in shown["timeline"]] == ["Claim filed"]
    assert shown["decision"] is None
    assert shown["plan_version"] == cast.version.label
    assert {finding["clause"] for finding in shown["clauses"]} >= {"waiting_period", "age"}


def test_a_claim_is_filed(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    answer = client.post(LIST, facts(cast), content_type=JSON)
    assert answer.status_code == 201
    claim = Claim.objects.get()
    assert answer.json()["ref"] == claim.ref
    assert (claim.icd10, claim.filed_by) == ("C50.9", cast.member)
    again = client.post(LIST, facts(cast), content_type=JSON)
    assert (again.status_code, again.json()["code"]) == (409, "ClaimAlreadyOpen")
    assert claim.ref in again.json()["detail"]


@pytest.mark.parametrize(
    ("changed", "status", "named"),
    [
        ({"first_diagnosed_on": "2999-01-01"}, 409, "DiagnosisInFuture"),
        ({"first_diagnosed_on": "1950-01-01"}, 409, "DiagnosisBeforeBirth"),
        ({"first_diagnosed_on": "2001-01-01"}, 409, "DiagnosedBeforeJoining"),
        ({"icd10": "C99"}, 400, "UnknownCode"),
        ({"first_diagnosed_on": "2025-02-31"}, 400, "first_diagnosed_on"),
        ({"severity": "odd"}, 400, "severity"),
        ({"hospital": ""}, 400, "hospital"),
        ({"membership": 0}, 400, "membership"),
        ({"membership": "x"}, 400, "membership"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(
    client: Client, cast: Cast, changed: dict[str, Any], status: int, named: str
) -> None:
    client.force_login(cast.member)
    answer = client.post(LIST, facts(cast, **changed), content_type=JSON)
    assert answer.status_code == status
    body = answer.json()
    assert body.get("code") == named or named in body
    assert not Claim.objects.exists()


def test_a_code_of_a_national_edition_is_mapped_and_kept(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    filed = client.post(LIST, facts(cast, icd10="C16.900x001"), content_type=JSON)
    assert (filed.json()["icd10"], filed.json()["icd10_given"]) == ("C16.9", "C16.900x001")


def test_filing_for_a_stranger_is_refused(client: Client, cast: Cast) -> None:
    for user, status in ((cast.outsider, 400), (cast.investigator, 400), (cast.auditor, 403)):
        client.force_login(user)
        assert client.post(LIST, facts(cast), content_type=JSON).status_code == status
    assert not Claim.objects.exists()


def test_a_claim_is_withdrawn_by_its_member_alone(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    address = f"{LIST}{claim.ref}/withdraw/"
    for user, status in ((cast.outsider, 404), (cast.investigator, 403), (cast.reviewer, 403), (cast.auditor, 403)):
        client.force_login(user)
        assert client.post(address).status_code == status
    assert Claim.objects.get().status == "submitted"
    client.force_login(cast.member)
    assert client.post(address).json()["status"] == "withdrawn"
    again = client.post(address)
    assert (again.status_code, again.json()["code"]) == (409, "ClaimNotWithdrawable")
    assert client.get(address).status_code == 405


def test_the_list_is_filtered(client: Client, cast: Cast) -> None:
    make_claim(cast.membership, cast.member)
    client.force_login(cast.reviewer)
    for query, count in (("status=submitted", 1), ("status=paid", 0), ("plan=xhb", 1), ("plan=other", 0)):
        assert len(client.get(f"{LIST}?{query}").json()["results"]) == count, query
    assert client.get(f"{LIST}?status=odd").status_code == 400


def test_the_list_costs_the_same_for_one_and_for_three(
    client: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_claim(cast.membership, cast.member)
    client.force_login(cast.reviewer)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    for name in ("Li Lei", "Han Mei"):
        make_claim(make_membership(cast.plan, make_person(name, dt.date(1990, 1, 1))), cast.reviewer)
    with django_assert_num_queries(len(one)):
        assert len(client.get(LIST).json()["results"]) == 3
