"""Indexing personal data by the batch, giving byte for byte what `members.fields.blind_index` makes."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from hashlib import sha256

_HASH_BLOCK = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
_RECENT = 20_000


class _Mac:
    """HMAC-SHA-256 under one key (RFC 2104); what depends on the key alone is computed once."""

    def __init__(self, key: bytes) -> None:
        padded = (key if len(key) <= _HASH_BLOCK else sha256(key).digest()).ljust(_HASH_BLOCK, b"\0")
        self._inner = sha256(padded.translate(_INNER))
        self._outer = sha256(padded.translate(_OUTER))

    def digest(self, message: bytes) -> bytes:
        """The code of a message."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


class BlindIndexer:
    """Blind indexes under one key, equal to `members.fields.blind_index`."""

    def __init__(self, key: bytes) -> None:
        self._mac = _Mac(key)
        # Families share an address, colleagues an employer, and many people a name.
        self.index_shared = lru_cache(maxsize=_RECENT)(self.index)
        self.number_shared = lru_cache(maxsize=_RECENT)(self.number)

    def index(self, purpose: str, value: str) -> str:
        """The keyed digest of a value in its normal form; nothing for nothing."""
        normal = "".join(unicodedata.normalize("NFKC", value).casefold().split())
        return self._mac.digest(f"{purpose}:{normal}".encode()).hex() if normal else ""

    def number(self, purpose: str, value: str) -> int:
        """The same cut to a number, of a value that is not blank: equal to `members.fields.blind_number`."""
        return int(self.index(purpose, value)[:16], 16) - 2**63
