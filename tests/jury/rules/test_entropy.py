"""Hash chains, nonces, the combined text, and what each combination proves."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jury.rules import entropy
from jury.rules.entropy import BiasStrength, SourceKind

SEED = bytes(range(32))
BEACON, NUMBERS = SourceKind.BEACON, SourceKind.PUBLIC_NUMBERS
CHAIN, NONCE = SourceKind.CHAIN_LINK, SourceKind.APPLICANT_NONCE


def test_the_anchor_is_the_seed_hashed_as_often_as_there_are_links():
    by_hand = SEED
    for _ in range(3):
        by_hand = hashlib.sha256(by_hand).digest()
    assert entropy.chain_anchor(SEED, 3) == by_hand
    assert entropy.chain_link(SEED, 3, 3) == SEED


@given(st.integers(1, 30))
def test_every_link_follows_the_one_before_and_leads_to_the_anchor(length):
    links = [entropy.chain_link(SEED, length, index) for index in range(length + 1)]
    for index in range(1, length + 1):
        assert entropy.hash_link(links[index]) == links[index - 1]
        assert entropy.is_link_of(links[index], links[0], index)
        assert not entropy.is_link_of(links[index], links[0], index + 1)


@pytest.mark.parametrize("revealed", [b"", SEED[:31], SEED + b"\x00", bytes(32)])
def test_what_is_no_link_is_not_taken_for_one(revealed):
    anchor = entropy.chain_anchor(SEED, 1)
    assert not entropy.is_link_of(revealed, anchor, 1)


def test_the_anchor_itself_is_no_link_to_reveal():
    anchor = entropy.chain_anchor(SEED, 1)
    assert not entropy.is_link_of(anchor, anchor, 0)


@pytest.mark.parametrize(("seed", "length", "index"), [(SEED, 3, 4), (SEED, 3, -1), (SEED[:16], 3, 1)])
def test_links_that_do_not_exist_are_refused(seed, length, index):
    with pytest.raises(ValueError, match="chain"):
        entropy.chain_link(seed, length, index)


def test_a_chain_without_links_and_a_short_link_are_refused():
    with pytest.raises(ValueError, match="at least one link"):
        entropy.chain_anchor(SEED, 0)
    with pytest.raises(ValueError, match="32 bytes"):
        entropy.hash_link(b"short")


@pytest.mark.parametrize(
    ("kinds", "gave_nonce", "expected"),
    [
        ([NUMBERS], False, BiasStrength.BIAS_PROOF),
        ([BEACON], False, BiasStrength.BIAS_PROOF),
        ([NUMBERS, BEACON], False, BiasStrength.BIAS_PROOF),
        ([BEACON, CHAIN], False, BiasStrength.BIAS_PROOF),
        ([BEACON, CHAIN, NONCE], False, BiasStrength.BIAS_PROOF),
        ([CHAIN, NONCE], True, BiasStrength.BIAS_PROOF),
        ([CHAIN, NONCE], False, BiasStrength.NOT_BIAS_PROOF_AGAINST_OPERATOR),
        ([CHAIN], False, BiasStrength.NOT_BIAS_PROOF_AGAINST_OPERATOR),
        ([CHAIN], True, BiasStrength.NOT_BIAS_PROOF_AGAINST_OPERATOR),
    ],
)
def test_the_record_claims_no_more_than_the_sources_prove(kinds, gave_nonce, expected):
    assert entropy.strength(kinds, did_applicant_give_nonce=gave_nonce) is expected


@pytest.mark.parametrize("kinds", [[], [NONCE], [NONCE, BEACON], [NONCE, NUMBERS]])
def test_a_nonce_given_last_and_alone_could_choose_the_panel(kinds):
    with pytest.raises(ValueError, match=r"source|nonce"):
        entropy.strength(kinds, did_applicant_give_nonce=True)


def test_the_combined_text_of_a_link_and_a_nonce():
    assert entropy.combined_text(link=SEED, nonce="my wish") == f"{SEED.hex()}./{b'my wish'.hex()}./"


def test_the_combined_text_of_everything():
    text = entropy.combined_text(numbers_text="2.5./", beacons=[b"\x01\xff", b"\x02"], link=SEED, nonce="n")
    assert text == f"2.5./01ff./02./{SEED.hex()}./6e./"


def test_a_nonce_cannot_pose_as_another_source():
    assert entropy.combined_text(link=SEED, nonce="9319./") != entropy.combined_text(numbers_text="9319./", link=SEED)
    assert "9319" not in entropy.combined_text(link=SEED, nonce="9319./").removeprefix(SEED.hex())


def test_a_nonce_counts_the_same_however_it_is_typed():
    assert entropy.nonce_bytes(" caf\u00e9 ") == entropy.nonce_bytes("cafe\u0301") == "caf\u00e9".encode()


@pytest.mark.parametrize(("nonce", "is_taken"), [("x" * 64, True), ("愿" * 64, True), ("x" * 65, False), ("  ", False)])
def test_a_nonce_has_1_to_64_characters(nonce, is_taken):
    if is_taken:
        assert entropy.nonce_bytes(nonce) == nonce.encode()
    else:
        with pytest.raises(ValueError, match="nonce"):
            entropy.nonce_bytes(nonce)


@pytest.mark.parametrize(
    "given_",
    [{}, {"nonce": "alone"}, {"beacons": [b""]}, {"link": b"short"}, {"numbers_text": "1./", "nonce": "last"}],
)
def test_a_text_that_cannot_be_is_refused(given_):
    with pytest.raises(ValueError, match=r"source|nonce|beacon|link"):
        entropy.combined_text(**given_)
