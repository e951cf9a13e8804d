"""Places, tiles, checkpoints and keys, on the real database."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from audit import clock
from audit.actors import SYSTEM
from audit.models import Checkpoint, Entry, Leaf, Pending, Tile
from audit.rules.canonical import canonical_json
from audit.rules.leaves import leaf_data, moment_text
from audit.rules.merkle import EMPTY_ROOT, Frontier, leaf_hash, verify_consistency, verify_inclusion
from audit.rules.notes import CheckpointText, SignedNote, VerifierKey
from audit.rules.tiles import split_hashes
from audit.selectors import (
    NotInLog,
    checkpoint_note,
    consistency_proof,
    entry_proof,
    inclusion_proof,
    latest_checkpoint,
    leaf_data_range,
    log_keys,
    read_tile,
    root_at,
    tree_size,
)
from audit.services import (
    LogForked,
    LogShrank,
    NoOverlap,
    append,
    publish,
    record_keys,
    sequence,
    sequence_all,
    sign_checkpoint,
)
from tests.audit.tile_reader import tiles_of
from tests.moving import set_clock

KEYS = [bytes([number]) * 32 for number in range(4)]


def write(count: int = 1, stream: str = "thing:1") -> list[Entry]:
    return [append(kind="thing.done", stream=stream, by=SYSTEM, body={"n": number}) for number in range(count)]


def write_many(count: int) -> None:
    """Many entries at once, as append would write them."""
    Entry.objects.bulk_create(
        Entry(
            kind="thing.done",
            stream="thing:many",
            actor="system:test",
            body={"n": number},
            leaf=number.to_bytes(64, "big"),
            recorded_at=clock.now(),
        )
        for number in range(count)
    )


def frontier() -> Frontier:
    """The tree as the leaves themselves give it."""
    grown = Frontier()
    for data in leaf_data_range(0, tree_size()):
        grown.append(leaf_hash(data))
    return grown


@pytest.mark.django_db
def test_an_entry_s_leaf_is_two_salted_digests_of_what_is_stored() -> None:
    entry = append(kind="thing.done", stream="事:1", by=SYSTEM, body={"b": [1, "x\n\u2028é"], "a": None})
    stored = Entry.objects.get(pk=entry.pk)
    assert bytes(stored.leaf) == leaf_data(
        kind="thing.done",
        stream="事:1",
        actor="system:assize",
        body='{"a":null,"b":[1,"x\\n\u2028é"]}',
        recorded=moment_text(stored.recorded_at),
        head_salt=bytes(stored.head_salt),
        body_salt=bytes(stored.body_salt),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT body::text FROM audit_entry")
        assert cursor.fetchone() == (canonical_json(stored.body),)


@pytest.mark.django_db
def test_entries_get_places_in_their_order_without_a_gap() -> None:
    entries = write(7)
    assert Pending.objects.count() == 7
    assert [sequence(limit=3), sequence(limit=3), sequence(limit=3), sequence()] == [3, 3, 1, 0]
    assert list(Leaf.objects.order_by("leaf_index").values_list("leaf_index", "entry_id")) == [
        (place, entry.pk) for place, entry in enumerate(entries)
    ]
    assert not Pending.objects.exists()
    assert leaf_data_range(2, 4) == [bytes(entry.leaf) for entry in entries[2:4]]
    assert [bytes(leaf.leaf_hash) for leaf in Leaf.objects.order_by("leaf_index")] == [
        leaf_hash(bytes(entry.leaf)) for entry in entries
    ]


@pytest.mark.django_db
def test_an_entry_that_is_announced_twice_has_one_place() -> None:
    """A restored backup, or somebody who meddles, may announce an entry again, or one that doesn't exist."""
    first, second = write(2)
    sequence()
    Pending.objects.bulk_create([Pending(entry_id=first.pk), Pending(entry_id=second.pk + 1000)])
    third = write()[0]
    assert sequence() == 1
    assert list(Leaf.objects.order_by("leaf_index").values_list("entry_id", flat=True)) == [
        first.pk,
        second.pk,
        third.pk,
    ]
    assert not Pending.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_has_no_place_and_leaves_no_gap() -> None:
    for fails in (False, True, False):
        try:
            with transaction.atomic():
                write()
                if fails:
                    raise LookupError
        except LookupError:
            pass
    assert sequence() == 2
    assert list(Leaf.objects.order_by("leaf_index").values_list("leaf_index", flat=True)) == [0, 1]


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_commits_late_comes_later_and_is_not_lost() -> None:
    """Ids are given at the insert, not at the commit: a reader that keeps only the highest id seen loses it."""
    early_written, may_commit = threading.Event(), threading.Event()
    found: list[int] = []

    def slow() -> None:
        try:
            with transaction.atomic():
                found.append(write()[0].pk)
                early_written.set()
                may_commit.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert early_written.wait(20)
    with transaction.atomic():
        late = write()[0].pk
    assert sequence() == 1
    may_commit.set()
    thread.join(20)
    assert sequence() == 1
    assert found[0] < late
    assert list(Leaf.objects.order_by("leaf_index").values_list("entry_id", flat=True)) == [late, found[0]]


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 255, 256, 257, 700])
def test_tiles_and_proofs_are_those_of_the_tree(size: int) -> None:
    write_many(size)
    while sequence(limit=190):
        pass
    grown = frontier()
    assert (tree_size(), grown.size) == (size, size)
    assert root_at(size) == grown.root()
    assert Tile.objects.filter(level=0).count() == size // 256
    for name in tiles_of(size):
        assert name.level is not None
        tile = read_tile(name.level, name.index, name.width)
        assert tile is not None
        assert read_tile(name.level, name.index, name.width + 1) is None
        if name.level == 0:
            data = leaf_data_range(name.first_leaf, name.first_leaf + name.width)
            assert split_hashes(tile) == [leaf_hash(one) for one in data]
    for index in {0, size // 2, size - 1}:
        proof = inclusion_proof(index, size)
        assert proof.verifies
        assert proof.root == grown.root()
    for old in {1, size // 2, size}:
        assert verify_consistency(old, size, consistency_proof(old, size), root_at(old), grown.root())


@pytest.mark.django_db
def test_tiles_of_the_second_level(django_assert_max_num_queries: Callable[..., Any]) -> None:
    size = 65_536 + 300
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_entry (kind, stream, actor, body, head_salt, body_salt, leaf, recorded_at)"
            " SELECT 'x.y', 'x:1', 'x', '{}', '', '', sha256(n::text::bytea) || sha256(n::text::bytea), assize_now()"
            " FROM generate_series(1, %s) AS n",
            [size],
        )
    assert sequence_all() == size
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_entry, audit_leaf")  # nobody else can, of what isn't committed
    assert dict(Tile.objects.values_list("level", "tile_index").filter(tile_index__gte=255)) == {0: 256}
    assert Tile.objects.filter(level=1).count() == 1
    assert root_at(size) == frontier().root()
    with django_assert_max_num_queries(10):
        proof = inclusion_proof(40_000, size)
    assert proof.verifies


@pytest.mark.django_db
def test_the_empty_tree_has_its_root_and_no_checkpoint() -> None:
    assert (tree_size(), root_at(0)) == (0, EMPTY_ROOT)
    assert sign_checkpoint() is None
    assert latest_checkpoint() is None
    assert checkpoint_note() is None


@pytest.mark.django_db
def test_a_checkpoint_signs_size_and_root_as_others_read_it() -> None:
    write(3)
    checkpoint = publish()
    assert checkpoint is not None
    assert checkpoint.size == 4  # three acts and the key
    note = SignedNote.parse(str(checkpoint_note()))
    key = log_keys()[0].key
    assert note.verified_by([key]) == [key]
    assert CheckpointText.parse(note.text) == CheckpointText("assize.example/log", 4, frontier().root())
    assert checkpoint.key_id == key.hash.hex()
    assert publish() is None
    assert Checkpoint.objects.count() == 1


@pytest.mark.django_db
def test_an_entry_proves_itself_under_the_latest_checkpoint() -> None:
    entry = write(5)[2]
    with pytest.raises(NotInLog, match=str(entry.pk)):
        entry_proof(entry)
    publish()
    found = entry_proof(entry)
    assert found.verifies
    note = CheckpointText.parse(SignedNote.parse(found.checkpoint.note).text)
    leaf = leaf_hash(bytes(entry.leaf))
    assert verify_inclusion(leaf, found.proof.leaf_index, note.size, found.proof.hashes, note.root)
    newer = write()[0]
    sequence()
    with pytest.raises(NotInLog):
        entry_proof(newer)
    entry.leaf = bytes(64)
    assert not entry_proof(entry).verifies


@pytest.mark.django_db
def test_each_checkpoint_continues_the_one_before() -> None:
    made = []
    for count in (1, 4, 300, 2):
        write_many(count)
        made.append(publish())
    assert all(made)
    for old, new in pairwise(made):
        assert old is not None
        assert new is not None
        proof = consistency_proof(old.size, new.size)
        assert verify_consistency(old.size, new.size, proof, bytes(old.root), bytes(new.root))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("DELETE FROM audit_leaf WHERE leaf_index = 5", LogShrank),
        ("DELETE FROM audit_leaf WHERE leaf_index = 2", LogForked),
        ("UPDATE audit_leaf SET leaf_hash = sha256('x') WHERE leaf_index = 2", LogForked),
    ],
)
def test_a_tree_that_was_bent_is_not_signed(sql: str, fault: type[Exception]) -> None:
    write(5)
    assert publish()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(fault):
        sign_checkpoint()
    if fault is LogForked:
        write(2)
        with pytest.raises(fault):
            publish()
    assert Checkpoint.objects.count() == 1


@pytest.mark.django_db
def test_a_clock_that_goes_backwards_changes_nothing() -> None:
    start = clock.now()
    entries, sizes = [], []
    for minutes in (0, -90, 5, -100_000):
        set_clock(start + dt.timedelta(minutes=minutes))
        entries += write(2)
        checkpoint = publish()
        assert checkpoint is not None
        sizes.append(checkpoint.size)
    assert sizes == [3, 5, 7, 9]
    in_order = [leaf.entry_id for leaf in Leaf.objects.order_by("leaf_index") if leaf.entry.kind == "thing.done"]
    assert in_order == [entry.pk for entry in entries]
    assert Checkpoint.objects.latest("signed_at").size == 7
    latest = latest_checkpoint()
    assert latest is not None
    assert latest.size == 9
    assert all(entry_proof(entry).verifies for entry in entries)


@pytest.mark.django_db
def test_a_new_key_takes_over_while_both_sign() -> None:
    def signers() -> list[VerifierKey]:
        write()
        publish()
        return SignedNote.parse(str(checkpoint_note())).verified_by([one.key for one in log_keys()])

    with override_settings(AUDIT_LOG_KEYS=KEYS[:1]):
        (old,) = signers()
    with override_settings(AUDIT_LOG_KEYS=[KEYS[1], KEYS[0]]):
        new, still = signers()
        assert still == old
    with override_settings(AUDIT_LOG_KEYS=KEYS[:1]):  # a machine that has the old settings yet
        assert signers() == [old]
        assert [one.is_in_use for one in log_keys()] == [True, True]
    with override_settings(AUDIT_LOG_KEYS=KEYS[1:2]):
        assert signers() == [new]
        assert signers() == [new]
    assert [(one.key, one.is_in_use) for one in log_keys()] == [(new, True), (old, False)]
    told = Entry.objects.filter(stream="log:keys").order_by("pk")
    assert [(one.kind, one.body) for one in told] == [
        ("log.key_introduced", {"key": old.text}),
        ("log.key_rotated", {"key": new.text, "after": old.text}),
        ("log.key_retired", {"key": old.text}),
    ]


@pytest.mark.django_db
def test_a_key_out_of_nowhere_signs_nothing() -> None:
    with override_settings(AUDIT_LOG_KEYS=KEYS[:1]):
        publish()
    with override_settings(AUDIT_LOG_KEYS=KEYS[2:3]):
        write()
        with pytest.raises(NoOverlap, match="AUDIT_LOG_KEYS"):
            publish()
        assert sign_checkpoint() is None
        assert Checkpoint.objects.count() == 1
        assert record_keys(by=SYSTEM, without_overlap=True) == 2
        assert publish()
    assert [one.is_in_use for one in log_keys()] == [True, False]


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["audit_entry", "audit_leaf", "audit_tile", "audit_checkpoint"])
@pytest.mark.parametrize("act", ["DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {} SET {column} = {column}"])
def test_the_tree_is_as_fixed_as_the_log(table: str, act: str) -> None:
    write_many(256)
    publish()
    column = {"audit_entry": "kind", "audit_leaf": "leaf_hash", "audit_tile": "root", "audit_checkpoint": "note"}
    with pytest.raises(DatabaseError, match="forbidden"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act.format(table, column=column[table]))


@pytest.mark.django_db
@pytest.mark.parametrize("body", [{"a": 1.5}, {"a": [{"b": float("nan")}]}, {1: "a"}, {"a": b"x"}, {"a": "\ud800"}])
def test_a_body_that_can_be_read_in_two_ways_is_refused(body: dict[Any, Any]) -> None:
    with pytest.raises(ValueError, match="canonical JSON"):
        append(kind="thing.done", stream="thing:1", by=SYSTEM, body=body)
    assert not Entry.objects.exists()
