"""Periods, statements and ledger over the API: the same rules as on the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from allocation.models import Payout, Period
from allocation.selectors.periods import next_notice_day
from members.models import User
from tests.allocation.making import charge, its_charge_day, its_notice_day, make_approved_claim, publish, reject
from tests.allocation.stage import Stage

PERIODS = "/api/v1/periods/"
PREVIEW = "/api/v1/periods/preview/"
PUBLISH = "/api/v1/periods/publish/"
LEDGER = "/api/v1/ledger/"


def signed_in(user: User | None) -> APIClient:
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    return client


def body(stage: Stage) -> dict[str, Any]:
    return {"plan": "xhb", "notice_on": str(next_notice_day(stage.cast.plan))}


def test_periods_are_public(stage: Stage) -> None:
    period = stage.paid()
    api = signed_in(None)
    [listed] = api.get(PERIODS).json()["results"]
    assert (listed["plan"], listed["status"], listed["claims_paid"]) == ("xhb", "settled", 1)
    assert listed["per_head_minor"] == period.per_head_minor
    assert api.get(PERIODS, {"plan": "other"}).json()["results"] == []
    assert len(api.get(PERIODS, {"plan": "xhb", "notice_on": str(period.notice_on)}).json()["results"]) == 1
    found = api.get(f"{PERIODS}{period.pk}/").json()
    assert found["lines"][0]["masked_name"] == "W*** X***"
    assert found["lines"][0]["illness_zh"] == "恶性肿瘤"
    assert "Xiaoming" not in str(found)
    assert found["shares"][0]["per_member_minor"] == 10
    assert found["proof"] == {"income_minor": 10_80, "outgo_minor": 10_80, "conserves": True}
    assert found["notice_figures"]["aid_minor"] == 10_00
    assert api.get(f"{PERIODS}{period.pk + 1}/").status_code == 404


def test_a_claim_that_left_is_told_with_both_figures(stage: Stage) -> None:
    other = make_approved_claim(stage.cast.version, 20_00)
    period = stage.noticed()
    reject(other)
    charge(period)
    found = signed_in(None).get(f"{PERIODS}{period.pk}/").json()
    assert {line["claim"]: line["left_because"] for line in found["lines"]} == {
        stage.claim.ref: "",
        other.ref: "no_longer_approved",
    }
    assert (found["aid_minor"], found["notice_figures"]["aid_minor"]) == (10_00, 30_00)


def test_a_reviewer_previews_publishes_and_charges(stage: Stage) -> None:
    api = signed_in(stage.cast.reviewer)
    its_notice_day(stage.cast.plan)
    seen = api.get(PREVIEW, {"plan": "xhb"}).json()
    assert seen["claims"] == [{"claim": stage.claim.ref, "aid_minor": 10_00}]
    assert (seen["members"], seen["per_head_minor"], seen["proof"]["conserves"]) == (22, 10, True)
    made = api.post(PUBLISH, {"plan": "xhb", "notice_on": seen["notice_on"]}, format="json")
    assert made.status_code == 201
    assert made.json()["status"] == "noticed"
    its_charge_day(Period.objects.get())
    charged = api.post(f"{PERIODS}{made.json()['id']}/charge/")
    assert (charged.status_code, charged.json()["status"]) == (200, "charged")


def test_twice_is_refused_with_the_fact_s_name(stage: Stage) -> None:
    api, other = signed_in(stage.cast.reviewer), signed_in(stage.cast.other_reviewer)
    its_notice_day(stage.cast.plan)
    asked = body(stage)
    period_id = api.post(PUBLISH, asked, format="json").json()["id"]
    second = other.post(PUBLISH, asked, format="json")
    assert (second.status_code, second.json()["code"]) == (409, "NoticeOutOfOrder")
    assert "already published" in second.json()["detail"]
    its_charge_day(Period.objects.get())
    api.post(f"{PERIODS}{period_id}/charge/")
    again = other.post(f"{PERIODS}{period_id}/charge/")
    assert (again.status_code, again.json()["code"]) == (409, "AlreadyCharged")
    assert Payout.objects.count() == 1
    assert Period.objects.get().charged_by == stage.cast.reviewer


def test_the_day_must_have_come(stage: Stage) -> None:
    stage.charged()
    refused = signed_in(stage.cast.reviewer).post(PUBLISH, body(stage), format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "NoticeTooEarly")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 400),
        ({"plan": "xhb", "notice_on": "2024-02-30"}, 400),
        ({"plan": "none", "notice_on": "2024-12-07"}, 404),
        ({"plan": "xhb", "notice_on": "2024-12-08"}, 409),
    ],
)
def test_what_makes_no_sense_is_refused(stage: Stage, sent: dict[str, str], status: int) -> None:
    assert signed_in(stage.cast.reviewer).post(PUBLISH, sent, format="json").status_code == status
    assert not Period.objects.exists()


@pytest.mark.parametrize("role", ["anonymous", "outsider", "member", "investigator", "professional", "auditor"])
def test_only_reviewers_act(stage: Stage, role: str) -> None:
    api = signed_in(stage.cast.by_role()[role])
    assert api.get(PREVIEW, {"plan": "xhb"}).status_code == 403
    assert api.post(PUBLISH, body(stage), format="json").status_code == 403
    period = stage.noticed()
    assert api.post(f"{PERIODS}{period.pk}/charge/").status_code == 403
    assert Period.objects.get().status == "noticed"


def test_statements_are_one_s_own(stage: Stage) -> None:
    period = stage.charged()
    [statement] = signed_in(stage.cast.member).get("/api/v1/statements/").json()
    assert statement["membership"] == stage.cast.membership.pk
    [line] = statement["lines"]
    assert (line["period"], line["share_minor"], line["year_to_date_minor"]) == (period.pk, 10, 10)
    assert (statement["annual_cap_minor"], statement["year"]) == (None, period.notice_on.year)
    for role in ("anonymous", "outsider", "reviewer", "auditor"):
        assert signed_in(stage.cast.by_role()[role]).get("/api/v1/statements/").status_code == 403


def test_the_ledger_is_for_reviewers_and_auditors(stage: Stage) -> None:
    period = stage.paid()
    for user in (stage.cast.reviewer, stage.cast.auditor):
        api = signed_in(user)
        balance = api.get(LEDGER, {"plan": "xhb"}).json()
        assert balance["difference_minor"] == 0
        assert sum(account["balance_minor"] for account in balance["accounts"]) == 0
        listed = api.get(f"{LEDGER}transactions/", {"plan": "xhb", "period": period.pk}).json()["results"]
        assert [one["kind"] for one in listed] == ["payout", "collection", "charge"]
        assert all(sum(posting["amount_minor"] for posting in one["postings"]) == 0 for one in listed)
        assert api.get(f"{LEDGER}transactions/", {"plan": "other"}).json()["results"] == []
        assert api.get(LEDGER).status_code == 400
        assert api.get(LEDGER, {"plan": "none"}).status_code == 404
    for role in ("anonymous", "outsider", "member", "investigator", "professional"):
        api = signed_in(stage.cast.by_role()[role])
        assert api.get(LEDGER, {"plan": "xhb"}).status_code == 403
        assert api.get(f"{LEDGER}transactions/").status_code == 403


def test_queries_do_not_grow_with_rows(stage: Stage) -> None:
    api, reviewer = signed_in(None), signed_in(stage.cast.reviewer)
    counts = []
    for _each in range(3):
        period = charge(publish(stage.cast.plan))
        stage.more_claims(3)
        with CaptureQueriesContext(connection) as queries:
            api.get(PERIODS)
            api.get(f"{PERIODS}{period.pk}/")
            reviewer.get(f"{LEDGER}transactions/")
        counts.append(len(queries))
    assert counts[1] == counts[2] <= 20
