"""What-if over the API: the same answer as on the page."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from tests.adjudication.deciding import make_decided_claim
from tests.allocation.making import charge, publish
from tests.cast import Cast
from tests.factories import SHANGHAI, make_plan_version

pytestmark = pytest.mark.django_db
URL = "/api/v1/what-if/"


@pytest.fixture
def decided(cast: Cast) -> str:
    """A claim for a disease that came into the rules in 2020, paid by a period."""
    make_plan_version("xhb-2019-01-01")
    claim = make_decided_claim(
        cast.version, icd10="E75.2", disease="gaucher_disease", decided_at=dt.datetime(2026, 3, 1, tzinfo=SHANGHAI)
    )
    charge(publish(cast.plan, dt.date(2026, 3, 7)))
    return claim.ref


def test_the_whole_answer(client: Client, cast: Cast, decided: str) -> None:
    client.force_login(cast.auditor)
    answer = client.get(URL, {"plan": "xhb", "against": "version-2019-01-01"}).json()
    assert (answer["matching"], answer["looked_at"]) == (1, 1)
    assert (answer["approved_before"], answer["approved_after"]) == (1, 0)
    [one] = answer["otherwise"]
    assert (one["claim"], one["kind"], one["outcome_after"]) == (decided, "would_reject", "rejected")
    assert (one["aid_before_minor"], one["aid_after_minor"]) == (300_000_00, None)
    assert one["clauses"][0]["clause"] == "condition_covered"
    assert "E75.2" in one["clauses"][0]["sentence_en"]
    [period] = answer["periods"]
    assert (period["notice_on"], period["per_head_before_minor"], period["per_head_after_minor"]) == (
        "2026-03-07",
        10,
        0,
    )
    assert answer["unsure"] == []


@pytest.mark.parametrize("role", ["member", "investigator", "professional", "outsider"])
def test_others_are_kept_out(client: Client, cast: Cast, role: str) -> None:
    user = cast.by_role()[role]
    assert user is not None
    client.force_login(user)
    assert client.get(URL, {"plan": "xhb", "against": "version-2020-01-01"}).status_code == 403


@pytest.mark.parametrize(
    ("asked", "key"),
    [
        ({"against": "version-2020-01-01"}, "plan"),
        ({"plan": "xhb"}, "against"),
        ({"plan": "xhb", "against": "version-1"}, "against"),
        ({"plan": "xhb", "against": "version-2020-01-01", "last": "501"}, "last"),
    ],
)
def test_what_cannot_be_asked_is_said(client: Client, cast: Cast, asked: dict[str, str], key: str) -> None:
    client.force_login(cast.reviewer)
    refused = client.get(URL, asked)
    assert refused.status_code == 400
    assert key in refused.json()
