"""Placing and lifting a hold on the page of a claim."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.adjudication.making import make_claim
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_reviewer_places_and_lifts_a_hold(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.reviewer)
    page = client.post(reverse("hold", args=[claim.ref]), {"reason": "The hospital is asked."}, follow=True)
    assert "The hospital is asked." in page.content.decode()
    assert "Lift the hold" in page.content.decode()
    page = client.post(reverse("hold_lift", args=[claim.ref]), follow=True)
    assert "Put on hold" in page.content.decode()
    claim.refresh_from_db(fields=["hold_reason"])
    assert claim.hold_reason == ""


def test_the_member_reads_why(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.reviewer)
    client.post(reverse("hold", args=[claim.ref]), {"reason": "The hospital is asked."})
    client.force_login(cast.member)
    assert "The hospital is asked." in client.get(reverse("claim_detail", args=[claim.ref])).content.decode()


def test_a_hold_without_a_reason_is_refused(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.reviewer)
    page = client.post(reverse("hold", args=[claim.ref]), {"reason": ""})
    assert page.status_code == 422
    assert "the member must know" in page.content.decode()


def test_a_second_hold_keeps_what_was_typed(client: Client, cast: Cast) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(cast.reviewer)
    client.post(reverse("hold", args=[claim.ref]), {"reason": "First."})
    page = client.post(reverse("hold", args=[claim.ref]), {"reason": "Second words."})
    assert page.status_code == 409
    assert "Second words." in page.content.decode()


@pytest.mark.parametrize("who", ["member", "investigator", "auditor", "outsider"])
def test_only_reviewers_place_holds(client: Client, cast: Cast, who: str) -> None:
    claim = make_claim(cast.membership, cast.member)
    client.force_login(getattr(cast, who))
    assert client.post(reverse("hold", args=[claim.ref]), {"reason": "Mine."}).status_code == 403
    assert client.post(reverse("hold_lift", args=[claim.ref])).status_code == 403
