"""The draw by lot of RFC 3797: canonical entropy, the key of a hearing, and the walk over the pool's numbers.

What is committed before the entropy exists is in `commitments`, who is seated on the walk in `seating`; both are
exported here too, so that a caller imports the whole draw from one module.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from typing import Literal

from jury.rules.commitments import Commitment, EntropySource
from jury.rules.seating import PanelDraw, Step, StepOutcome, Strata, reason_commitment, seat_panel

__all__ = [
    "Commitment",
    "EntropySource",
    "HashName",
    "PanelDraw",
    "Source",
    "Step",
    "StepOutcome",
    "Strata",
    "canonical_entropy",
    "draw_key",
    "reason_commitment",
    "seat_panel",
    "walk",
]

HashName = Literal["sha256", "md5"]
Source = Sequence[int] | Sequence[Decimal]
"""One source's published values: all whole numbers, in any order, or all decimal fractions, in the order published."""

_HASHES: dict[str, Callable[[bytes], hashlib._Hash]] = {
    "sha256": hashlib.sha256,
    # MD5 only repeats the RFC's own draws; the flag lets it run where MD5 is disabled for security (FIPS).
    "md5": partial(hashlib.md5, usedforsecurity=False),
}
_SHORT_COUNTERS = 1 << 16
_NOBODY = -1


def canonical_entropy(sources: Sequence[Source]) -> str:
    """Write published values in the canonical form that everyone recomputes from: `[[9319], [5, 2]]` is `9319./2.5./`.

    Whole numbers are sorted; decimal fractions keep their order and lose trailing zeros, as in RFC 3797's own program
    (which forgets the sign of -0.5: negative fractions are refused). Raises `ValueError` for no values, a mixture, or
    anything that is not a number; binary floats are refused because they have no one decimal form.
    """
    if not sources:
        raise ValueError("A draw needs at least one source of entropy.")
    return "".join(_canonical_source(source) for source in sources)


def _canonical_source(source: Source) -> str:
    if not source:
        raise ValueError("A source of entropy has no values.")
    whole = [value for value in source if isinstance(value, int) and not isinstance(value, bool)]
    if len(whole) == len(source):
        return "".join(f"{value}." for value in sorted(whole)) + "/"
    fractions = [value for value in source if isinstance(value, Decimal)]
    if len(fractions) == len(source):
        return "".join(_canonical_fraction(value) for value in fractions) + "/"
    raise ValueError("A source's values must be all whole numbers or all decimal fractions.")


def _canonical_fraction(value: Decimal) -> str:
    if not value.is_finite() or value.is_signed():
        raise ValueError("A decimal fraction must be a number, zero or more.")
    whole, _, fraction = f"{value:f}".partition(".")
    return f"{whole}.{fraction.rstrip('0')}"


def draw_key(canonical_entropy: str, commitment: bytes) -> bytes:
    """The key of one hearing's draw: entropy, `/`, SHA-256 of its commitment in hex, `./`. No two hearings share it."""
    return f"{canonical_entropy}/{hashlib.sha256(commitment).hexdigest()}./".encode("ascii")


def walk(key: bytes, pool: int, hash_name: HashName) -> Iterator[int]:
    """The numbers 1 to `pool` in the order in which they are drawn, each once, until none remains (RFC 3797, section
    4).

    The i-th is the k-th number still remaining, k being the hash of counter, key, counter modulo what remains. The
    counter has 2 bytes up to 65,535 as in the RFC, then 4. Costs O(k log k) for k numbers, whatever the pool's
    size. A pool without a number gives none. Raises `ValueError` for an empty key and for an unknown hash, when
    called and not at the first number.
    """
    if not key:
        raise ValueError("The draw's key is empty.")
    if pool < 0:
        raise ValueError("A pool cannot have fewer than no numbers.")
    if hash_name not in _HASHES:
        raise ValueError(f"Unknown hash {hash_name!r}: sha256 or md5.")
    return _walk(key, pool, _HASHES[hash_name])


def _walk(key: bytes, pool: int, digest_of: Callable[[bytes], hashlib._Hash]) -> Iterator[int]:
    taken = _Taken()
    for index in range(pool):
        counter = index.to_bytes(2 if index < _SHORT_COUNTERS else 4, "big")
        digest = digest_of(counter + key + counter).digest()
        yield taken.take(int.from_bytes(digest, "big") % (pool - index)) + 1


class _Taken:
    """The numbers taken so far, as a binary search tree that knows how many taken numbers lie left of each node.

    Only taken numbers are stored, never the pool. The tree needs no balancing: its keys arrive in the random order
    of the hash, so its depth is about 2 ln k.
    """

    __slots__ = ("_larger", "_number", "_smaller", "_smaller_count")

    def __init__(self) -> None:
        self._number: list[int] = []
        self._smaller_count: list[int] = []
        self._smaller: list[int] = []
        self._larger: list[int] = []

    def take(self, rank: int) -> int:
        """Find the number (from 0) that has `rank` untaken numbers before it, and take it, in one descent."""
        number, smaller_count, smaller, larger = self._number, self._smaller_count, self._smaller, self._larger
        fresh = len(number)
        node = 0 if fresh else _NOBODY
        parent, side = _NOBODY, smaller
        taken_before = 0
        while node != _NOBODY:
            parent = node
            if number[node] - taken_before - smaller_count[node] > rank:
                # The number sought lies before this one, and becomes one more taken number on its left.
                smaller_count[node] += 1
                side = smaller
            else:
                taken_before += smaller_count[node] + 1
                side = larger
            node = side[parent]
        if parent != _NOBODY:
            side[parent] = fresh
        number.append(rank + taken_before)
        smaller_count.append(0)
        smaller.append(_NOBODY)
        larger.append(_NOBODY)
        return rank + taken_before
