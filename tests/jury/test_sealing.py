"""Sealed ballots: what goes in comes out, for one seat, one panel, one key, and never in another length."""

from __future__ import annotations

import dataclasses
import json
import re
import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from jury import sealing
from jury.errors.ballots import SealBroken, WordsTooLong, WordsUnreadable
from jury.errors.panels import PanelKeyLocked
from jury.rules.verdicts import Choice
from jury.sealing import BallotContent

CLOSING_KEY = bytes(range(32))
PUBLIC = sealing.closing_public_key(CLOSING_KEY)
KEYS = sealing.new_panel_keys(PUBLIC)
PRIVATE = sealing.unwrap_private_key(KEYS, CLOSING_KEY)
PLACE = {"panel": "panel-1", "seat": "7", "sequence": 1}
BALLOT = BallotContent(Choice.AGAINST, ("pre_existing",), "The scan of 2017 shows it. 早已确诊。", is_medical=True)


def sealed(content: BallotContent = BALLOT, **place) -> sealing.SealedBallot:
    return sealing.seal(content, public=KEYS.public, **{**PLACE, **place})


def opened(ballot: sealing.SealedBallot, **place) -> sealing.OpenedBallot:
    return sealing.open_ballot(ballot.sealed, private=PRIVATE, **{**PLACE, **place})


def test_a_ballot_opens_to_what_was_sealed():
    assert opened(sealed()).content == BALLOT


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(Choice),
    st.lists(st.from_regex(r"[a-z0-9_.-]{1,32}", fullmatch=True), max_size=16),
    st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=sealing.WORDS_MAX_CHARACTERS),
    st.booleans(),
)
def test_whatever_a_juror_says_has_one_length_and_comes_out_whole(choice, codes, words, is_medical):
    content = BallotContent(choice, tuple(codes), words, is_medical)
    ballot = sealed(content)
    assert len(ballot.sealed) == sealing.SEALED_BYTES
    assert opened(ballot).content == content


@pytest.mark.parametrize("character", ["x", "病", "😀", '"', "\\", "\n"])
def test_the_longest_words_and_all_reason_codes_fit_in_every_script(character):
    codes = tuple(f"{index:0>32}" for index in range(sealing.REASON_CODES_MAX))
    content = BallotContent(Choice.AGAINST, codes, character * sealing.WORDS_MAX_CHARACTERS, is_medical=False)
    ballot = sealed(content)
    assert len(ballot.sealed) == sealing.SEALED_BYTES
    assert opened(ballot).content == content


def test_words_that_are_too_long_are_refused_with_the_limit():
    with pytest.raises(WordsTooLong, match=r"801 characters.*at most 800"):
        sealed(dataclasses.replace(BALLOT, words="x" * 801))


@pytest.mark.parametrize("character", ["\ud800", "\x00"], ids=["half a character", "one that no database stores"])
def test_what_is_no_text_is_refused(character):
    with pytest.raises(WordsUnreadable):
        sealed(dataclasses.replace(BALLOT, words=character))


@pytest.mark.parametrize("codes", [("",), ("two words",), ("x" * 33,), ("理由",), tuple("abcdefghijklmnopq")])
def test_reason_codes_that_are_none_are_refused(codes):
    with pytest.raises(ValueError, match="reason codes"):
        sealed(dataclasses.replace(BALLOT, reason_codes=codes))


@pytest.mark.parametrize("place", [{"panel": "panel-2"}, {"seat": "8"}, {"sequence": 2}])
def test_a_ballot_opens_only_in_its_own_place(place):
    with pytest.raises(SealBroken):
        opened(sealed(), **place)


@pytest.mark.parametrize("place", [{"panel": ""}, {"seat": ""}, {"sequence": 0}])
def test_a_ballot_without_a_place_is_refused(place):
    with pytest.raises(ValueError, match="bound"):
        sealed(**place)


@pytest.mark.parametrize("position", [0, 1, 2, 3, 4, 36, 68, 115, 116, 835, 836, 2000, sealing.SEALED_BYTES - 1])
def test_one_changed_bit_breaks_the_seal(position):
    ballot = sealed()
    changed = bytearray(ballot.sealed)
    changed[position] ^= 1
    with pytest.raises(SealBroken):
        opened(dataclasses.replace(ballot, sealed=bytes(changed)))


@pytest.mark.parametrize("spoiled", [b"", b"\x02", b"\x02\x01\x01" + bytes(sealing.SEALED_BYTES - 3)])
def test_what_is_no_sealed_ballot_does_not_open(spoiled):
    # The last one has an ephemeral key of low order.
    with pytest.raises(SealBroken):
        opened(dataclasses.replace(sealed(), sealed=spoiled))


@pytest.mark.parametrize("length", [sealing.SEALED_BYTES - 1, sealing.SEALED_BYTES + 1])
def test_another_length_does_not_open(length):
    ballot = sealed()
    with pytest.raises(SealBroken):
        opened(dataclasses.replace(ballot, sealed=ballot.sealed.ljust(length, b"\x00")[:length]))


def _plaintext(head: bytes, words: bytes = b"") -> bytes:
    body = len(head).to_bytes(2, "big") + head + len(words).to_bytes(2, "big") + words
    return body.ljust(sealing.PLAINTEXT_BYTES, b"\x00")


def _head(**changes) -> bytes:
    said = {"choice": "support", "is_medical": False, "reason_codes": [], "salt": "00" * 32, "words_salt": "00" * 32}
    return json.dumps(said | changes, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "plaintext",
    [
        bytes(sealing.PLAINTEXT_BYTES),
        _plaintext(b"[" * 4000),
        _plaintext(b"null"),
        _plaintext(_head(choice="both")),
        _plaintext(_head(choice=["support"])),
        _plaintext(_head(is_medical=1)),
        _plaintext(_head(reason_codes=[["x"]])),
        _plaintext(_head(reason_codes="abc")),
        _plaintext(_head(reason_codes=["two words"])),
        _plaintext(_head(salt="00" * 33)),
        _plaintext(_head(), b"\x00"),
        _plaintext(_head(), b"\xff"),
        _plaintext(_head(), b"x" * 801),
    ],
)
def test_a_seal_that_holds_no_whole_ballot_is_reported_and_not_a_crash(monkeypatch, plaintext):
    """Anybody who has the public key can seal anything: it must neither stop a close nor be stored."""
    with monkeypatch.context() as patched:
        patched.setattr(sealing, "_encode", lambda *parts: plaintext)
        ballot = sealed()
    with pytest.raises(SealBroken):
        opened(ballot)


def test_such_a_text_as_the_tests_make_does_open_when_it_is_whole(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(sealing, "_encode", lambda *parts: _plaintext(_head(), b"words"))
        ballot = sealed()
    assert opened(ballot).content == BallotContent(Choice.SUPPORT, (), "words")


def test_the_layout_is_the_one_that_is_documented():
    ballot = sealed().sealed
    assert ballot[:4] == b"\x02\x01\x01\x00"
    assert (sealing.HEAD_BYTES, sealing.SEALED_BYTES) == (836, 4948)
    assert len(ballot) == 4948


def test_shares_that_give_another_key_than_the_one_committed_to_are_refused(monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(sealing, "_key_check", lambda key: bytes(32))
        ballot = sealed()
    with pytest.raises(SealBroken):
        opened(ballot)


def test_another_panels_key_does_not_open_it():
    with pytest.raises(SealBroken):
        sealing.open_ballot(sealed().sealed, private=X25519PrivateKey.generate(), **PLACE)


def test_only_the_closing_key_unwraps_the_panels_key():
    with pytest.raises(PanelKeyLocked):
        sealing.unwrap_private_key(KEYS, secrets.token_bytes(32))


def test_a_private_key_belongs_to_its_public_key():
    other = sealing.new_panel_keys(PUBLIC)
    with pytest.raises(PanelKeyLocked):
        sealing.unwrap_private_key(dataclasses.replace(KEYS, wrapped_private=other.wrapped_private), CLOSING_KEY)


@pytest.mark.parametrize(
    "wrapped", [b"", b"short", KEYS.wrapped_private[:-1], bytes(60)], ids=["empty", "short", "cut", "zeros"]
)
def test_a_spoiled_wrapped_key_does_not_unwrap(wrapped):
    with pytest.raises(PanelKeyLocked):
        sealing.unwrap_private_key(dataclasses.replace(KEYS, wrapped_private=wrapped), CLOSING_KEY)


def test_a_closing_key_of_another_length_is_refused():
    with pytest.raises(ValueError, match="32 bytes"):
        sealing.new_panel_keys(b"short")


def test_the_same_ballot_never_looks_the_same():
    one, other = sealed(), sealed()
    assert one.sealed != other.sealed
    assert one.commitment != other.commitment
    assert one.receipt != other.receipt


def test_nothing_of_the_ballot_can_be_read_at_rest():
    stored = sealed().sealed + KEYS.public + KEYS.wrapped_private
    for secret in (b"against", b"pre_existing", b"2017", "早已确诊".encode()):
        assert secret not in stored


def test_the_commitment_is_proved_without_the_words():
    ballot = sealed()
    found = opened(ballot)
    without_words = dataclasses.replace(found.content, words="")
    assert sealing.commitment_of("panel-1", without_words, found.salt, found.words_digest) == ballot.commitment


@pytest.mark.parametrize(
    "change", [{"choice": Choice.SUPPORT}, {"is_medical": False}, {"reason_codes": ()}, {"reason_codes": ("other",)}]
)
def test_the_commitment_fits_no_other_ballot(change):
    ballot = sealed()
    found = opened(ballot)
    changed = dataclasses.replace(found.content, **change)
    assert sealing.commitment_of("panel-1", changed, found.salt, found.words_digest) != ballot.commitment
    assert sealing.commitment_of("panel-2", found.content, found.salt, found.words_digest) != ballot.commitment


def test_the_published_salt_does_not_let_short_words_be_guessed():
    found = opened(sealed(dataclasses.replace(BALLOT, words="no")))
    assert sealing.words_digest_of("no", found.salt) != found.words_digest


@pytest.mark.parametrize(
    ("commitment", "receipt"),
    [("0" * 64, "0000-0000-0000-0000"), ("f" * 64, "ZZZZ-ZZZZ-ZZZZ-ZZZZ"), ("0864" + "0" * 60, "11J0-0000-0000-0000")],
)
def test_a_receipt_is_the_commitments_beginning_in_letters_that_can_be_read_out(commitment, receipt):
    assert sealing.receipt_of(commitment) == receipt


def test_the_juror_gets_the_receipt_under_which_the_ballot_is_published():
    ballot = sealed()
    found = opened(ballot)
    assert (found.commitment, found.receipt) == (ballot.commitment, ballot.receipt)


def test_a_token_is_one_jurors_on_one_panel_and_nobody_elses():
    tokens = {
        sealing.seat_token(secret, panel=panel, juror_number=number)
        for secret in (b"a" * 32, b"b" * 32)
        for panel in ("C26-TEST01/1", "C26-TEST01/2")
        for number in (1, 2, 11)
    }
    assert len(tokens) == 12
    assert all(re.fullmatch(r"S(-[0-9A-HJKMNP-TV-Z]{4}){4}", token) for token in tokens)
    again = sealing.seat_token(b"a" * 32, panel="C26-TEST01/1", juror_number=1)
    assert again in tokens
