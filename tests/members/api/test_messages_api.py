"""The inbox, the choices of mail and the deliveries over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit import clock
from members.models import Delivery, User
from members.services.messages import tell_members
from tests.cast import Cast
from tests.factories import make_user
from tests.members.telling import REF, acted, brought_to, told_to

pytestmark = pytest.mark.django_db
INBOX, CHOICES, DELIVERIES = "/api/v1/inbox/", "/api/v1/mail-choices/", "/api/v1/deliveries/"


def get(client: Client, user: User, path: str, **headers: str) -> Any:
    client.force_login(user)
    return client.get(path, headers=headers)


def post(client: Client, user: User, path: str, given: Any = None) -> Any:
    client.force_login(user)
    return client.post(path, given or {}, content_type="application/json")


def test_the_inbox_is_listed_and_opened_without_a_trace_until_it_is_read(client: Client, cast: Cast) -> None:
    message = told_to(cast.member)
    brought_to(message, "taken")
    tell_members("test.to_all", members_of=cast.plan, counted_at=clock.now(), entry=acted(), ref="x")
    to_all, own = get(client, cast.member, INBOX).json()["results"]
    assert own["key"] == f"m/{message.public_id}"
    assert (own["subject"], own["is_read"]) == (f"About {REF}", False)
    assert own["due_at"] is not None
    assert to_all["key"].startswith("b/")
    shown = get(client, cast.member, f"{INBOX}{own['key']}/").json()
    assert shown["body"][0] == f"Something happened to {REF}."
    assert shown["sent"][0]["status"] == "taken"
    assert get(client, cast.member, f"{INBOX}unread/").json() == {"unread": 2}
    read = post(client, cast.member, f"{INBOX}{own['key']}/read/").json()
    assert (read["is_read"], read["sent"][0]["status"]) == (True, "delivered")
    assert get(client, cast.member, f"{INBOX}unread/").json() == {"unread": 1}
    assert post(client, cast.member, f"{INBOX}read-all/").json() == {"unread": 0}


def test_nobody_reads_what_is_somebody_elses(client: Client, cast: Cast) -> None:
    path = f"{INBOX}m/{told_to(cast.member).public_id}/"
    assert get(client, cast.outsider, path).status_code == 404
    assert post(client, cast.outsider, f"{path}read/").status_code == 404
    assert get(client, cast.outsider, INBOX).json()["results"] == []


def test_choices_are_read_and_made(client: Client, cast: Cast) -> None:
    kinds = {kind["name"]: kind for kind in get(client, cast.member, CHOICES).json()["kinds"]}
    assert kinds["test.told"]["is_owed"]
    assert kinds["test.optional"] == {
        "name": "test.optional",
        "words": "About …",
        "is_owed": False,
        "owed_for": None,
        "is_wanted": True,
    }
    given = {"language": "zh-hans", "wanted": ["test.to_all"]}
    chosen = client.put(CHOICES, given, content_type="application/json").json()
    assert chosen["language"] == "zh-hans"
    assert {kind["name"]: kind["is_wanted"] for kind in chosen["kinds"]}.items() >= {
        "test.told": True,
        "test.optional": False,
        "test.to_all": True,
    }.items()
    refused = client.put(CHOICES, given | {"wanted": ["test.told"]}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "MailNotOptional")
    assert client.put(CHOICES, {"language": "tlh"}, content_type="application/json").status_code == 400


def test_staff_list_what_did_not_get_through_and_send_it_again(client: Client, cast: Cast) -> None:
    failed = brought_to(told_to(cast.member), "failed", "550")
    brought_to(told_to(cast.member), "taken")
    (row,) = get(client, cast.auditor, DELIVERIES).json()["results"]
    assert (row["id"], row["fault"], row["kind"]) == (failed.pk, "550", "test.told")
    assert row["to_user"] == cast.member.audit_ref
    assert row["references"]["ref"] == REF
    assert not {"subject", "body", "email", "name"} & row.keys()
    assert len(get(client, cast.auditor, f"{DELIVERIES}?about={REF}").json()["results"]) == 2
    assert len(get(client, cast.auditor, f"{DELIVERIES}?status=taken").json()["results"]) == 1
    assert post(client, cast.auditor, f"{DELIVERIES}{failed.pk}/retry/").status_code == 403
    assert post(client, cast.reviewer, f"{DELIVERIES}{failed.pk}/retry/").json()["status"] == "waiting"
    again = post(client, cast.reviewer, f"{DELIVERIES}{failed.pk}/retry/")
    assert (again.status_code, again.json()["code"]) == (409, "DeliveryNotRepeatable")


def test_all_that_failed_alike_is_sent_again_at_once(client: Client, cast: Cast) -> None:
    for fault in ("550", "550", "no-address"):
        brought_to(told_to(make_user()), "failed", fault)
    given = {"channel": "email", "status": "failed", "fault": "550"}
    assert post(client, cast.reviewer, f"{DELIVERIES}retry-all/", given).json() == {"sent_again": 2}
    assert Delivery.objects.filter(status="failed").count() == 1
    assert post(client, cast.reviewer, f"{DELIVERIES}retry-all/", {"channel": "email"}).status_code == 400


@pytest.mark.parametrize(("path", "who"), [(DELIVERIES, "reviewer"), (INBOX, "member")])
def test_lists_cost_the_same_at_one_and_at_three(client: Client, cast: Cast, path: str, who: str) -> None:
    def queries() -> int:
        get(client, getattr(cast, who), path)
        with CaptureQueriesContext(connection) as found:
            get(client, getattr(cast, who), path)
        return len(found)

    brought_to(told_to(cast.member), "bounced", "550")
    first = queries()
    brought_to(told_to(cast.member), "bounced", "550")
    brought_to(told_to(cast.member), "failed", "550")
    assert queries() == first
