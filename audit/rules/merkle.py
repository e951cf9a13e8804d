"""The Merkle tree of RFC 9162 (RFC 6962): roots, inclusion and consistency proofs, and how to check them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves."""

NodeReader = Callable[[int, int], bytes]
"""The hash of the complete subtree at (level, index): it covers the leaves index·2^level up to (index+1)·2^level."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf: SHA-256(0x00 ‖ data)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The complete subtrees that cover the first `size` leaves: all that is needed to extend the tree."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """`hashes` from the largest subtree to the smallest, one for each set bit of `size`."""
        if size < 0 or len(hashes) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves isn't covered by {len(hashes)} subtrees")
        self.size = size
        self.hashes = list(hashes)

    def append(self, subtree: bytes, level: int = 0) -> None:
        """Add the next complete subtree of 2^level leaves; a leaf's hash without `level`."""
        if self.size & ((1 << level) - 1):
            raise ValueError(f"after {self.size} leaves no subtree of {1 << level} can begin")
        position = self.size >> level
        while position & 1:
            subtree = node_hash(self.hashes.pop(), subtree)
            position >>= 1
        self.hashes.append(subtree)
        self.size += 1 << level

    def root(self) -> bytes:
        """The root of the tree so far."""
        return _folded(self.hashes) if self.hashes else EMPTY_ROOT

    def copy(self) -> Frontier:
        """A frontier that grows on its own."""
        return Frontier(self.size, self.hashes)


def subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees (level, index) that cover the leaves from `start` to before `end`, left to right."""
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        yield level, start >> level
        start += 1 << level


def root_of(size: int, read: NodeReader) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return _hash_of(0, size, read) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: NodeReader) -> list[bytes]:
    """The hashes that prove that leaf `index` is in the tree of `size` leaves (RFC 9162, 2.1.3.1)."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} isn't in a tree of {size} leaves")
    start, end = 0, size
    proof: list[bytes] = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_hash_of(middle, end, read))
            end = middle
        else:
            proof.append(_hash_of(start, middle, read))
            start = middle
    return proof[::-1]


def consistency_proof(old_size: int, new_size: int, read: NodeReader) -> list[bytes]:
    """The hashes that prove that the tree of `new_size` leaves begins with that of `old_size` (RFC 9162, 2.1.4.1).

    Nothing needs proving for an empty old tree or for equal sizes: the proof is empty.
    """
    if not 0 <= old_size <= new_size:
        raise ValueError(f"a tree of {new_size} leaves can't have grown out of one of {old_size}")
    if old_size in (0, new_size):
        return []
    start, end = 0, new_size
    proof: list[bytes] = []
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            proof.append(_hash_of(middle, end, read))
            end = middle
        else:
            proof.append(_hash_of(start, middle, read))
            start = middle
    if start:
        proof.append(_hash_of(start, end, read))
    return proof[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that the leaf with this hash is number `index` in the tree of this size and root.

    RFC 9162, 2.1.3.2. False for whatever can't be a proof: an index outside the tree, a hash too many or too few,
    hashes that aren't 32 bytes.
    """
    if not 0 <= index < size or not _are_hashes([leaf, root, *proof]):
        return False
    inner, border = _shape(index, size)
    if len(proof) != inner + border:
        return False
    found = leaf
    for level, sibling in enumerate(proof[:inner]):
        found = node_hash(sibling, found) if index >> level & 1 else node_hash(found, sibling)
    for sibling in proof[inner:]:
        found = node_hash(sibling, found)
    return found == root


def verify_consistency(old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether `proof` shows that the new tree begins with the old one.

    RFC 9162, 2.1.4.2. From the empty tree and between equal sizes the proof is empty. False for whatever can't be a
    proof, as in verify_inclusion.
    """
    if not 0 <= old_size <= new_size or not _are_hashes([old_root, new_root, *proof]):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root and (old_size > 0 or old_root == EMPTY_ROOT)
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    inner, border = _shape(old_size - 1, new_size)
    # The largest complete subtree that ends where the old tree ends; when it is the old tree, its hash is known.
    shift = (old_size & -old_size).bit_length() - 1
    inner -= shift
    is_whole = old_size == 1 << shift
    if len(proof) != inner + border + (0 if is_whole else 1):
        return False
    seed, rest = (old_root, proof) if is_whole else (proof[0], proof[1:])
    old = new = seed
    position = (old_size - 1) >> shift
    for level, sibling in enumerate(rest[:inner]):
        if position >> level & 1:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
    for sibling in rest[inner:]:
        old, new = node_hash(sibling, old), node_hash(sibling, new)
    return old == old_root and new == new_root


def _shape(index: int, size: int) -> tuple[int, int]:
    """How many siblings lie below the point where the path of `index` meets the right border, and how many above."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _split(width: int) -> int:
    """The largest power of two below `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def _hash_of(start: int, end: int, read: NodeReader) -> bytes:
    return _folded([read(level, index) for level, index in subtrees(start, end)])


def _folded(hashes: Sequence[bytes]) -> bytes:
    found = hashes[-1]
    for left in reversed(hashes[:-1]):
        found = node_hash(left, found)
    return found


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(isinstance(one, bytes) and len(one) == HASH_BYTES for one in values)
