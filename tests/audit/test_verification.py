"""Recomputing the log: a good one passes, by the command too; keys, pieces and processes."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from audit import clock
from audit.models import Checkpoint
from audit.rules.notes import CheckpointText, signed, verifier_of
from audit.selectors import log_keys
from audit.verification.whole import Verified
from tests.audit.bending import ORIGIN, bend, difference, grow, grow_fast, verified

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_empty_log_is_in_order() -> None:
    assert verified() == Verified(ORIGIN)


def test_a_log_rewritten_under_another_key_is_told_from_the_true_one() -> None:
    """Who rewrites everything also rewrites the keys in it: a key known from elsewhere finds that out."""
    with override_settings(AUDIT_LOG_KEYS=[b"\x07" * 32]):
        grow(5)
    assert verified().difference is None
    known = verifier_of(b"\x01" * 32, ORIGIN)
    told = difference(trusted=(known,))
    assert told == f"audit_checkpoint 6: found signatures by other keys; expected one by {known.text}"
    assert difference(origin="another.example/log").startswith("audit_checkpoint 6: found a note that says")


def test_checkpoints_of_rotated_keys_verify() -> None:
    seeds = [bytes([number]) * 32 for number in (1, 2)]
    for keys in (seeds[:1], [seeds[1], seeds[0]], seeds[1:]):
        with override_settings(AUDIT_LOG_KEYS=keys):
            grow(3)
    found = verified(trusted=(verifier_of(seeds[1], ORIGIN),))
    assert (found.checkpoints, found.difference) == (3, None)
    retired = verifier_of(seeds[0], ORIGIN)
    assert difference(trusted=(retired,)).endswith(f"expected one by {retired.text}")
    last = Checkpoint.objects.get(size=found.size)
    by_retired = signed(str(CheckpointText(ORIGIN, last.size, bytes(last.root))), seeds=seeds[:1], name=ORIGIN)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE audit_checkpoint SET note = %s WHERE size = %s", [str(by_retired), last.size])
        cursor.execute("SET session_replication_role = origin")
    assert "no known key has signed" in difference()


def test_a_long_log_is_verified_in_pieces_by_several_processes() -> None:
    first = grow(10)
    grow_fast(65_600)
    last = grow(10)
    alone, together, part = verified(), verified(processes=2), verified(since=last)
    assert alone == together
    assert (alone.size, alone.checkpoints, alone.difference) == (last, 2, None)
    assert (part.start, part.checkpoints, part.difference) == (65_536, 1, None)
    bend("UPDATE audit_leaf SET leaf_hash = sha256('x') WHERE leaf_index = 65600")
    assert difference(processes=2).startswith("audit_leaf 65600: ")
    assert difference(since=last).startswith("audit_leaf 65600: ")
    bend("UPDATE audit_tile SET root = sha256('x') WHERE level = 1 AND tile_index = 0")
    assert difference(processes=2).startswith("audit_tile 1/0, root: ")
    assert difference(since=first).startswith("audit_tile 1/0, root: ")


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_audit_log", *arguments, stdout=out, stderr=out)
    except SystemExit as stopped:
        return int(str(stopped.code)), out.getvalue()
    return 0, out.getvalue()


def test_the_command_says_that_all_is_well() -> None:
    size = grow(3)
    assert run()[0] == 0
    assert run("--from", str(size))[0] == 0
    assert "4 entries and 1 checkpoints with 0 cosignatures verified" in run()[1]
    with pytest.raises(CommandError, match="no checkpoint of the size 3"):
        run("--from", "3")
    with pytest.raises(CommandError, match="--key"):
        run("--key", "nonsense")


def test_the_command_names_the_difference_and_fails() -> None:
    grow(3)
    bend("UPDATE audit_leaf SET leaf_hash = sha256('x') WHERE leaf_index = 2")
    status, told = run()
    assert status == 1
    assert "First difference: audit_leaf 2: found 2d711642b7" in told


def test_the_command_asks_for_a_key_of_the_settings() -> None:
    with override_settings(AUDIT_LOG_KEYS=[b"\x07" * 32]):
        grow(1)
        assert run()[0] == run("--key", log_keys()[0].key.text)[0] == 0
    status, told = run()
    assert status == 1
    assert "signatures by other keys" in told


def test_keys_are_listed_and_recorded() -> None:
    def told(*arguments: str) -> str:
        out = StringIO()
        call_command("audit_keys", *arguments, stdout=out)
        return out.getvalue()

    with override_settings(AUDIT_LOG_KEYS=[b"\x01" * 32]):
        assert "not in the log yet" in told()
        assert "in use" in told("--record")
    with override_settings(AUDIT_LOG_KEYS=[b"\x02" * 32]):
        with pytest.raises(CommandError, match="AUDIT_LOG_KEYS"):
            told("--record")
        listed = told("--accept-without-overlap").splitlines()
    assert ["retired" in line for line in listed] == [False, True]
    assert listed[0].startswith(verifier_of(b"\x02" * 32, ORIGIN).text)
    assert timezone.localdate(clock.now()).isoformat() in listed[0]
    assert len(bytes.fromhex(told("--new").strip())) == 32
