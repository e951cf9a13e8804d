"""A verification says what the witnesses say: no difference in the tables is not enough."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from audit import clock
from audit.actors import SYSTEM
from audit.models import Checkpoint, Cosignature
from audit.rules.notes import SignedNote, VerifierKey, cosign, verifier_of
from audit.selectors.witnesses import WITNESS_INTRODUCED, WITNESS_REFUSED, WITNESS_STREAM
from audit.services import append
from tests.audit.bending import bend, grow
from tests.moving import move_clock

pytestmark = pytest.mark.django_db(transaction=True)

SEED, NAME = b"w" * 32, "witness.example/w"
KEY: VerifierKey = verifier_of(SEED, NAME, 4)
WATCHED = override_settings(AUDIT_WITNESSES=[f"{KEY.text} http://127.0.0.1:1"])


def run(*arguments: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_audit_log", *arguments, stdout=out, stderr=out)
    except SystemExit as stopped:
        return int(str(stopped.code)), out.getvalue()
    return 0, out.getvalue()


def cosigned(size: int, seed: bytes = SEED) -> None:
    """The witness's cosignature over this checkpoint, kept as the service keeps it."""
    checkpoint = Checkpoint.objects.get(size=size)
    at = int(clock.real_now().timestamp())
    line = cosign(SignedNote.parse(checkpoint.note).text, seed=seed, name=NAME, at=at).line
    Cosignature.objects.create(
        checkpoint=checkpoint,
        witness=NAME,
        key_hash=KEY.hash.hex(),
        line=line,
        cosigned_at=dt.datetime.fromtimestamp(at, dt.UTC),
    )


def introduce() -> None:
    with transaction.atomic():
        append(kind=WITNESS_INTRODUCED, stream=WITNESS_STREAM, by=SYSTEM, body={"key": KEY.text})


def refuse(reason: str, *, offered: int, cosigned_before: int) -> None:
    """The entry that the service appends when a witness refuses."""
    body = {
        "witness": NAME,
        "reason": reason,
        "witness_size": 9,
        "offered": offered,
        "cosigned_before": cosigned_before,
    }
    with transaction.atomic():
        append(kind=WITNESS_REFUSED, stream=WITNESS_STREAM, by=SYSTEM, body=body)


def test_without_witnesses_it_says_what_that_means() -> None:
    grow(3)
    status, told = run()
    assert status == 0
    assert told.strip().endswith(
        "no difference. No witness is configured: this says nothing against the owner of the tables."
    )


@WATCHED
def test_a_witness_has_an_hour_for_a_checkpoint_and_no_more() -> None:
    size = grow(3)
    move_clock(minutes=59)
    assert run()[0] == 0
    move_clock(minutes=2)
    status, told = run()
    assert status == 2
    assert "no difference" not in told
    assert f"{NAME} has not cosigned the checkpoint of {size} entries or a later one; it has cosigned nothing" in told
    assert run("--cosigned-within", "120")[0] == 0
    cosigned(size)
    status, told = run()
    assert status == 0
    assert told.strip().endswith("no difference, and every witness of the settings (1) has cosigned.")


@WATCHED
def test_a_later_cosignature_covers_what_is_older_and_an_older_one_does_not() -> None:
    introduce()
    first = grow(3)
    cosigned(first)
    second = grow(3)
    move_clock(hours=2)
    status, told = run()
    assert status == 2
    assert f"has not cosigned the checkpoint of {second} entries or a later one; it has cosigned {first}" in told
    third = grow(3)
    cosigned(third)
    assert run()[0] == 0


@WATCHED
def test_a_cosignature_that_is_none_counts_for_nothing() -> None:
    size = grow(3)
    cosigned(size, seed=b"f" * 32)
    move_clock(hours=2)
    # Found by the tables' own check, which comes first; `--from` a later checkpoint would not look at it again.
    assert run()[0] == 1
    for _more in range(2):
        last = grow(2)
    cosigned(last)
    bend(f"DELETE FROM audit_cosignature WHERE checkpoint_id = {size}")
    assert run()[0] == 0


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("knows_more", "entries are lost, or an old backup was restored"),
        ("fork", "the past was changed"),
        ("inconsistent", "this log doesn't continue"),
        ("unknown_key", "its operator must confirm the new key"),
        ("unknown_log", "hasn't been told to watch this log"),
        ("another", ": another"),
    ],
)
def test_a_log_that_a_witness_refuses_is_never_without_difference(reason: str, words: str) -> None:
    """Also where the settings no longer name the witness: its refusal is in the log."""
    size = grow(3)
    refuse(reason, offered=size, cosigned_before=0)
    grow(1)
    status, told = run()
    assert status == 2
    assert "no difference" not in told
    assert "The tables agree with each other, but this is not a log that its witnesses accept:" in told
    assert f"{NAME} refused {size} entries on 2026-" in told
    assert words in told


@WATCHED
def test_a_refusal_is_over_when_the_witness_has_gone_on() -> None:
    introduce()
    first = grow(3)
    cosigned(first)
    refuse("unknown_key", offered=first, cosigned_before=first)
    last = grow(1)
    assert run()[0] == 2
    cosigned(last)
    assert run()[0] == 0
    refuse("fork", offered=last, cosigned_before=last)
    grow(1)
    assert run()[0] == 2
