"""The signatures that `verify.py` checks with the standard library alone, against those that the service makes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.test import Client
from hypothesis import given, strategies

import verify
from audit.rules.notes import COSIGNATURE_V1, SignedNote, cosign, sign, verifier_of
from audit.services import publish
from audit.services.keys import configured_keys
from tests.jury.conftest import Court, close, sitting, vote

TEXT = "log.example\n7\n" + "A" * 43 + "=\n"
SEED, OTHER = bytes(range(32)), bytes(range(1, 33))


@pytest.mark.parametrize(
    ("public", "message", "signature"),
    [  # RFC 8032, 7.1
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ],
)
def test_the_published_vectors(public: str, message: str, signature: str) -> None:
    raw = bytes.fromhex(signature)
    assert verify.is_signed(bytes.fromhex(public), bytes.fromhex(message), raw)
    assert not verify.is_signed(bytes.fromhex(public), bytes.fromhex(message) + b"x", raw)


@given(
    seed=strategies.binary(min_size=32, max_size=32),
    message=strategies.binary(max_size=200),
    bit=strategies.integers(0, 511),
)
def test_it_takes_what_the_library_signs_and_nothing_that_differs_by_a_bit(
    seed: bytes, message: bytes, bit: int
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verify.is_signed(public, message, signature)
    bent = bytearray(signature)
    bent[bit // 8] ^= 1 << bit % 8
    assert not verify.is_signed(public, message, bytes(bent))


def test_a_scalar_beyond_the_order_is_refused() -> None:
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    signature = key.sign(b"text")
    scalar = int.from_bytes(signature[32:], "little") + verify.ORDER
    doubled = signature[:32] + scalar.to_bytes(32, "little")
    assert not verify.is_signed(key.public_key().public_bytes_raw(), b"text", doubled)


def test_the_logs_and_a_witness_signature() -> None:
    note = str(SignedNote(TEXT, (sign(TEXT, seed=SEED, name="log.example"), cosign(TEXT, seed=OTHER, name="w", at=99))))
    assert verify.check_signature(note, verifier_of(SEED, "log.example").text) == "log.example"
    assert verify.check_signature(note, verifier_of(OTHER, "w", COSIGNATURE_V1).text) == "w at 99"


@pytest.mark.parametrize(
    "key",
    [
        verifier_of(OTHER, "log.example").text,
        verifier_of(SEED, "other.example").text,
        verifier_of(OTHER, "w").text,
        verifier_of(SEED, "w", COSIGNATURE_V1).text,
        verifier_of(SEED, "log.example").text.replace("+", "+0", 1),
        "no key",
        "",
    ],
)
def test_another_key_has_not_signed(key: str) -> None:
    note = str(SignedNote(TEXT, (sign(TEXT, seed=SEED, name="log.example"), cosign(TEXT, seed=OTHER, name="w", at=99))))
    with pytest.raises((verify.Differs, ValueError)):
        verify.check_signature(note, key)


@pytest.mark.parametrize("bent", [TEXT.replace("7", "8"), TEXT.replace("A", "B", 1), TEXT + "more\n"])
def test_a_bent_text_is_not_what_was_signed(bent: str) -> None:
    note = SignedNote(bent, (sign(TEXT, seed=SEED, name="log.example"), cosign(TEXT, seed=OTHER, name="w", at=99)))
    for key in (verifier_of(SEED, "log.example"), verifier_of(OTHER, "w", COSIGNATURE_V1)):
        with pytest.raises(verify.Differs, match="is wrong"):
            verify.check_signature(str(note), key.text)


def _verified(found: dict[str, Any], folder: Path, *keys: str) -> tuple[int, str]:
    file = folder / "vote.json"
    file.write_text(json.dumps(found))
    given_keys = [part for key in keys for part in ("--key", key)]
    done = subprocess.run(
        [sys.executable, "-I", str(settings.BASE_DIR / "verify.py"), str(file), *given_keys],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.django_db
def test_the_program_checks_the_logs_key(client: Client, court: Court, tmp_path: Path) -> None:
    court.add_jurors(3)
    panel = court.drawn()
    for seat in sitting(panel):
        vote(seat)
    close(panel)
    before = client.get(f"/api/v1/votes/{panel.pk}/").json()
    key = configured_keys()[0][0].text
    assert _verified(before, tmp_path, key)[0] == 1
    publish()
    found = client.get(f"/api/v1/votes/{panel.pk}/").json()
    status, text = _verified(found, tmp_path, key)
    assert (status, f"Signed by {key.split('+')[0]}." in text) == (0, True), text
    status, text = _verified(found, tmp_path, verifier_of(OTHER, key.split("+")[0]).text)
    assert (status, "has not signed this checkpoint" in text) == (1, True), text
    assert "Not checked: its signatures" in _verified(found, tmp_path)[1]
