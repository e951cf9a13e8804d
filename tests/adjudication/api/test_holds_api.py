"""Holds over the API."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from adjudication.models import Claim
from adjudication.services.holds import place_hold
from audit import clock
from tests.adjudication.making import make_claim
from tests.cast import Cast
from tests.factories import make_membership

LIST = "/api/v1/holds/"


def test_a_reviewer_places_renews_and_lifts_one(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.reviewer)
    placed = client.post(LIST, {"claim": claim.ref, "reason": "The hospital asks."}, content_type="application/json")
    assert (placed.status_code, placed.json()["reason"]) == (201, "The hospital asks.")
    assert placed.json()["until"] > clock.now().isoformat()
    again = client.post(LIST, {"claim": claim.ref, "reason": "Once more."}, content_type="application/json")
    assert (again.status_code, again.json()["code"]) == (409, "ClaimOnHold")
    [found] = client.get(LIST).json()["results"]
    assert found == placed.json()

    renewed = client.post(f"{LIST}{claim.ref}/renew/", {"reason": "No answer."}, content_type="application/json")
    assert (renewed.status_code, renewed.json()["reason"]) == (200, "No answer.")
    assert renewed.json()["since"] == placed.json()["since"]
    assert client.post(f"{LIST}{claim.ref}/lift/").status_code == 204
    assert Claim.objects.get().hold_reason == ""
    assert client.get(LIST).json()["results"] == []
    for act in ("lift", "renew"):
        late = client.post(f"{LIST}{claim.ref}/{act}/", {"reason": "Late."}, content_type="application/json")
        assert (late.status_code, late.json()["code"]) == (409, "ClaimNotOnHold")


def test_a_hold_needs_a_claim_and_a_reason(client: Client, cast: Cast) -> None:
    client.force_login(cast.reviewer)
    for given in ({"claim": "C26-NOBODY", "reason": "Why."}, {"claim": "C26-NOBODY"}, {"reason": "Why."}):
        assert client.post(LIST, given, content_type="application/json").status_code in {400, 404, 409}
    claim = make_claim(cast.membership, cast.member)
    for reason in ("", " ", "x" * 201):
        refused = client.post(LIST, {"claim": claim.ref, "reason": reason}, content_type="application/json")
        assert refused.status_code == 400
    client.force_login(cast.auditor)
    assert client.get(LIST).status_code == 200
    assert client.post(LIST, {"claim": claim.ref, "reason": "Why."}, content_type="application/json").status_code == 403
    assert Claim.objects.get().hold_reason == ""


def test_as_many_queries_for_three_as_for_one(client: Client, cast: Cast) -> None:
    client.force_login(cast.reviewer)
    counts = []
    for number in (1, 2):
        for _more in range(number):
            membership = make_membership(cast.plan)
            claim = make_claim(membership, cast.reviewer)
            place_hold(claim_ref=claim.ref, reason="Asked.", by=cast.other_reviewer)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(LIST).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
