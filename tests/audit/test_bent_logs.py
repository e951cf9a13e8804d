"""Whatever is bent behind the triggers' back is named, first things first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from audit.actors import SYSTEM
from audit.models import Entry, Leaf
from audit.rules.merkle import leaf_hash
from audit.rules.notes import CheckpointText, signed
from audit.selectors import log_keys, root_at
from audit.services import append
from tests.audit.bending import ORIGIN, bend, difference, grow, verified

TABLES = ["audit_pending", "audit_leaf", "audit_tile", "audit_checkpoint", "audit_entry"]


@pytest.fixture(scope="module")
def whole_log(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Entry]]:
    """Six hundred entries under three checkpoints, 256 and 512 of them in full tiles; in the order of their leaves.

    Made and committed once, since a verification reads over connections of its own; put back after each test.
    """
    with django_db_blocker.unblock():
        for count in (99, 200, 301):
            grow(count)
        bend(*[f"CREATE TABLE kept_{table} AS TABLE {table}" for table in TABLES])
        yield [leaf.entry for leaf in Leaf.objects.order_by("leaf_index").select_related("entry")]
        bend(*[f"DELETE FROM {table}" for table in TABLES], *[f"DROP TABLE kept_{table}" for table in TABLES])


@pytest.fixture
def log(whole_log: list[Entry]) -> Iterator[list[Entry]]:
    """The log, to be bent at will."""
    yield whole_log
    for table in TABLES:
        bend(f"DELETE FROM {table}", f"INSERT INTO {table} SELECT * FROM kept_{table}")


def test_a_good_log_is_in_order(log: list[Entry]) -> None:
    with transaction.atomic():
        append(kind="thing.done", stream="thing:1", by=SYSTEM)  # waits for its place
    found = verified(trusted=tuple(one.key for one in log_keys()))
    assert (found.size, found.checkpoints, found.difference) == (601, 3, None)


ENTRY = "UPDATE audit_entry SET {} WHERE id = (SELECT entry_id FROM audit_leaf WHERE leaf_index = 300)"


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("kind = 'thing.undone'", "kind or stream"),
        ("stream = 'thing:99'", "kind or stream"),
        ("head_salt = 'x'", "kind or stream"),
        ("actor = 'user:1'", "actor, body or moment"),
        ("body = '{\"n\":1}'", "actor, body or moment"),
        ("body = (body::text || ' ')::json", "actor, body or moment"),
        ("recorded_at = recorded_at + interval '1 microsecond'", "actor, body or moment"),
        ("body_salt = 'x'", "actor, body or moment"),
        ("leaf = set_byte(leaf, 0, get_byte(leaf, 0) # 1)", "kind or stream"),
        ("leaf = set_byte(leaf, 63, get_byte(leaf, 63) # 1)", "actor, body or moment"),
    ],
)
def test_a_changed_entry_is_named(log: list[Entry], change: str, what: str) -> None:
    later = "UPDATE audit_entry SET kind = 'x' WHERE id = (SELECT entry_id FROM audit_leaf WHERE leaf_index = 400)"
    bend(ENTRY.format(change), later)
    told = difference()
    assert told.startswith(f"audit_entry {log[300].pk}: found the digest ")
    assert f"kept with its {what}; expected " in told
    assert told.endswith("(leaf 300)")


def test_an_entry_changed_together_with_its_leaf_is_found_one_step_further(log: list[Entry]) -> None:
    """To forge an entry means to forge its digests, its leaf, its tile and the checkpoint, whose key is elsewhere."""
    with transaction.atomic():
        other = append(kind="thing.done", stream="thing:1", by=SYSTEM, body={"other": True})
    pk, leaf = log[100].pk, bytes(other.leaf).hex()
    bend(
        f"UPDATE audit_entry a SET (kind, stream, actor, body, head_salt, body_salt, leaf, recorded_at) = (SELECT kind,"
        f" stream, actor, body, head_salt, body_salt, leaf, recorded_at FROM audit_entry WHERE id = {other.pk})"
        f" WHERE id = {pk}"
    )
    was, now = leaf_hash(bytes(log[100].leaf)).hex(), leaf_hash(bytes(other.leaf)).hex()
    assert difference() == f"audit_leaf 100: found {was}; expected {now}"
    bend(f"UPDATE audit_leaf SET leaf_hash = sha256('\\x00{leaf}') WHERE leaf_index = 100")
    assert difference() == f"audit_tile 0/0, hash 100: found {was}; expected {now}"
    bend(
        "UPDATE audit_tile SET hashes = (SELECT string_agg(leaf_hash, '' ORDER BY leaf_index) FROM audit_leaf"
        " WHERE leaf_index < 256) WHERE level = 0 AND tile_index = 0"
    )
    assert difference().startswith("audit_tile 0/0, root: found ")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit_leaf SET leaf_hash = sha256('x') WHERE leaf_index = 3", "audit_leaf 3: found 2d711642b7"),
        ("DELETE FROM audit_leaf WHERE leaf_index = 3", "audit_leaf 3: found no such row; expected no gap"),
        (
            "UPDATE audit_leaf SET leaf_index = 1000 WHERE leaf_index = 600",
            "audit_leaf 600: found no such row; expected no gap",
        ),
        ("DELETE FROM audit_leaf WHERE leaf_index = 600", "audit_entry {last}: found no leaf, and not pending"),
        ("DELETE FROM audit_entry WHERE id = {third}", "audit_entry {third}: found no such row; expected the entry of"),
        ("UPDATE audit_leaf SET leaf_index = -1 WHERE leaf_index = 600", "audit_leaf -1: found a leaf before"),
        (
            "UPDATE audit_tile SET hashes = set_byte(hashes, 33, get_byte(hashes, 33) # 1) WHERE tile_index = 1",
            "audit_tile 0/1, hash 1: found ",
        ),
        ("UPDATE audit_tile SET hashes = hashes || 'x' WHERE tile_index = 1", "audit_tile 0/1: found 8193 bytes"),
        ("UPDATE audit_tile SET root = sha256('x') WHERE tile_index = 1", "audit_tile 0/1, root: found 2d711642b7"),
        ("DELETE FROM audit_tile WHERE tile_index = 1", "audit_tile 0/1: found no such row; expected a full tile"),
        (
            "INSERT INTO audit_tile (level, tile_index, hashes, root) SELECT 0, 2, hashes, root FROM audit_tile"
            " WHERE tile_index = 1",
            "audit_tile 0/2: found a tile; expected none: only 2 are full",
        ),
        (
            "UPDATE audit_checkpoint SET root = sha256('x') WHERE size = 300",
            "audit_checkpoint 300: found the root 2d711642b7",
        ),
        (
            "UPDATE audit_checkpoint SET note = replace(note, E'\\n300\\n', E'\\n301\\n') WHERE size = 300",
            "audit_checkpoint 300: found a note that is refused (the signature of assize.example/log under the key",
        ),
        (
            "UPDATE audit_checkpoint SET note = 'x' WHERE size = 300",
            "audit_checkpoint 300: found a note that is refused (a signed note is a text",
        ),
        (
            "UPDATE audit_checkpoint SET key_id = 'x' WHERE size = 300",
            "audit_checkpoint 300: found the key x; expected",
        ),
        (
            "UPDATE audit_checkpoint SET note = (SELECT note FROM audit_checkpoint WHERE size = 100) WHERE size = 300",
            "audit_checkpoint 300: found a note that says ['assize.example/log', '100', ",
        ),
        ("UPDATE audit_checkpoint SET size = 602 WHERE size = 601", "audit_checkpoint 602: found a signature over 602"),
    ],
)
def test_the_first_difference_is_named(log: list[Entry], statement: str, told: str) -> None:
    names = {"last": log[600].pk, "third": log[3].pk}
    bend(
        "ALTER TABLE audit_leaf DROP CONSTRAINT leaf_is_hashed",
        "ALTER TABLE audit_tile DROP CONSTRAINT tile_is_full",
    )
    try:
        bend(statement.format(**names) if "{" in statement else statement)
        assert difference().startswith(told.format(**names))
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE audit_leaf ADD CONSTRAINT leaf_is_hashed"
                " CHECK (leaf_index >= 0 AND octet_length(leaf_hash) = 32) NOT VALID"
            )
            cursor.execute(
                "ALTER TABLE audit_tile ADD CONSTRAINT tile_is_full CHECK (level >= 0 AND tile_index >= 0 AND"
                " octet_length(hashes) = 8192 AND octet_length(root) = 32) NOT VALID"
            )


def test_an_entry_that_nobody_waits_for_is_named(log: list[Entry]) -> None:
    with transaction.atomic():
        kept_from = append(kind="thing.done", stream="thing:1", by=SYSTEM)
    assert verified().difference is None
    bend("DELETE FROM audit_pending")
    assert difference().startswith(f"audit_entry {kept_from.pk}: found no leaf, and not pending")


def test_an_entry_in_two_places_is_named(log: list[Entry]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT conname FROM pg_constraint WHERE conrelid = 'audit_leaf'::regclass AND contype = 'u'")
        (name,) = cursor.fetchone()
    again = log[5]
    bend(f"ALTER TABLE audit_leaf DROP CONSTRAINT {name}")
    try:
        bend(
            f"INSERT INTO audit_leaf (leaf_index, entry_id, leaf_hash) SELECT 601, {again.pk}, leaf_hash"
            " FROM audit_leaf WHERE leaf_index = 5"
        )
        assert difference() == f"audit_leaf 601: found entry {again.pk} again; expected it at leaf 5 only"
    finally:
        bend("DELETE FROM audit_leaf WHERE leaf_index = 601")
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE audit_leaf ADD CONSTRAINT {name} UNIQUE (entry_id)")


def test_a_checkpoint_by_a_stranger_s_key_is_named(log: list[Entry]) -> None:
    stranger = b"\x07" * 32
    note = signed(str(CheckpointText(ORIGIN, 601, root_at(601))), seeds=[stranger], name=ORIGIN)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE audit_checkpoint SET note = %s WHERE size = 601", [str(note)])
        cursor.execute("SET session_replication_role = origin")
    assert difference().startswith("audit_checkpoint 601: found a note that is refused (no known key has signed")
