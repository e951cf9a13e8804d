"""Signed notes, checkpoints and cosignatures, against the examples of the C2SP documents."""
# ruff: noqa: E501 - published notes are quoted as they are

from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.rules.notes import (
    COSIGNATURE_V1,
    CheckpointText,
    NoteMalformed,
    NoteRefused,
    Signature,
    SignedNote,
    VerifierKey,
    cosign,
    cosigned_at,
    is_signature,
    sign,
    signed,
    verifier_of,
)

# From C2SP signed-note, tlog-checkpoint and tlog-cosignature.
POEM = """Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
"""
COSIGNED = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""
# The key and the note that Go's golang.org/x/mod/sumdb/note documents.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
SEED, NAME = b"\1" * 32, "assize.example/log"
TEXT = "assize.example/log\n3\n" + base64.b64encode(bytes(32)).decode() + "\n"


def test_a_published_note_verifies() -> None:
    key = VerifierKey.parse(GO_KEY)
    assert key.text == GO_KEY
    assert SignedNote.parse(GO_NOTE).verified_by([key]) == [key]
    with pytest.raises(NoteRefused, match="PeterNeumann"):
        SignedNote.parse(GO_NOTE.replace("problem,", "problem.")).verified_by([key])


@pytest.mark.parametrize("note", [POEM, COSIGNED, GO_NOTE])
def test_published_notes_are_read_and_written_back(note: str) -> None:
    found = SignedNote.parse(note)
    assert str(found) == note
    assert SignedNote.parse(note.encode()) == found


def test_the_text_ends_at_the_last_empty_line() -> None:
    found = SignedNote.parse(POEM)
    assert found.text.endswith("\n\ned è subito sera.\n")
    assert found.signatures[0].key_hash.hex() == "367ba04b"


def test_the_published_cosignature_is_read() -> None:
    found = SignedNote.parse(COSIGNED)
    assert cosigned_at(found.signatures[1]) == 1679315147
    body = CheckpointText.parse(found.text)
    assert (body.origin, body.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(body) == found.text


def test_a_key_s_hash_is_that_of_the_document() -> None:
    key = verifier_of(SEED, NAME)
    assert key.hash == sha256(NAME.encode() + b"\n\x01" + key.public).digest()[:4]
    witness = verifier_of(SEED, NAME, COSIGNATURE_V1)
    assert witness.hash == sha256(NAME.encode() + b"\n\x04" + key.public).digest()[:4]
    assert VerifierKey.parse(witness.text) == witness


def test_several_keys_sign_and_strangers_are_ignored() -> None:
    note = signed(TEXT, seeds=[SEED, b"\2" * 32, b"\3" * 32], name=NAME)
    keys = [verifier_of(bytes([number]) * 32, NAME) for number in (1, 2, 3)]
    assert note.verified_by(keys[1:2]) == keys[1:2]
    assert note.verified_by(keys) == keys
    with pytest.raises(NoteRefused, match="no known key"):
        note.verified_by([verifier_of(b"\4" * 32, NAME)])
    with pytest.raises(NoteRefused, match="no known key"):
        note.verified_by([verifier_of(SEED, "another.example/log")])


def test_one_wrong_signature_by_a_known_key_spoils_the_note() -> None:
    good, bad = sign(TEXT, seed=SEED, name=NAME), sign(TEXT + "more\n", seed=b"\2" * 32, name=NAME)
    keys = [verifier_of(SEED, NAME), verifier_of(b"\2" * 32, NAME)]
    with pytest.raises(NoteRefused, match="wrong"):
        SignedNote(TEXT, (good, bad)).verified_by(keys)
    assert SignedNote(TEXT, (good, bad)).verified_by(keys[:1]) == keys[:1]


def test_a_witness_cosigns_time_and_checkpoint() -> None:
    key = verifier_of(SEED, "witness.example/w", COSIGNATURE_V1)
    cosignature = cosign(TEXT, seed=SEED, name="witness.example/w", at=1_700_000_000)
    assert cosigned_at(cosignature) == 1_700_000_000
    assert is_signature(cosignature, key, TEXT)
    assert not is_signature(cosignature, key, TEXT.replace("3", "4"))
    later = Signature(cosignature.name, cosignature.key_hash, (5).to_bytes(8, "big") + cosignature.raw[8:])
    assert not is_signature(later, key, TEXT)
    assert not is_signature(Signature(key.name, key.hash, b"\xff" * 72), key, TEXT)
    assert not is_signature(Signature(key.name, key.hash, b"short"), key, TEXT)
    assert not is_signature(sign(TEXT, seed=SEED, name="witness.example/w"), key, TEXT)
    note = signed(TEXT, seeds=[b"\2" * 32], name=NAME)
    both = SignedNote(TEXT, (*note.signatures, cosignature))
    assert SignedNote.parse(str(both)).verified_by([key, verifier_of(b"\2" * 32, NAME)])[1] == key


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n— a AAAAAAA=\n",
        "text\n\n— a AAAAAAA=",
        "text\n\n- a AAAAAAA=\n",
        "text\n\n—  AAAAAAA=\n",
        "text\n\n— a b AAAAAAA=\n",
        "text\n\n— a+b AAAAAAA=\n",
        "text\n\n— a\u00a0b AAAAAAA=\n",
        "text\n\n— a AAAAAA==\n",
        "text\n\n— a AAAAAAB=\n",
        "text\n\n— a AAAA AAA=\n",
        "text\n\n— a !!!!\n",
        "te\txt\n\n— a AAAAAAA=\n",
        "text\r\n\n— a AAAAAAA=\n",
        "text\n\n" + "— a AAAAAAA=\n" * 101,
        "x" * 1_000_001 + "\n\n— a AAAAAAA=\n",
        b"\xff\n\n- a AAAAAAA=\n",
    ],
)
def test_what_is_no_note_is_refused(note: str | bytes) -> None:
    with pytest.raises(NoteMalformed):
        SignedNote.parse(note)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "name",
        "name+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+",
        "PeterNeumann+c74f20a3+ARpc",
        "PeterNeumann+c74f20a3+AhpcAhpc",
    ],
)
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(NoteMalformed):
        VerifierKey.parse(key)


ROOT = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log\n3\n",
        f"log\n3\n{ROOT}",
        f"\n3\n{ROOT}\n",
        f"log\n03\n{ROOT}\n",
        f"log\n-3\n{ROOT}\n",
        f"log\n+3\n{ROOT}\n",
        f"log\n３\n{ROOT}\n",
        f"log\n{1 << 63}\n{ROOT}\n",
        f"log\n{'9' * 5000}\n{ROOT}\n",
        "log\n3\nAAAA\n",
        f"log\n3\n{ROOT}\n\n",
        f"log\n3\n{ROOT}\n\nmore\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteMalformed):
        CheckpointText.parse(text)


@pytest.mark.parametrize("text", ["no newline", "control\x07\n", "tab\t\n"])
def test_what_can_t_be_a_note_s_text_is_not_signed(text: str) -> None:
    with pytest.raises(NoteMalformed):
        sign(text, seed=SEED, name=NAME)
    with pytest.raises(NoteMalformed):
        cosign(text, seed=SEED, name=NAME, at=0)


@given(st.integers(0, (1 << 63) - 1), st.binary(min_size=32, max_size=32), st.lists(st.sampled_from(["a", "b c", "—"])))
def test_checkpoints_are_read_as_written(size: int, root: bytes, extensions: list[str]) -> None:
    body = CheckpointText(NAME, size, root, tuple(extensions))
    assert CheckpointText.parse(str(body)) == body
    assert SignedNote.parse(str(signed(str(body), seeds=[SEED], name=NAME))).text == str(body)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (text, TEXT + "\n" + text + "\n"):
        try:
            assert str(SignedNote.parse(whole)) == whole
        except NoteMalformed:
            continue
