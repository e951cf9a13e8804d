"""Reading the log: selectors, the page, the API."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from audit.selectors import EntryFilter, entries_visible_to, facts_of, filtered, page_of, stream_of
from audit.services import append
from tests.cast import Cast
from tests.factories import make_user, take_roles_back
from tests.moving import PLAYED_AT

pytestmark = [pytest.mark.django_db, pytest.mark.bare_entries]
LOG = "/audit/"
API = "/api/v1/audit-entries/"
NOT_AUDITORS = ["outsider", "member", "investigator", "professional", "reviewer"]


@pytest.fixture
def entries(cast: Cast) -> list[Entry]:
    """Acts on two claims and a panel."""
    return [
        append(kind="claim.submitted", stream="claim:C26-AAAAAA", by=cast.member, body={"plan": "xhb"}),
        append(kind="claim.withdrawn", stream="claim:C26-AAAAAA", by=cast.member),
        append(kind="claim.submitted", stream="claim:C26-BBBBBB", by=SYSTEM, body={"nested": {"list": [1, 2]}}),
        append(kind="panel.closed", stream="panel:7", by=SYSTEM, body={"counted": 7}),
    ]


@pytest.mark.parametrize("role", [*NOT_AUDITORS, "anonymous"])
def test_only_auditors_see_entries(cast: Cast, entries: list[Entry], role: str) -> None:
    user = cast.by_role()[role] or AnonymousUser()
    assert not entries_visible_to(user).exists()
    assert entries_visible_to(cast.auditor).count() == len(entries)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (EntryFilter(), [3, 2, 1, 0]),
        (EntryFilter(stream="C26-AAAAAA"), [1, 0]),
        (EntryFilter(stream="c26-aaaaaa "), [1, 0]),
        (EntryFilter(stream="panel:7"), [3]),
        (EntryFilter(kind="claim."), [2, 1, 0]),
        (EntryFilter(kind="claim.submitted"), [2, 0]),
        (EntryFilter(actor="system:assize"), [3, 2]),
        (EntryFilter(stream="C26-BBBBBB", actor="user:0"), []),
        (EntryFilter(since=PLAYED_AT + dt.timedelta(hours=1)), []),
        (EntryFilter(until=PLAYED_AT - dt.timedelta(hours=1)), []),
        (EntryFilter(since=PLAYED_AT - dt.timedelta(days=1)), [3, 2, 1, 0]),
    ],
)
def test_filters(entries: list[Entry], wanted: EntryFilter, found: list[int]) -> None:
    page = page_of(filtered(Entry.objects.all(), wanted))
    assert [one.pk for one in page.entries] == [entries[number].pk for number in found]


def test_pages_are_cut_by_id_and_miss_nothing(entries: list[Entry]) -> None:
    first = page_of(Entry.objects.all(), size=3)
    assert [one.pk for one in first.entries] == [one.pk for one in entries[:0:-1]]
    assert first.older_than == entries[1].pk
    append(kind="x.y", stream="x:1", by=SYSTEM)  # what comes meanwhile doesn't shift the next page
    second = page_of(Entry.objects.all(), before=first.older_than, size=3)
    assert [one.pk for one in second.entries] == [entries[0].pk]
    assert second.older_than is None
    assert page_of(Entry.objects.filter(pk__in=[one.pk for one in entries]), size=4).older_than is None


def test_facts_are_names_and_values() -> None:
    body = {"a": "x", "b": {"c": [1, {"d": 2}], "e": None}, "f": True, "g": {}}
    assert list(facts_of(body)) == [("a", "x"), ("b.c", '[1, {"d": 2}]'), ("b.e", "null"), ("f", "true"), ("g", "{}")]
    assert list(facts_of({})) == []


def test_a_bare_reference_is_a_claims() -> None:
    assert stream_of("c26-7k3m9q") == "claim:C26-7K3M9Q"
    assert stream_of("juror:xhb/12") == "juror:xhb/12"
    assert stream_of("demo") == "demo"


def test_the_page_shows_each_act_with_its_facts(client: Client, cast: Cast, entries: list[Entry]) -> None:
    client.force_login(cast.auditor)
    text = client.get(LOG).content.decode()
    for entry in entries:
        assert entry.kind in text
        assert entry.stream in text
    assert "<code>nested.list</code>" in text
    assert "[1, 2]" in text


def test_the_page_filters(client: Client, cast: Cast, entries: list[Entry]) -> None:
    client.force_login(cast.auditor)
    text = client.get(LOG, {"stream": "C26-AAAAAA", "kind": "claim.w"}).content.decode()
    assert "claim.withdrawn" in text
    assert "panel.closed" not in text
    assert "No acts found" in client.get(LOG, {"actor": "user:0"}).content.decode()
    today = timezone.localdate(clock.now()).isoformat()
    assert "panel.closed" in client.get(LOG, {"since": today, "until": today}).content.decode()
    refused = client.get(LOG, {"since": "yesterday-ish"})
    assert refused.status_code == 422
    assert "Write a day that exists" in refused.content.decode()
    assert "panel.closed" not in refused.content.decode()


def test_the_page_turns_back_and_forth(client: Client, cast: Cast) -> None:
    made = [append(kind="x.y", stream=f"x:{number}", by=SYSTEM) for number in range(51)]
    client.force_login(cast.auditor)
    text = client.get(LOG, {"kind": "x."}).content.decode()
    assert f"before={made[1].pk}" in text
    assert '<code class="nowrap">x:0</code>' not in text
    older = client.get(LOG, {"kind": "x.", "before": made[1].pk}).content.decode()
    assert '<code class="nowrap">x:0</code>' in older
    assert "Newest" in older
    assert '<code class="nowrap">x:1</code>' not in older


@pytest.mark.parametrize("role", NOT_AUDITORS)
def test_nobody_but_auditors_reads_the_log(client: Client, cast: Cast, entries: list[Entry], role: str) -> None:
    user = cast.by_role()[role]
    assert user is not None
    client.force_login(user)
    assert client.get(LOG).status_code == 403
    api = APIClient()
    api.force_authenticate(user)
    assert api.get(API).status_code == 403
    assert api.get(f"{API}{entries[0].pk}/").status_code == 403


def test_strangers_are_sent_to_the_log_in(client: Client, cast: Cast) -> None:
    assert client.get(LOG)["Location"].startswith("/accounts/login/")
    assert APIClient().get(API).status_code == 403


def test_a_revoked_auditor_reads_no_more(client: Client, cast: Cast) -> None:
    take_roles_back(cast.auditor, clock.now())
    client.force_login(cast.auditor)
    assert client.get(LOG).status_code == 403


def test_the_api_gives_entries_without_their_salts(cast: Cast, entries: list[Entry]) -> None:
    api = APIClient()
    api.force_authenticate(cast.auditor)
    found = api.get(API, {"stream": "C26-BBBBBB"}).json()["results"]
    assert [one["id"] for one in found] == [entries[2].pk]
    assert set(found[0]) == {"id", "kind", "stream", "actor", "body", "recorded_at"}
    assert entries[2].head_salt.hex() not in json.dumps(found)
    assert [one["id"] for one in api.get(API, {"kind": "panel."}).json()["results"]] == [entries[3].pk]
    assert api.get(API, {"until": "2020-01-01T00:00:00Z"}).json()["results"] == []
    one = api.get(f"{API}{entries[0].pk}/").json()
    assert one["body"] == {"plan": "xhb"}
    for act in (api.post, api.put, api.patch, api.delete):
        assert act(f"{API}{entries[0].pk}/").status_code == 405


def test_a_longer_log_takes_no_more_queries(client: Client, cast: Cast) -> None:
    client.force_login(cast.auditor)
    client.get(LOG)
    counts = []
    for more in (1, 2):
        for number in range(more):
            append(kind="x.y", stream=f"x:{number}", by=make_user(), body={"a": number})
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LOG).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] < 9
