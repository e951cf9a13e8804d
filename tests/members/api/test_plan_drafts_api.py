"""Plan drafts over the API: the same acts and refusals as on the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from members.models import PlanDraft, PlanVersion, User
from tests.cast import Cast
from tests.members.services.test_plan_drafts import next_version

pytestmark = pytest.mark.django_db
URL = "/api/v1/plan-drafts/"


def post(client: Client, user: User, path: str, **given: Any) -> Any:
    client.force_login(user)
    return client.post(f"{URL}{path}", given, content_type="application/json")


def test_the_whole_way(client: Client, cast: Cast) -> None:
    begun = post(client, cast.reviewer, "", based_on=cast.version.pk)
    assert begun.status_code == 201
    number = begun.json()["id"]
    assert begun.json()["source"] == cast.version.source
    wrong = post(client, cast.reviewer, f"{number}/save/", source=next_version(fee="much"), revision=1).json()
    assert wrong["problems"][0]["key"] == "money.fee"
    assert wrong["problems"][0]["line"] > 1
    assert wrong["differences"] == []
    saved = post(client, cast.reviewer, f"{number}/save/", source=next_version(), revision=2).json()
    assert saved["compared_with"] == "2020-01-01"
    assert {
        "path": "fee_bp",
        "kind": "changed",
        "en": "Management fee: 8 % → 10 %",
        "zh": "管理费：8 % → 10 %",
    } in saved["differences"]
    proposed = post(client, cast.reviewer, f"{number}/propose/", revision=3).json()
    assert (proposed["status"], proposed["proposed_by"]) == ("proposed", cast.reviewer.audit_ref)

    own = post(client, cast.reviewer, f"{number}/publish/", revision=3)
    assert (own.status_code, own.json()["code"]) == (403, "OwnProposal")
    unseen = post(client, cast.other_reviewer, f"{number}/publish/", revision=2)
    assert (unseen.status_code, unseen.json()["code"]) == (409, "DraftChanged")
    done = post(client, cast.other_reviewer, f"{number}/publish/", revision=3).json()
    assert (done["status"], done["version"]) == ("published", "2990-01-01")
    assert PlanVersion.objects.filter(label="2990-01-01").exists()


def test_sent_back_and_withdrawn(client: Client, cast: Cast) -> None:
    number = post(client, cast.reviewer, "", source=next_version()).json()["id"]
    post(client, cast.reviewer, f"{number}/propose/", revision=1)
    back = post(client, cast.other_reviewer, f"{number}/send-back/", remark="Why?").json()
    assert (back["status"], back["remark"], back["proposed_by"]) == ("drafting", "Why?", None)
    assert post(client, cast.reviewer, f"{number}/withdraw/").json()["status"] == "withdrawn"
    assert post(client, cast.reviewer, f"{number}/withdraw/").json()["code"] == "DraftClosed"


def test_nothing_given_is_refused(client: Client, cast: Cast) -> None:
    assert post(client, cast.reviewer, "").json()["code"] == "DraftEmpty"
    assert post(client, cast.reviewer, "", based_on=99999).status_code == 404
    assert not PlanDraft.objects.exists()


def test_auditors_read_and_others_see_nothing(client: Client, cast: Cast) -> None:
    number = post(client, cast.reviewer, "", source="not a plan").json()["id"]
    client.force_login(cast.auditor)
    [row] = client.get(URL).json()["results"]
    assert row["id"] == number
    assert "source" not in row
    assert client.get(f"{URL}{number}/").json()["problems"]
    assert post(client, cast.auditor, f"{number}/withdraw/").status_code == 403
    for role in ("member", "investigator", "professional", "outsider"):
        user = cast.by_role()[role]
        assert user is not None
        client.force_login(user)
        assert client.get(URL).status_code == 403
        assert client.get(f"{URL}{number}/").status_code == 403
