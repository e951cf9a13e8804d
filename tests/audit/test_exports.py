"""Taking entries out of the log: what is in the file, what is recorded of it, and who may."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from audit import clock
from audit.actors import SYSTEM
from audit.errors import NotAllowed
from audit.errors.log import LogNotSigned
from audit.models import Checkpoint, Entry, Leaf
from audit.selectors import EntryFilter, exports
from audit.selectors.exports import exported_entries
from audit.services import append, publish
from audit.services.exports import export_log
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.bare_entries]
PAGE = "/audit/export/"
API = "/api/v1/audit-entries/export/"
NOT_AUDITORS = ["outsider", "member", "investigator", "professional", "reviewer"]


@pytest.fixture
def entries(cast: Cast) -> list[Entry]:
    """Three acts that a checkpoint covers, and one that came after it."""
    made = [
        append(kind="claim.submitted", stream="claim:C26-AAAAAA", by=cast.member, body={"plan": "xhb", "n": [1, 2]}),
        append(kind="claim.withdrawn", stream="claim:C26-AAAAAA", by=cast.member, body={"note": '=1+1, "诊断"\n'}),
        append(kind="panel.closed", stream="panel:7", by=SYSTEM),
    ]
    publish()
    return [*made, append(kind="claim.viewed", stream="claim:C26-AAAAAA", by=SYSTEM)]


def body_of(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


def recorded() -> Entry:
    return Entry.objects.get(kind="log.exported")


def test_a_csv_holds_what_the_search_found(client: Client, cast: Cast, entries: list[Entry]) -> None:
    client.force_login(cast.auditor)
    response = client.post(PAGE, {"stream": "c26-aaaaaa", "format": "csv"})
    size = Checkpoint.objects.get().size
    assert (response.status_code, response["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert response["Content-Disposition"] == f'attachment; filename="audit-log-{size}.csv"'
    assert response["Cache-Control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(body_of(response), newline="")))
    assert [int(row["id"]) for row in rows] == [entries[0].pk, entries[1].pk], "not what came after the checkpoint"
    for row, entry in zip(rows, entries, strict=False):
        assert row["leaf"] == bytes(entry.leaf).hex()
        assert int(row["leaf_index"]) == Leaf.objects.get(entry=entry).leaf_index
        assert json.loads(row["body"]) == entry.body
        assert dt.datetime.fromisoformat(row["recorded_at"]) == entry.recorded_at
        assert (row["kind"], row["stream"], row["actor"]) == (entry.kind, entry.stream, entry.actor)
        assert entry.head_salt.hex() not in str(row)


def test_json_lines_hold_the_same(cast: Cast, entries: list[Entry]) -> None:
    api = APIClient()
    api.force_authenticate(cast.auditor)
    response = api.post(API, {"kind": "claim.", "format": "ndjson"}, format="json")
    assert response["Content-Type"] == "application/x-ndjson"
    rows = [json.loads(line) for line in body_of(response).splitlines()]
    assert [(row["id"], row["body"]) for row in rows] == [(one.pk, one.body) for one in entries[:2]]
    assert set(rows[0]) == {"leaf_index", "id", "recorded_at", "kind", "stream", "actor", "body", "leaf"}


def test_the_export_is_an_act_itself(client: Client, cast: Cast, entries: list[Entry]) -> None:
    client.force_login(cast.auditor)
    today = timezone.localdate(clock.now())
    client.post(PAGE, {"actor": cast.member.audit_ref, "since": today.isoformat(), "format": "ndjson"})
    entry = recorded()
    assert (entry.stream, entry.actor) == ("log:exports", cast.auditor.audit_ref)
    midnight = timezone.make_aware(dt.datetime.combine(today, dt.time.min)).isoformat()
    assert entry.body == {
        "format": "ndjson",
        "checkpoint_size": Checkpoint.objects.get().size,
        "rows": 2,
        "looked_for": {"actor": cast.member.audit_ref, "since": midnight},
    }


def test_a_name_that_somebody_typed_is_not_recorded(cast: Cast, entries: list[Entry]) -> None:
    export = export_log(wanted=EntryFilter(actor="Zhao Claimant", kind="claim."), form="csv", by=cast.auditor)
    assert (export.rows, list(exported_entries(export.wanted, export.size))) == (0, [])
    assert recorded().body["looked_for"] == ["actor", "kind"]
    assert "Zhao" not in json.dumps(recorded().body)


def test_all_of_the_log_is_what_the_checkpoint_covers(cast: Cast, entries: list[Entry]) -> None:
    export = export_log(wanted=EntryFilter(), form="csv", by=cast.auditor)
    places = [one.leaf_index for some in exported_entries(export.wanted, export.size) for one in some]
    assert places == list(range(export.rows)) == list(range(Checkpoint.objects.get().size))


@pytest.mark.parametrize("at_once", [1, 2, 3, 7, 1000])
def test_it_is_read_some_at_a_time_and_misses_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    made = [append(kind="x.y", stream=f"x:{number}", by=SYSTEM).pk for number in range(6)]
    publish()
    monkeypatch.setattr(exports, "AT_ONCE", at_once)
    export = export_log(wanted=EntryFilter(kind="x."), form="csv", by=cast.auditor)
    append(kind="x.y", stream="x:0", by=SYSTEM)
    publish()  # meanwhile the log has grown
    with CaptureQueriesContext(connection) as asked:
        pieces = list(exported_entries(export.wanted, export.size))
    assert [one.id for some in pieces for one in some] == made
    assert export.rows == len(made)
    assert all(len(some) <= at_once for some in pieces)
    assert len(asked) == len(made) // at_once + 1


def test_nothing_is_sent_before_it_is_recorded(client: Client, cast: Cast, entries: list[Entry]) -> None:
    client.force_login(cast.auditor)
    response = client.post(PAGE, {"format": "csv"})
    assert recorded().body["rows"] == Checkpoint.objects.get().size, "a client that disconnects now has still exported"
    assert len(body_of(response).splitlines()) >= recorded().body["rows"]


@pytest.mark.parametrize("role", NOT_AUDITORS)
def test_nobody_but_auditors_exports(client: Client, cast: Cast, entries: list[Entry], role: str) -> None:
    user = cast.by_role()[role]
    assert user is not None
    client.force_login(user)
    assert client.post(PAGE, {"format": "csv"}).status_code == 403
    api = APIClient()
    api.force_authenticate(user)
    assert api.post(API, {"format": "csv"}, format="json").status_code == 403
    with pytest.raises(NotAllowed):
        export_log(wanted=EntryFilter(), form="csv", by=user)
    assert not Entry.objects.filter(kind="log.exported").exists()


def test_what_cannot_be_read_exports_nothing_and_keeps_the_search(client: Client, cast: Cast) -> None:
    client.force_login(cast.auditor)
    back = client.post(PAGE, {"since": "yesterday-ish", "kind": "x.", "format": "csv"})
    assert (back.status_code, back["Location"]) == (302, "/audit/?kind=x.&since=yesterday-ish")
    page = client.get(back["Location"])
    assert page.status_code == 422
    assert "Nothing was exported" in page.content.decode()
    assert client.get(PAGE).status_code == 405
    api = APIClient()
    api.force_authenticate(cast.auditor)
    assert api.post(API, {"format": "pdf"}, format="json").status_code == 400
    assert not Entry.objects.filter(kind="log.exported").exists()


def test_a_log_that_has_signed_nothing_exports_nothing(client: Client, cast: Cast) -> None:
    append(kind="x.y", stream="x:0", by=SYSTEM)
    with pytest.raises(LogNotSigned):
        export_log(wanted=EntryFilter(), form="csv", by=cast.auditor)
    client.force_login(cast.auditor)
    told = client.post(PAGE, {"kind": "x.", "format": "csv"}, follow=True).content.decode()
    assert "The log has no checkpoint yet" in told
    api = APIClient()
    api.force_authenticate(cast.auditor)
    assert api.post(API, {"format": "csv"}, format="json").status_code == 409


def test_the_page_of_the_log_offers_what_it_shows(client: Client, cast: Cast, entries: list[Entry]) -> None:
    client.force_login(cast.auditor)
    text = client.get("/audit/", {"stream": "C26-AAAAAA"}).content.decode()
    assert 'action="/audit/export/"' in text
    assert '<input type="hidden" name="stream" value="C26-AAAAAA">' in text
    assert 'action="/audit/export/"' not in client.get("/audit/", {"actor": "user:0"}).content.decode()
