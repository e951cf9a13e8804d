"""Cosignatures: every one that is kept is checked, and a witness known from elsewhere is missed."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command

from audit.gateways import Answer, Question
from audit.models import Checkpoint, Cosignature
from audit.rules.notes import COSIGNATURE_V1, Signature, SignedNote, VerifierKey, cosign, verifier_of
from audit.services import witnesses
from tests.audit.bending import bend, difference, grow, verified

pytestmark = pytest.mark.django_db(transaction=True)

SEED, NAME, AT = b"w" * 32, "witness.example/one", 1_790_000_000
KEY = verifier_of(SEED, NAME, COSIGNATURE_V1)
OTHER = verifier_of(b"o" * 32, "witness.example/two", COSIGNATURE_V1)


@pytest.fixture
def sizes(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Three checkpoints; the first two cosigned by a witness that has left the settings since."""

    def answer_all(questions: Sequence[Question]) -> list[Answer]:
        notes = [question.body.decode().partition("\n\n")[2] for question in questions]
        return [Answer(200, line(SignedNote.parse(note).text)) for note in notes]

    settings.AUDIT_WITNESSES = [f"{KEY.text} https://witness.example"]
    monkeypatch.setattr(witnesses, "ask_all", answer_all)
    cache.clear()
    grown = []
    for _each in range(2):
        grown.append(grow(3))
        assert len(witnesses.offer_latest()) == 1
    settings.AUDIT_WITNESSES = []
    return [*grown, grow(3)]


def line(text: str, *, seed: bytes = SEED, name: str = NAME, at: int = AT) -> str:
    return cosign(text, seed=seed, name=name, at=at).line


def text_of(size: int) -> str:
    return SignedNote.parse(Checkpoint.objects.get(size=size).note).text


def rewrite(size: int, line: str, more: str = "") -> None:
    bend(f"UPDATE audit_cosignature SET line = '{line}' {more} WHERE checkpoint_id = {size}")


def test_all_that_were_kept_are_verified(sizes: list[int]) -> None:
    found = verified()
    assert (found.checkpoints, found.cosignatures, found.difference) == (3, 2, None)
    assert verified(processes=2) == found
    Cosignature.objects.create(  # by a witness of the settings that the log has not named yet
        checkpoint_id=sizes[2],
        witness=OTHER.name,
        key_hash=OTHER.hash.hex(),
        line=line(text_of(sizes[2]), seed=b"o" * 32, name=OTHER.name),
        cosigned_at=Cosignature.objects.earliest("pk").cosigned_at,
    )
    told = difference()
    assert told.startswith(f"audit_cosignature of {sizes[2]} by {OTHER.name}: found the key {OTHER.hash.hex()}; ")
    assert verified(witnesses=(OTHER,)).cosignatures == 3


@pytest.mark.parametrize("what", ["key", "checkpoint", "time", "bit"])
def test_a_forged_one_is_named(sizes: list[int], what: str) -> None:
    """By somebody who has another key, another checkpoint's cosignature, another time, or a lucky bit."""
    first, second, _last = sizes
    true = Signature.parse(line(text_of(second)))
    forged = {
        "key": Signature(NAME, KEY.hash, Signature.parse(line(text_of(second), seed=b"f" * 32)).raw),
        "checkpoint": Signature.parse(line(text_of(first))),
        "time": Signature(NAME, KEY.hash, (AT + 1).to_bytes(8, "big") + true.raw[8:]),
        "bit": Signature(NAME, KEY.hash, true.raw[:-1] + bytes([true.raw[-1] ^ 1])),
    }[what]
    rewrite(second, forged.line)
    assert difference() == (
        f"audit_cosignature of {second} by {NAME}: found a wrong signature; "
        f"expected one over this checkpoint by {KEY.text}"
    )
    rewrite(first, forged.line)
    if what != "checkpoint":
        assert difference().startswith(f"audit_cosignature of {first} by "), "the first of both"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("line = 'nonsense'", "found a line that is no cosignature; expected the witness's signature line"),
        ("cosigned_at = cosigned_at + interval '1 second'", f"found the second {AT + 1}; expected {AT}, which is"),
        (
            "key_hash = '00000000'",
            f"found a line by {NAME} under the key {KEY.hash.hex()}; expected one under 00000000",
        ),
        (f"line = '— {NAME} {base64.b64encode(KEY.hash + bytes(64)).decode()}'", "found a line that is no cosignature"),
    ],
)
def test_a_bent_row_is_named(sizes: list[int], change: str, told: str) -> None:
    bend(f"UPDATE audit_cosignature SET {change} WHERE checkpoint_id = {sizes[1]}")
    assert difference().startswith(f"audit_cosignature of {sizes[1]} by {NAME}: {told}")


def test_one_over_a_checkpoint_that_is_gone_is_named(sizes: list[int]) -> None:
    bend(f"DELETE FROM audit_checkpoint WHERE size = {sizes[1]}")
    assert difference().startswith(f"audit_cosignature of {sizes[1]} by {NAME}: found no such checkpoint")
    bend("DELETE FROM audit_cosignature")
    assert verified().difference is None


def test_a_witness_known_from_elsewhere_must_have_cosigned_the_last(sizes: list[int]) -> None:
    assert difference(cosigners=(KEY,)) == (
        f"audit_cosignature of {sizes[2]}: found no cosignature by {NAME}, "
        f"the last under its name is over {sizes[1]} entries; expected one by {KEY.text}"
    )
    bend(f"UPDATE audit_cosignature SET checkpoint_id = {sizes[2]} WHERE checkpoint_id = {sizes[1]}")
    rewrite(sizes[2], line(text_of(sizes[2])))
    assert verified(cosigners=(KEY,)).difference is None
    assert "and none before; expected one by" in difference(cosigners=(KEY, OTHER))
    false_one = VerifierKey(NAME, COSIGNATURE_V1, verifier_of(b"f" * 32, NAME, COSIGNATURE_V1).public)
    assert difference(cosigners=(false_one,)).endswith(f"expected one by {false_one.text}")


def test_the_owner_of_tables_and_key_can_rewrite_the_log_and_only_a_witness_notices(sizes: list[int]) -> None:
    """What docs/witness.md says of an operator without a witness."""
    tables = ("audit_cosignature", "audit_checkpoint", "audit_tile", "audit_leaf", "audit_pending", "audit_entry")
    bend(*[f"DELETE FROM {table}" for table in tables])
    for _size in sizes:
        grow(3)
    assert verified().difference is None
    assert "and none before; expected one by" in difference(cosigners=(KEY,))


def test_the_command_asks_for_them(sizes: list[int]) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        out = StringIO()
        try:
            call_command("verify_audit_log", *arguments, stdout=out, stderr=out)
        except SystemExit as stopped:
            return int(str(stopped.code)), out.getvalue()
        return 0, out.getvalue()

    assert "3 checkpoints with 2 cosignatures verified" in run()[1]
    status, told = run("--witness", KEY.text)
    assert (status, f"no cosignature by {NAME}" in told) == (1, True)
    bend(
        "DELETE FROM audit_cosignature",
        f"DELETE FROM audit_checkpoint WHERE size = {sizes[2]}",
        f"INSERT INTO audit_cosignature (checkpoint_id, witness, key_hash, line, cosigned_at) VALUES ({sizes[1]},"
        f" '{NAME}', '{KEY.hash.hex()}', '{line(text_of(sizes[1]))}', to_timestamp({AT}))",
    )
    assert run("--witness", KEY.text)[0] == 0
    with pytest.raises(CommandError, match="--witness: a verifier key reads"):
        run("--witness", "nonsense")
    with pytest.raises(CommandError, match="isn't a witness's"):
        run("--witness", verifier_of(b"l" * 32, "log.example").text)


def test_a_log_without_checkpoint_has_none_that_was_cosigned() -> None:
    assert difference(cosigners=(KEY,)).startswith("audit_checkpoint the last: found none; expected one that ")
