"""Eight writers, and sequencers that are killed anywhere: no gap, nothing lost, nothing twice, each stream in order."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from audit.models import Checkpoint, Entry, Leaf, Pending
from audit.rules.merkle import verify_consistency
from audit.selectors import consistency_proof
from audit.services import publish
from audit.verification.connecting import database_address
from audit.verification.whole import Wanted, verify_log

pytestmark = pytest.mark.kills
WRITERS = 8
SEQUENCERS = 2
SECONDS = float(os.environ.get("ASSIZE_STORM_SECONDS", "12"))
"""How long it blows; sixty for the long run."""


def start(what: str, number: int = 0) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.audit.storm", what, str(number), str(SECONDS)],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        env={**os.environ, "DATABASE_URL": test_database_url()},
    )


def test_database_url() -> str:
    """The database that the tests were given, for other processes."""
    # The embedded server's address has a folder of sockets behind its question mark.
    return urlunsplit(urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}"))


test_database_url.__test__ = False  # type: ignore[attr-defined]


@pytest.fixture
def streams(transactional_db: None) -> Iterator[None]:
    """Rows for the writers to lock, one a stream."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE storm_stream (id int PRIMARY KEY, acts int NOT NULL DEFAULT 0)")
        cursor.execute("INSERT INTO storm_stream (id) SELECT generate_series(0, 39)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE storm_stream")


def blow() -> int:
    """Let the writers write while sequencers are killed one after another. Returns how many were killed."""
    with ExitStack() as running:
        writers = [running.enter_context(start("write", number)) for number in range(WRITERS)]
        sequencers = [running.enter_context(start("sequence", number)) for number in range(SEQUENCERS)]
        told = [one.communicate()[0] for one in sequencers]
        assert [one.wait() for one in writers + sequencers] == [0] * (WRITERS + SEQUENCERS)
    return sum(int(text) for text in told)


def test_nothing_is_lost_and_nothing_disordered(streams: None) -> None:
    killed = blow()
    before = Checkpoint.objects.count()
    publish()
    assert killed >= 5
    assert before >= 1, "no sequencer lived long enough to sign"

    acts = list(Entry.objects.filter(kind="storm.acted").order_by("pk").values_list("pk", flat=True))
    places = list(Leaf.objects.order_by("leaf_index").values_list("leaf_index", "entry_id"))
    assert len(acts) > 200
    assert [index for index, _entry in places] == list(range(len(places))), "a gap"
    assert sorted(entry for _index, entry in places) == list(Entry.objects.order_by("pk").values_list("pk", flat=True))
    assert set(acts) <= {entry for _index, entry in places}
    assert not Pending.objects.exists()
    assert_streams_in_order()
    assert_checkpoints_continue()
    found = verify_log(Wanted(address=database_address(), origin=settings.AUDIT_LOG_ORIGIN))
    assert (found.size, found.difference) == (len(places), None)
    sys.stderr.write(f"\nstorm: {len(acts)} entries, {killed} kills, {Checkpoint.objects.count()} checkpoints\n")


def assert_streams_in_order() -> None:
    """In every stream the acts stand as they were done: 1, 2, 3 …, each with its parts; all that was committed."""
    seen: dict[str, tuple[int, int]] = {}
    leaves = Leaf.objects.filter(entry__kind="storm.acted").order_by("leaf_index")
    for stream, body in leaves.values_list("entry__stream", "entry__body").iterator():
        act, part = seen.get(stream, (0, -1))
        now = (body["act"], body["part"])
        assert now in ((act, part + 1), (act + 1, 0)), f"{stream}: {now} after {(act, part)}"
        seen[stream] = now
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, acts FROM storm_stream WHERE acts > 0")
        assert {f"storm:{stream}": acts for stream, acts in cursor} == {
            stream: act for stream, (act, _part) in seen.items()
        }


def assert_checkpoints_continue() -> None:
    for old, new in pairwise(Checkpoint.objects.order_by("size")):
        proof = consistency_proof(old.size, new.size)
        assert verify_consistency(old.size, new.size, proof, bytes(old.root), bytes(new.root))
