"""The log is signed at fixed moments and grows by whole multiples, so that its growth shows no turnout."""

from __future__ import annotations

import datetime as dt
import threading
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from audit import clock
from audit.actors import SYSTEM
from audit.entries import FILLER
from audit.models import Checkpoint, Entry, Leaf, Pending
from audit.selectors import EntryFilter, entry_proof, latest_checkpoint, tree_size
from audit.services import append, checkpoints, publish, publish_in_time
from audit.services.exports import FORMS, export_log
from tests.factories import make_user
from tests.moving import set_clock

pytestmark = pytest.mark.django_db(transaction=True)
MULTIPLE = 64


@pytest.fixture(autouse=True)
def _filled_up(settings: Settings) -> None:
    settings.AUDIT_LOG_MULTIPLE = MULTIPLE
    settings.AUDIT_CHECKPOINT_SECONDS = 60


def act(count: int = 1) -> None:
    for number in range(count):
        with transaction.atomic():
            append(kind="ballot.cast", stream=f"panel:{number}", by=SYSTEM, body={"n": number})


def test_every_checkpoint_is_over_a_multiple_whatever_happened_before_it() -> None:
    sizes = []
    for count in (1, 63, 64, 65):
        act(count)
        publish()
        sizes.append(tree_size())
    assert [size % MULTIPLE for size in sizes] == [0, 0, 0, 0]
    # One entry and sixty-three of them look the same from outside.
    assert sizes[1] - sizes[0] == MULTIPLE
    assert list(Checkpoint.objects.order_by("size").values_list("size", flat=True)) == sizes
    assert not Pending.objects.exists()
    assert list(Leaf.objects.order_by("leaf_index").values_list("leaf_index", flat=True)) == list(range(sizes[-1]))


def test_where_nothing_happened_nothing_is_added() -> None:
    act()
    publish()
    entries = Entry.objects.count()
    assert publish() is None
    assert Entry.objects.count() == entries


def test_a_filler_looks_like_any_other_leaf_and_is_proven_like_it() -> None:
    act()
    publish()
    filler = Entry.objects.filter(kind=FILLER).latest("pk")
    assert len(bytes(filler.leaf)) == 64
    assert len({bytes(leaf) for leaf in Entry.objects.values_list("leaf", flat=True)}) == Entry.objects.count()
    assert entry_proof(filler).verifies


def test_an_entry_that_comes_while_the_tree_is_filled_waits_for_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its id is below the fillers', and it must not take a place among them that they were counted for."""
    act()
    fill_up = checkpoints.fill_up

    def filling(multiple: int) -> int:
        thread = threading.Thread(target=lambda: (act(), connection.close()))
        thread.start()
        thread.join(30)
        return fill_up(multiple)

    monkeypatch.setattr(checkpoints, "fill_up", filling)
    publish()
    assert tree_size() == MULTIPLE
    assert Pending.objects.count() == 1


def test_what_is_killed_while_filling_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    act()

    def killed(*_all: object, **_named: object) -> None:
        raise DatabaseError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(checkpoints, "signed", killed)
        with pytest.raises(DatabaseError):
            publish()
    assert not Entry.objects.filter(kind=FILLER).exists()
    assert latest_checkpoint() is None
    publish()
    assert tree_size() == MULTIPLE


def test_two_signers_at_once_fill_up_once() -> None:
    act(3)
    barrier = threading.Barrier(2)

    def sign() -> None:
        barrier.wait()
        publish()
        connection.close()

    threads = [threading.Thread(target=sign) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    # The key's own entry may have come between the two.
    assert tree_size() % MULTIPLE == 0
    assert all(one.size % MULTIPLE == 0 for one in Checkpoint.objects.all())


def test_checkpoints_come_at_fixed_moments_and_not_when_something_happens() -> None:
    minute = clock.now().replace(second=0, microsecond=0) + dt.timedelta(minutes=2)
    set_clock(minute + dt.timedelta(seconds=3))
    act()
    assert publish_in_time() is not None
    act()
    set_clock(minute + dt.timedelta(seconds=50))
    assert publish_in_time() is None
    assert not Pending.objects.exists(), "placed, though not signed"
    set_clock(minute + dt.timedelta(seconds=61))
    assert publish_in_time() is not None


def test_the_auditors_page_leaves_them_out_and_the_export_has_them(client: Client) -> None:
    act()
    publish()
    auditor = make_user("auditor@test.example", "auditor")
    client.force_login(auditor)
    assert FILLER not in client.get(reverse("audit_log")).content.decode()
    assert FILLER in client.get(reverse("audit_log"), {"kind": "log."}).content.decode()
    assert export_log(wanted=EntryFilter(), form=next(iter(FORMS)), by=auditor).rows == tree_size()


def test_a_checkpoint_beyond_the_log_is_refused_by_the_database() -> None:
    act()
    publish()
    last = latest_checkpoint()
    assert last is not None
    forged = {"root": bytes(32), "note": "", "key_id": "00000000", "signed_at": clock.now()}
    with pytest.raises(IntegrityError, match="larger than the log"), transaction.atomic():
        Checkpoint.objects.create(size=last.size + 1, **forged)


def test_the_whole_log_verifies() -> None:
    for count in (1, 200, 3):
        act(count)
        publish()
    out = StringIO()
    call_command("verify_audit_log", stdout=out)
    assert f"{tree_size()} entries and 3 checkpoints" in out.getvalue()
