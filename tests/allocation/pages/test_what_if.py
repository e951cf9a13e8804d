"""The page that asks what other rules would have decided; reviewers and auditors."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from adjudication.models import Claim
from adjudication.selectors import what_if as limits
from members.models import PlanDraft
from members.services.plan_drafts import start_draft
from tests.adjudication.deciding import make_decided_claim
from tests.allocation.making import charge, make_members, publish
from tests.cast import Cast
from tests.factories import SHANGHAI
from tests.members.services.test_plan_drafts import next_version

pytestmark = pytest.mark.django_db
PAGE = "/board/plans/xhb/what-if/"
LOWER = 'amount = "300,000"', 'amount = "200,000"'


@pytest.fixture
def draft(cast: Cast) -> PlanDraft:
    """A period of two claims under the case cap, and a draft that pays less and has no such cap."""
    make_members(cast.plan, 18)
    for day in (1, 2):
        make_decided_claim(cast.version, decided_at=dt.datetime(2026, 3, day, tzinfo=SHANGHAI))
    charge(publish(cast.plan, dt.date(2026, 3, 7)))
    source = next_version(fee="8 %").replace(*LOWER).replace('per_head = "0.10"', 'per_head = "none"')
    return start_draft(source=source, by=cast.reviewer)


def as_(client: Client, user: object) -> Client:
    client.logout()
    if user is not None:
        client.force_login(user)  # type: ignore[arg-type]
    return client


@pytest.mark.parametrize("role", ["outsider", "member", "investigator", "professional"])
def test_others_are_kept_out(client: Client, cast: Cast, role: str) -> None:
    assert as_(client, cast.by_role()[role]).get(PAGE).status_code == 403


def test_before_anything_is_asked_there_is_only_the_form(client: Client, cast: Cast, draft: PlanDraft) -> None:
    text = as_(client, cast.auditor).get(PAGE).content.decode()
    assert f'value="draft-{draft.pk}"' in text
    assert 'value="version-2020-01-01"' in text
    assert 'value="2026-03-07"' in text
    assert "would be decided differently" not in text
    assert client.get("/board/plans/none/what-if/").status_code == 404


def test_claims_totals_and_shares_by_the_rules_of_a_draft(client: Client, cast: Cast, draft: PlanDraft) -> None:
    asked = {"against": f"draft-{draft.pk}"}
    text = as_(client, cast.reviewer).get(PAGE, asked).content.decode()
    assert "Of the last 2 decided claims, 2 would be decided differently." in text
    for claim in Claim.objects.filter(plan=cast.plan):
        assert f'href="/board/claims/{claim.ref}/"' in text
    assert "¥600,000.00 as decided" in text
    assert "¥400,000.00" in text
    # 21 members: 0.20 yuan each as charged; 2 × 200,000 × 1.08 / 21 without the cap.
    assert "¥0.20" in text
    assert "¥20,571.43" in text
    assert text.count("<svg") >= 2
    assert "aid of ¥200,000.00" in text
    chinese = client.get(PAGE, asked, headers={"accept-language": "zh-hans"}).content.decode()
    assert "互助金200,000.00 元" in chinese


def test_its_own_rules_decide_nothing_otherwise(client: Client, cast: Cast, draft: PlanDraft) -> None:
    text = as_(client, cast.auditor).get(PAGE, {"against": "version-2020-01-01"}).content.decode()
    assert "Of the last 2 decided claims, 0 would be decided differently." in text
    assert "¥0.20" in text


def test_narrowed(client: Client, cast: Cast, draft: PlanDraft) -> None:
    as_(client, cast.auditor)
    base = {"against": f"draft-{draft.pk}"}
    one = client.get(PAGE, base | {"since": "2026-03-02"}).content.decode()
    assert "Of the last 1 decided claims, 1" in one
    assert "No decided claim matches" in client.get(PAGE, base | {"status": "rejected"}).content.decode()
    assert "Of the last 2" in client.get(PAGE, base | {"period": "2026-03-07", "last": ""}).content.decode()


def test_more_than_fits_is_said(client: Client, cast: Cast, draft: PlanDraft) -> None:
    text = as_(client, cast.auditor).get(PAGE, {"against": f"draft-{draft.pk}", "last": 1}).content.decode()
    assert "2 claims match, and the last 1 to be decided were judged again; at most 500" in text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"against": "version-1999-01-01"}, "Select a valid choice"),
        ({"against": "version-2020-01-01", "last": limits.MOST_CLAIMS + 1}, "At most 500 claims are judged again"),
        ({"against": "version-2020-01-01", "since": "yesterday"}, "Write a day that exists"),
        ({"against": "version-2020-01-01", "period": "2026-03-08"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_asked_is_said(client: Client, cast: Cast, asked: dict[str, object], said: str) -> None:
    refused = as_(client, cast.auditor).get(PAGE, asked)
    assert refused.status_code == 422
    assert said in refused.content.decode()


def test_the_draft_s_page_gets_its_answer_in_one_line(client: Client, cast: Cast, draft: PlanDraft) -> None:
    as_(client, cast.other_reviewer)
    address = f"{PAGE}?against=draft-{draft.pk}"
    assert f'hx-get="{address}"' in client.get(reverse("plan_draft_detail", args=[draft.pk])).content.decode()
    line = client.get(address, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in line
    assert "Of the last 2 decided claims, 2 would be decided differently." in line
    assert "Aid: ¥600,000.00 → ¥400,000.00." in line
    assert f'href="{address}"' in line


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_the_same_for_any_number(client: Client, cast: Cast, number: int) -> None:
    for month in range(1, number + 1):
        make_decided_claim(cast.version, decided_at=dt.datetime(2026, month, 1, tzinfo=SHANGHAI))
        charge(publish(cast.plan, dt.date(2026, month, 7)))
    as_(client, cast.auditor)
    with CaptureQueriesContext(connection) as seen:
        client.get(PAGE, {"against": "version-2020-01-01"})
    assert len(seen) == 24
