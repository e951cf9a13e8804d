"""Sealing all that is known of a person as one value. Knows no Django: the processes of an import seal here too."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

DATA = ("name", "born_on", "id_number", "phone", "address", "employer")
"""What is sealed, in this order. More may be added at the end: what was sealed before lacks it."""

_FORM = b"\x01"
_BETWEEN = "\0"
_KEY_BYTES = 64


class SealBroken(Exception):
    """No key opens a sealed value, or it belongs to somebody else's row."""


class PersonSealer:
    """AES-256-SIV (RFC 5297) under keys made of those given: the first seals, every one opens.

    A value is bound to its row by the row's random public id, so the same data of two people look different and
    neither can stand in the other's row. There is no nonce that could be reused: two equal values show no more than
    that the data of one row are what they were before.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = [AESSIV(_derived(key)) for key in keys]
        self._encrypt = self._ciphers[0].encrypt

    def seal(self, data: Sequence[str], public_id: bytes) -> bytes:
        """The texts of DATA, none of which may hold a zero character; empty where nothing is known."""
        return _FORM + self._encrypt(_BETWEEN.join(data).encode(), [_FORM, public_id])

    def open(self, sealed: bytes, public_id: bytes) -> list[str]:
        """The texts of DATA. Raises SealBroken."""
        for cipher in self._ciphers if sealed[:1] == _FORM else ():
            try:
                texts = cipher.decrypt(sealed[1:], [_FORM, public_id]).decode().split(_BETWEEN)
            except InvalidTag:
                continue
            return texts + [""] * (len(DATA) - len(texts))
        raise SealBroken("No key in PERSONAL_DATA_KEYS opens what is known of this person, or it is of another row.")


def _derived(key: bytes) -> bytes:
    """A key for this purpose alone: the same bytes also encrypt other fields, by another cipher."""
    derive = HKDF(hashes.SHA512(), _KEY_BYTES, salt=None, info=b"assize person, AES-SIV, 1")
    return derive.derive(base64.urlsafe_b64decode(key))
