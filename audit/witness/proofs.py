"""Whether a larger Merkle tree continues a smaller one: RFC 9162, section 2.1.4.2, step by step."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

EMPTY_TREE = hashlib.sha256(b"").digest()


def continues(old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the tree of `new_size` leaves begins with that of `old_size`."""
    if old_size < 0 or new_size < old_size:
        return False
    if old_size == new_size:
        return not path and old_root == new_root
    if old_size == 0:  # whatever comes after nothing continues it
        return not path and old_root == EMPTY_TREE
    hashes = list(path)
    if old_size & (old_size - 1) == 0:  # a power of two: the old root is itself a node of the new tree
        hashes.insert(0, old_root)
    if not hashes:
        return False
    left, right = old_size - 1, new_size - 1
    while left & 1:
        left, right = left >> 1, right >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if right == 0:
            return False
        if left & 1 or left == right:
            old, new = _node(sibling, old), _node(sibling, new)
            while left and not left & 1:
                left, right = left >> 1, right >> 1
        else:
            new = _node(new, sibling)
        left, right = left >> 1, right >> 1
    return right == 0 and old == old_root and new == new_root


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
