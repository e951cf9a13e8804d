"""One sealed value for all that is known of a person: who opens it, and for which row."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from members.sealing import DATA, PersonSealer, SealBroken

NEW, OLD = Fernet.generate_key(), Fernet.generate_key()
ROW, OTHER_ROW = bytes(range(16)), bytes(16)
WANG = ("王小明", "1985-05-17", "110101198505170011", "", "1 Harbour Road", "")
_texts = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=60)


@given(st.lists(_texts, min_size=len(DATA), max_size=len(DATA)))
def test_what_was_sealed_is_opened(data: list[str]) -> None:
    sealer = PersonSealer([NEW])

    assert sealer.open(sealer.seal(data, ROW), ROW) == data


def test_the_newest_key_seals_and_every_key_opens() -> None:
    old, new, rotated = PersonSealer([OLD]), PersonSealer([NEW]), PersonSealer([NEW, OLD])

    assert rotated.open(old.seal(WANG, ROW), ROW) == list(WANG)
    assert new.open(rotated.seal(WANG, ROW), ROW) == list(WANG)
    with pytest.raises(SealBroken, match="PERSONAL_DATA_KEYS"):
        new.open(old.seal(WANG, ROW), ROW)


def test_a_value_opens_in_its_own_row_only() -> None:
    sealer = PersonSealer([NEW])

    assert sealer.seal(WANG, ROW) != sealer.seal(WANG, OTHER_ROW)
    with pytest.raises(SealBroken):
        sealer.open(sealer.seal(WANG, ROW), OTHER_ROW)


def test_a_value_that_was_touched_is_refused() -> None:
    sealer = PersonSealer([NEW])
    sealed = sealer.seal(WANG, ROW)
    for place in (0, 1, 17, len(sealed) - 1):
        touched = bytearray(sealed)
        touched[place] ^= 1
        with pytest.raises(SealBroken):
            sealer.open(bytes(touched), ROW)
    with pytest.raises(SealBroken):
        sealer.open(sealed[:-1], ROW)


def test_nothing_of_the_data_stands_in_the_value() -> None:
    sealed = PersonSealer([NEW]).seal(WANG, ROW)

    assert not [text for text in WANG if text and text.encode() in sealed]
    assert len(sealed) == 1 + 16 + len("\0".join(WANG).encode())


def test_a_value_sealed_before_there_was_more_to_know_lacks_it() -> None:
    sealer = PersonSealer([NEW])

    assert sealer.open(sealer.seal(WANG[:2], ROW), ROW) == [*WANG[:2], "", "", "", ""]


def test_the_form_of_what_is_stored_stays() -> None:
    """Built from the standard parts alone: what one version of the service stores every later one must read."""
    key = HKDF(hashes.SHA512(), 64, salt=None, info=b"assize person, AES-SIV, 1").derive(b"k" * 32)
    sealed = b"\x01" + AESSIV(key).encrypt("\0".join(WANG).encode(), [b"\x01", ROW])

    assert PersonSealer([b"a2tr" * 10 + b"a2s="]).seal(WANG, ROW) == sealed
