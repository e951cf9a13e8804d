"""One entry with its proof, and the story of a claim: pages and API, for auditors."""

from __future__ import annotations

import base64
import hashlib
import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from audit.actors import SYSTEM
from audit.models import Checkpoint, Entry, Leaf
from audit.selectors import PAGE_SIZE, proven, story_of
from audit.selectors.entries import STORY_SIZE
from audit.services import append, publish, sequence_all
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.bare_entries]
REF = "C26-AAAAAA"


def act(kind: str = "claim.submitted", stream: str = f"claim:{REF}", **facts: object) -> Entry:
    return append(kind=kind, stream=stream, by=SYSTEM, body=facts)


def page(client: Client, entry: Entry) -> str:
    return html.unescape(client.get(f"/audit/entries/{entry.pk}/").content.decode())


def recomputed_root(proof: str, leaf: bytes) -> tuple[bytes, bytes]:
    """The root that a reader of the text finds, and the one that the checkpoint says: without the service's code."""
    head, _blank, note = proof.partition("\n\n")
    header, place, *hashes = head.split("\n")
    assert header == "c2sp.org/tlog-proof@v1"
    lines = note.split("\n")
    index, size = int(place.removeprefix("index ")), int(lines[1])
    found, low, last = hashlib.sha256(b"\0" + leaf).digest(), index, size - 1
    for sibling in map(base64.b64decode, hashes):
        if low & 1 or low == last:
            found = hashlib.sha256(b"\1" + sibling + found).digest()
            while low and not low & 1:
                low, last = low >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\1" + found + sibling).digest()
        low, last = low >> 1, last >> 1
    return found, base64.b64decode(lines[2])


def test_an_entry_waits_gets_its_place_and_is_proven(client: Client, cast: Cast) -> None:
    client.force_login(cast.auditor)
    publish()
    entry = act(plan="xhb", nested={"list": [1, 2]})
    text = page(client, entry)
    assert "waits for its place" in text
    assert "The proof, to copy" not in text
    sequence_all()
    assert "has its place" in page(client, entry)
    publish()
    text = page(client, entry)
    assert "verifies" in text
    assert "does not verify" not in text
    for shown in (
        "The claim was submitted", "claim.submitted", f"claim:{REF}", "system:assize", "nested.list",
        str(Leaf.objects.get(entry=entry).leaf_index), bytes(entry.head_salt).hex(), bytes(entry.body_salt).hex(),
        bytes(entry.leaf)[:32].hex(), bytes(entry.leaf)[32:].hex(), bytes(entry.leaf).hex(),
        hashlib.sha256(b"\0" + bytes(entry.leaf)).hexdigest(), bytes(Checkpoint.objects.latest("size").root).hex(),
    ):  # fmt: skip
        assert shown in text, shown


def test_the_proof_to_copy_can_be_checked_elsewhere(client: Client, cast: Cast) -> None:
    client.force_login(cast.auditor)
    entries = [act(number=number) for number in range(11)]
    publish()
    for entry in entries:
        found = re.search(r"(c2sp\.org/tlog-proof@v1.*?)</code>", page(client, entry), re.S)
        assert found
        root, signed = recomputed_root(found[1], bytes(entry.leaf))
        assert root == signed == bytes(Checkpoint.objects.latest("size").root)


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ('update audit_entry set body = \'{"plan":"other"}\' where id = %(pk)s', "differ: the row was changed"),
        ("update audit_entry set leaf = decode(repeat('00', 64), 'hex') where id = %(pk)s", "does not verify"),
        (
            "update audit_leaf set leaf_hash = decode(repeat('00', 32), 'hex') where entry_id = %(pk)s",
            "does not verify",
        ),
        ("update audit_checkpoint set note = replace(note, E'\\n\\n', E'\\nx\\n\\n')", "by no key of this log"),
        ("update audit_checkpoint set note = 'nothing'", "does not verify"),
        ("delete from audit_leaf where leaf_index = 0", "does not verify"),
    ],
)
def test_what_was_bent_behind_the_guards_is_said(client: Client, cast: Cast, sql: str, told: str) -> None:
    client.force_login(cast.auditor)
    act()
    entry = act(plan="xhb")
    publish()
    assert proven(entry).state == "proven"
    with connection.cursor() as cursor:
        for table in ("audit_entry", "audit_leaf", "audit_checkpoint"):
            cursor.execute("set constraints all immediate")
            cursor.execute(f"alter table {table} disable trigger append_only_rows")
        cursor.execute(sql, {"pk": entry.pk})
    text = page(client, entry)
    assert told in text
    assert "Recomputed for this page" not in text


def test_the_story_is_told_in_order_and_in_words(client: Client, cast: Cast) -> None:
    first, second = act(), act("claim.withdrawn", was="submitted")
    act(stream="claim:C26-BBBBBB", kind="claim.held")
    client.force_login(cast.auditor)
    text = page_of_story(client, REF.lower())
    assert text.index("The claim was submitted") < text.index("The claim was withdrawn")
    assert "put on hold" not in text
    for entry in (first, second):
        assert f'href="/audit/entries/{entry.pk}/"' in text
    assert f'href="/audit/claims/{REF}/"' in page(client, first)
    assert f'href="/audit/claims/{REF}/"' in client.get("/audit/", {"stream": REF}).content.decode()
    assert client.get("/audit/claims/C26-NOSUCH/").status_code == 404
    assert client.get("/audit/entries/0/").status_code == 404


def page_of_story(client: Client, ref: str, **query: int) -> str:
    return html.unescape(client.get(f"/audit/claims/{ref}/", query).content.decode())


def test_a_long_story_goes_on_without_a_gap(client: Client, cast: Cast) -> None:
    entries = [act(number=number) for number in range(STORY_SIZE + 1)]
    part = story_of(Entry.objects.all(), f"claim:{REF}")
    assert part.newer_than == entries[-2].pk
    rest = story_of(Entry.objects.all(), f"claim:{REF}", after=part.newer_than)
    assert [one.pk for one in [*part.entries, *rest.entries]] == [one.pk for one in entries]
    assert rest.newer_than is None
    client.force_login(cast.auditor)
    assert f"?after={part.newer_than}" in page_of_story(client, REF)
    later = page_of_story(client, REF, after=part.newer_than)
    assert f"/audit/entries/{entries[-1].pk}/" in later
    assert f"/audit/entries/{entries[0].pk}/" not in later


def test_the_api_gives_the_proof_with_all_that_is_needed(cast: Cast) -> None:
    entry = act(plan="xhb")
    api = APIClient()
    api.force_authenticate(cast.auditor)
    address = f"/api/v1/audit-entries/{entry.pk}/proof/"
    early = api.get(address)
    assert early.status_code == 409
    assert early.json()["code"] == "NotYetProven"
    publish()
    found = api.get(address).json()
    assert found["verifies"] is True
    assert found["leaf_index"] == Leaf.objects.get(entry=entry).leaf_index
    for part in ("head", "body"):
        covered = bytes.fromhex(found[part]["salt"]) + found[part]["text"].encode()
        assert hashlib.sha256(covered).hexdigest() == found[part]["value"]
    assert found["leaf_data"] == found["head"]["value"] + found["body"]["value"]
    root, signed = recomputed_root(found["text"], bytes.fromhex(found["leaf_data"]))
    assert root == signed == bytes.fromhex(found["root"])
    api.force_authenticate(cast.reviewer)
    assert api.get(address).status_code == 403


@pytest.mark.parametrize("role", ["outsider", "member", "investigator", "professional", "reviewer"])
def test_nobody_but_auditors_reads_an_entry_or_a_story(client: Client, cast: Cast, role: str) -> None:
    entry = act()
    client.force_login(cast.by_role()[role])  # type: ignore[arg-type]
    assert client.get(f"/audit/entries/{entry.pk}/").status_code == 403
    assert client.get(f"/audit/claims/{REF}/").status_code == 403


def test_more_entries_take_no_more_queries(client: Client, cast: Cast) -> None:
    client.force_login(cast.auditor)
    entry = act()
    publish()
    client.get("/audit/")
    counts: dict[str, list[int]] = {}
    for _more in range(2):
        for number in range(PAGE_SIZE):
            act(number=number)
        publish()
        for address in (f"/audit/entries/{entry.pk}/", f"/audit/claims/{REF}/"):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200
            counts.setdefault(address, []).append(len(queries))
    assert all(one == other < 16 for one, other in counts.values()), counts
