"""The public log: tiles that anybody can rebuild the root from, and the page that says what it is worth."""

from __future__ import annotations

import datetime as dt
import re
from hashlib import sha256
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from audit import clock
from audit.actors import SYSTEM
from audit.models import Checkpoint, Cosignature, Entry
from audit.rules.notes import SignedNote, cosign, verifier_of
from audit.selectors.log import log_keys
from audit.services import append, publish, sequence_all
from audit.witness.notes import Checkpoint as Read
from tests.audit.test_witness import plain_root
from tests.audit.tile_reader import parse_bundle, tiles_of
from tests.cast import Cast

pytestmark = pytest.mark.django_db
WITNESS_SEED = b"w" * 32


def grow(count: int) -> Checkpoint:
    with transaction.atomic():
        for number in range(count):
            append(kind="test.acted", stream=f"test:{number}", by=SYSTEM, body={"secret": "visible to auditors only"})
    made = publish()
    assert made is not None
    return made


@pytest.fixture(autouse=True)
def _no_witnesses(settings: Any) -> None:
    settings.AUDIT_WITNESSES = []
    cache.clear()


def test_the_root_can_be_rebuilt_from_what_is_public(client: Client) -> None:
    """As an outsider would: the checkpoint, the bundles, and RFC 9162 as it is written."""
    made = grow(600)
    note = client.get("/log/checkpoint").content.decode()
    read = Read.parse(note)
    assert (read.size, note) == (made.size, made.note)
    leaves: list[bytes] = []
    hashes: list[bytes] = []
    for tile in tiles_of(read.size):
        answer = client.get(f"/log/{tile.path}")
        assert answer.status_code == 200, tile.path
        if tile.level == 0:
            hashes += [answer.content[at : at + 32] for at in range(0, len(answer.content), 32)]
            leaves += parse_bundle(client.get(f"/log/{tile.path.replace('tile/0', 'tile/entries')}").content)
    assert {len(one) for one in leaves} == {64}
    assert [sha256(b"\x00" + one).digest() for one in leaves] == hashes
    assert plain_root(hashes) == read.root
    # Level 1: each hash is the root of a full tile below.
    upper = client.get("/log/tile/1/000.p/2").content
    assert upper == plain_root(hashes[:256]) + plain_root(hashes[256:512])


def test_the_leaves_say_nothing(client: Client) -> None:
    grow(3)
    bundle = client.get("/log/tile/entries/000.p/4").content
    assert len(bundle) == 4 * 66
    for word in (b"test", b"secret", b"visible", b"system"):
        assert word not in bundle


@pytest.mark.parametrize(
    "path",
    [
        "0/001",
        "0/000",
        "0/000.p/6",
        "0/000.p/0",
        "0/000.p/05",
        "0/000.p/256",
        "0/0",
        "0/x000/000",
        "00/000.p/5",
        "1/000",
        "1/000.p/1",
        "64/000",
        "63/000",
        "entries/000",
        "entries/000.p/6",
        "entries/001.p/1",
        "other/000",
        "0/000.p/5/",
        "0/" + "x999/" * 9 + "999",
        "0/" + "x999/" * 1500 + "999",
        "-1/000",
        "0/٠٠٠",
    ],
)
def test_what_is_not_published_is_not_there(client: Client, path: str) -> None:
    assert grow(4).size == 5  # with the entry of the key
    answer = client.get(f"/log/tile/{path}")
    assert answer.status_code == 404
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Type"].startswith("text/plain")


def test_nothing_beyond_the_checkpoint_is_shown(client: Client) -> None:
    """Placed but unsigned entries could still be lost; what was shown can't be taken back."""
    assert client.get("/log/checkpoint").status_code == 404
    assert client.get("/log/tile/0/000.p/1").status_code == 404
    size = grow(2).size
    with transaction.atomic():
        append(kind="test.acted", stream="test:late", by=SYSTEM)
    sequence_all()
    assert client.get(f"/log/tile/0/000.p/{size}").status_code == 200
    assert client.get(f"/log/tile/0/000.p/{size + 1}").status_code == 404
    assert client.get(f"/log/tile/entries/000.p/{size + 1}").status_code == 404


@pytest.mark.parametrize(
    ("path", "kind", "caching"),
    [
        ("checkpoint", "text/plain; charset=utf-8", "public, max-age=2"),
        ("tile/0/000", "application/octet-stream", "public, max-age=31536000, immutable"),
        ("tile/0/001.p/3", "application/octet-stream", "public, max-age=31536000, immutable"),
        ("tile/entries/000", "application/octet-stream", "public, max-age=31536000, immutable"),
    ],
)
def test_caches_may_keep_it_for_everybody(cast: Cast, path: str, kind: str, caching: str) -> None:
    grow(260)
    client = Client(headers={"accept-encoding": "gzip", "accept-language": "zh-hans"})
    client.force_login(cast.member, backend="members.sessions.LogInBackend")
    answer = client.get(f"/log/{path}")
    assert answer.status_code == 200
    assert (answer["Content-Type"], answer["Cache-Control"]) == (kind, caching)
    assert answer["Access-Control-Allow-Origin"] == "*"
    for header in ("Vary", "Set-Cookie", "Content-Language", "Content-Encoding"):
        assert header not in answer, header
    assert not answer.cookies
    assert client.head(f"/log/{path}").status_code == 200
    assert client.post(f"/log/{path}").status_code == 405
    assert answer.content == Client().get(f"/log/{path}").content


def test_a_tile_costs_few_queries(django_assert_max_num_queries: Any, client: Client) -> None:
    grow(520)
    for path in ("tile/0/000", "tile/0/002.p/8", "tile/1/000.p/2", "tile/entries/001"):
        with django_assert_max_num_queries(3):
            assert client.get(f"/log/{path}").status_code == 200


def page(client: Client) -> str:
    answer = client.get("/log/")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def test_the_page_before_the_first_checkpoint(client: Client) -> None:
    told = page(client)
    assert "No checkpoint yet" in told
    assert "Nobody watches this log" in told


def test_the_page_shows_checkpoint_keys_and_the_way_to_check(client: Client) -> None:
    made = grow(300)
    told = page(client)
    assert bytes(made.root).hex() in told
    assert re.sub(r"\s+", " ", made.note.strip()).replace("+", "&#43;") in told or made.note.split("\n")[2] in told
    assert all(one.key.text in told for one in log_keys())
    assert "curl http://testserver/log/checkpoint" in told
    for path in re.findall(r"curl -O http://testserver(\S+)", told):
        assert client.get(path).status_code == 200, path
    assert "Nobody watches this log" in told
    assert "could rewrite the whole log and sign it again" in told
    assert 'href="/log/"' in page(client)  # the footer leads here


def cosigned(made: Checkpoint, *, hours_ago: int = 0) -> None:
    at = clock.real_now() - dt.timedelta(hours=hours_ago)
    key = verifier_of(WITNESS_SEED, "witness.example/w", 4)
    text = SignedNote.parse(made.note).text
    line = cosign(text, seed=WITNESS_SEED, name=key.name, at=int(at.timestamp())).line
    Cosignature.objects.create(checkpoint=made, witness=key.name, key_hash=key.hash.hex(), line=line, cosigned_at=at)


def test_the_page_says_how_each_witness_stands(client: Client, settings: Any) -> None:
    key = verifier_of(WITNESS_SEED, "witness.example/w", 4)
    settings.AUDIT_WITNESSES = [f"{key.text} https://witness.example"]
    first = grow(2)
    told = page(client)
    assert "Nobody watches" not in told
    assert ">behind<" in told
    assert key.text in told
    assert 'href="https://witness.example/"' in told
    cosigned(first, hours_ago=3)
    told = page(client)
    assert ">up to date<" in told
    assert f"3 hours ago, at {first.size} entries" in told.replace("\xa0", " ")
    assert "— witness.example/w " in client.get("/log/checkpoint").content.decode()
    second = grow(1)
    assert ">behind<" in page(client)
    assert "— witness.example/w " not in client.get("/log/checkpoint").content.decode()
    cosigned(second)
    grow(1)
    assert ">cosigns next<" in page(client)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("knows_more", "It has cosigned 9 entries, and this log had 5"),
        ("fork", "this log has as many, but not the same"),
        ("inconsistent", "It has cosigned the first 9 entries, and this log begins differently"),
        ("unknown_key", "know the key that this log signs with now"),
        ("unknown_log", "been told to watch this log"),
    ],
)
def test_a_refusal_is_the_first_thing_on_the_page(client: Client, settings: Any, reason: str, told: str) -> None:
    key = verifier_of(WITNESS_SEED, "witness.example/w", 4)
    settings.AUDIT_WITNESSES = [f"{key.text} https://witness.example"]
    body = {"witness": key.name, "reason": reason, "witness_size": 9, "offered": 5, "cosigned_before": 0}
    with transaction.atomic():
        append(kind="log.witness_refused", stream="log:witnesses", by=SYSTEM, body=body)
    made = grow(1)
    text = page(client)
    assert "The witness witness.example/w refuses this log" in text
    assert told in text
    assert text.index("refuses this log") < text.index("The latest checkpoint")
    cosigned(made)
    assert "refuses this log" not in page(client)
    assert Entry.objects.filter(kind="log.witness_refused").count() == 1
