"""Sealed ballots: what goes in comes out, for one seat, one panel, one key, and never in another length."""

from __future__ import annotations

import dataclasses
import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from jury import sealing
from jury.errors.ballots import CommitmentMismatch, SealBroken, WordsTooLong, WordsUnreadable
from jury.errors.panels import PanelKeyLocked
from jury.rules.verdicts import Choice
from jury.sealing import BallotContent

CLOSING_KEY = bytes(range(32))
KEYS = sealing.new_panel_keys(CLOSING_KEY)
PRIVATE = sealing.unwrap_private_key(KEYS, CLOSING_KEY)
PLACE = {"panel": "panel-1", "seat": "7", "sequence": 1}
BALLOT = BallotContent(Choice.AGAINST, ("pre_existing",), "The scan of 2017 shows it. 早已确诊。", is_medical=True)


def sealed(content: BallotContent = BALLOT, **place) -> sealing.SealedBallot:
    return sealing.seal(content, public=KEYS.public, **{**PLACE, **place})


def opened(ballot: sealing.SealedBallot, **place) -> sealing.OpenedBallot:
    return sealing.open_ballot(ballot.sealed, private=PRIVATE, commitment=ballot.commitment, **{**PLACE, **place})


def test_a_ballot_opens_to_what_was_sealed():
    assert opened(sealed()).content == BALLOT


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(Choice),
    st.lists(st.from_regex(r"[a-z0-9_.-]{1,32}", fullmatch=True), max_size=16),
    st.text(max_size=sealing.WORDS_MAX_CHARACTERS),
    st.booleans(),
)
def test_whatever_a_juror_says_has_one_length_and_comes_out_whole(choice, codes, words, is_medical):
    content = BallotContent(choice, tuple(codes), words, is_medical)
    ballot = sealed(content)
    assert len(ballot.sealed) == sealing.SEALED_BYTES
    assert opened(ballot).content == content


@pytest.mark.parametrize("character", ["x", "病", "😀", "\x00", '"', "\\", "\n"])
def test_the_longest_words_and_all_reason_codes_fit_in_every_script(character):
    codes = tuple(f"{index:0>32}" for index in range(sealing.REASON_CODES_MAX))
    content = BallotContent(Choice.AGAINST, codes, character * sealing.WORDS_MAX_CHARACTERS, is_medical=False)
    ballot = sealed(content)
    assert len(ballot.sealed) == sealing.SEALED_BYTES
    assert opened(ballot).content == content


def test_words_that_are_too_long_are_refused_with_the_limit():
    with pytest.raises(WordsTooLong, match=r"801 characters.*at most 800"):
        sealed(dataclasses.replace(BALLOT, words="x" * 801))


def test_half_a_character_is_refused():
    with pytest.raises(WordsUnreadable):
        sealed(dataclasses.replace(BALLOT, words="\ud800"))


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


@pytest.mark.parametrize("position", [0, 1, 32, 33, 2000, sealing.SEALED_BYTES - 1])
def test_one_changed_bit_breaks_the_seal(position):
    ballot = sealed()
    changed = bytearray(ballot.sealed)
    changed[position] ^= 1
    with pytest.raises(SealBroken):
        opened(dataclasses.replace(ballot, sealed=bytes(changed)))


@pytest.mark.parametrize("spoiled", [b"", b"\x01", b"\x01" + bytes(sealing.SEALED_BYTES - 1)])
def test_what_is_no_sealed_ballot_does_not_open(spoiled):
    # The last one has an ephemeral key of low order.
    with pytest.raises(SealBroken):
        opened(dataclasses.replace(sealed(), sealed=spoiled))


@pytest.mark.parametrize("length", [sealing.SEALED_BYTES - 1, sealing.SEALED_BYTES + 1])
def test_another_length_does_not_open(length):
    ballot = sealed()
    with pytest.raises(SealBroken):
        opened(dataclasses.replace(ballot, sealed=ballot.sealed.ljust(length, b"\x00")[:length]))


def test_a_seal_that_holds_no_ballot_is_reported_and_not_a_crash(monkeypatch):
    monkeypatch.setattr(sealing, "_encode", lambda *parts: bytes(sealing.PLAINTEXT_BYTES))
    ballot = sealed()
    with pytest.raises(SealBroken):
        opened(ballot)


def test_an_opened_ballot_that_was_not_the_one_logged_is_reported():
    ballot = dataclasses.replace(sealed(), commitment=sealed().commitment)
    with pytest.raises(CommitmentMismatch):
        opened(ballot)


def test_another_panels_key_does_not_open_it():
    with pytest.raises(SealBroken):
        sealing.open_ballot(
            sealed().sealed, private=X25519PrivateKey.generate(), commitment=sealed().commitment, **PLACE
        )


def test_only_the_closing_key_unwraps_the_panels_key():
    with pytest.raises(PanelKeyLocked):
        sealing.unwrap_private_key(KEYS, secrets.token_bytes(32))


def test_a_private_key_belongs_to_its_public_key():
    other = sealing.new_panel_keys(CLOSING_KEY)
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


def test_the_juror_gets_the_receipt_of_the_logged_commitment():
    ballot = sealed()
    assert ballot.receipt == sealing.receipt_of(ballot.commitment)
