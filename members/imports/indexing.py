"""Indexing personal data by the batch, giving byte for byte what `members.fields.blind_index` makes."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256

from members.rules.comparing import comparable

_HASH_BLOCK = 64
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
_RECENT = 20_000


class _Mac:
    """HMAC-SHA-256 under one key (RFC 2104) of messages that begin alike; what is the same for all is computed once."""

    def __init__(self, key: bytes, start: bytes) -> None:
        padded = (key if len(key) <= _HASH_BLOCK else sha256(key).digest()).ljust(_HASH_BLOCK, b"\0")
        inner = sha256(padded.translate(_INNER))
        inner.update(start)
        self._copy_inner = inner.copy
        self._copy_outer = sha256(padded.translate(_OUTER)).copy

    def digest(self, rest: bytes) -> str:
        """The code of a message, in hex."""
        inner, outer = self._copy_inner(), self._copy_outer()
        inner.update(rest)
        outer.update(inner.digest())
        return outer.hexdigest()


class BlindIndexer:
    """Blind indexes under one key, equal to `members.fields.blind_index`; for each purpose a method."""

    def __init__(self, key: bytes) -> None:
        self.id_number = self._of(key, "id_number")
        self.phone = self._of(key, "phone")
        # Many people share a name, families an address, and colleagues an employer.
        self.name = lru_cache(maxsize=_RECENT)(self._name)
        self._name_in_full = self._of(key, "name")
        self.born_on = lru_cache(maxsize=2 * _RECENT)(self._born_on)
        self._day_in_full = self._of(key, "born_on")
        self.address = lru_cache(maxsize=_RECENT)(self._of(key, "address"))
        self.employer = lru_cache(maxsize=_RECENT)(self._of(key, "employer"))

    def _name(self, value: str) -> int:
        """The first 64 bits as a number, of a name that has a letter: equal to `members.fields.blind_number`."""
        return int(self._name_in_full(value)[:16], 16) - 2**63

    def _born_on(self, value: str) -> int:
        """The same of a day of birth in ISO form."""
        return int(self._day_in_full(value)[:16], 16) - 2**63

    @staticmethod
    def _of(key: bytes, purpose: str) -> Callable[[str], str]:
        digest = _Mac(key, f"{purpose}:".encode()).digest

        def index(value: str) -> str:
            """The keyed digest of a value in its normal form; nothing for nothing."""
            normal = comparable(purpose, value)
            return digest(normal.encode()) if normal else ""

        return index
