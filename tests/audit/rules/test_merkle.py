"""The tree against published vectors and against RFC 9162 written out naively."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.rules.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    subtrees,
    verify_consistency,
    verify_inclusion,
)

VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "rfc6962.json"
LEAVES = [
    bytes.fromhex(one)
    for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# The proofs printed with the vectors of the reference implementation: leaf, size, path; old size, new size, path.
INCLUSION = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


def naive_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = naive_split(len(leaves))
    return sha256(b"\1" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = naive_split(len(leaves))
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_consistency(m: int, leaves: list[bytes], is_whole: bool = True) -> list[bytes]:
    if m == len(leaves):
        return [] if is_whole else [naive_root(leaves)]
    k = naive_split(len(leaves))
    if m <= k:
        return [*naive_consistency(m, leaves[:k], is_whole), naive_root(leaves[k:])]
    return [*naive_consistency(m - k, leaves[k:], False), naive_root(leaves[:k])]


def reader(leaves: list[bytes]) -> Callable[[int, int], bytes]:
    def read(level: int, index: int) -> bytes:
        covered = leaves[index << level : (index + 1) << level]
        assert len(covered) == 1 << level, "only complete subtrees may be asked for"
        return naive_root(covered)

    return read


def some(count: int) -> list[bytes]:
    return [number.to_bytes(3, "big") for number in range(count)]


sizes = st.integers(1, 90)


@pytest.mark.parametrize("size", range(9))
def test_published_roots(size: int) -> None:
    grown = Frontier()
    for leaf in LEAVES[:size]:
        grown.append(leaf_hash(leaf))
    assert grown.root().hex() == ROOTS[size]
    assert root_of(size, reader(LEAVES)).hex() == ROOTS[size]


def test_the_file_of_vectors_says_the_same() -> None:
    """Where the file is at hand; its essential facts stand above."""
    if VECTORS.exists():
        vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
        assert [bytes.fromhex(one) for one in vectors["leaf_inputs_hex"]] == LEAVES
        assert vectors["roots_by_size_hex"] == ROOTS
        for level, row in enumerate(vectors["node_hashes_by_level_hex"]):
            assert [reader(LEAVES)(level, index).hex() for index in range(len(row))] == row
    assert ROOTS[0] == EMPTY_ROOT.hex()


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_published_inclusion_proofs(index: int, size: int, path: list[str]) -> None:
    proof = [bytes.fromhex(one) for one in path]
    assert inclusion_proof(index, size, reader(LEAVES)) == proof
    assert verify_inclusion(leaf_hash(LEAVES[index]), index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new", "path"), CONSISTENCY)
def test_published_consistency_proofs(old: int, new: int, path: list[str]) -> None:
    proof = [bytes.fromhex(one) for one in path]
    assert consistency_proof(old, new, reader(LEAVES)) == proof
    assert verify_consistency(old, new, proof, bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]))


@given(sizes)
def test_roots_are_those_of_the_definition(size: int) -> None:
    leaves = some(size)
    read = reader(leaves)
    assert root_of(size, read) == Frontier(size, [read(*one) for one in subtrees(0, size)]).root() == naive_root(leaves)


@given(st.integers(0, 5000), st.integers(0, 5000))
def test_subtrees_cover_a_range_once(start: int, width: int) -> None:
    at = start
    for level, index in subtrees(start, start + width):
        assert index << level == at
        at += 1 << level
    assert at == start + width


@given(sizes, st.data())
def test_inclusion_proofs(size: int, data: st.DataObject) -> None:
    leaves, index = some(size), data.draw(st.integers(0, size - 1))
    proof, root = inclusion_proof(index, size, reader(leaves)), naive_root(leaves)
    assert proof == naive_path(index, leaves)
    assert verify_inclusion(leaf_hash(leaves[index]), index, size, proof, root)
    other_index = data.draw(st.integers(0, size))
    if other_index != index:
        assert not verify_inclusion(leaf_hash(leaves[index]), other_index, size, proof, root)
    assert not verify_inclusion(leaf_hash(b"other"), index, size, proof, root)
    assert not verify_inclusion(leaf_hash(leaves[index]), index, size, bent(proof, data), root)


@given(sizes, st.data())
def test_consistency_proofs(new: int, data: st.DataObject) -> None:
    leaves, old = some(new), data.draw(st.integers(1, new))
    proof = consistency_proof(old, new, reader(leaves))
    old_root, new_root = naive_root(leaves[:old]), naive_root(leaves)
    assert proof == naive_consistency(old, leaves)
    assert verify_consistency(old, new, proof, old_root, new_root)
    assert not verify_consistency(old, new, bent(proof, data), old_root, new_root)
    assert not verify_consistency(old, new, proof, leaf_hash(b"x"), new_root)
    assert not verify_consistency(old, new, proof, old_root, leaf_hash(b"x"))
    forked = [b"forked", *leaves[1:]]
    fork = consistency_proof(old, new, reader(forked))
    assert not verify_consistency(old, new, fork, old_root, naive_root(forked))


def bent(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    """The proof with a hash too many, one too few, one of another length or with one bit turned."""
    extra = leaf_hash(b"extra")
    ways = [[*proof, extra], [extra, *proof]]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        turned = bytes([proof[at][0] ^ 1]) + proof[at][1:]
        ways += [proof[:at] + proof[at + 1 :], [*proof[:at], turned, *proof[at + 1 :]]]
        ways += [[*proof[:at], proof[at][:31], *proof[at + 1 :]], [*proof[:at], proof[at] + b"\0", *proof[at + 1 :]]]
    return data.draw(st.sampled_from(ways))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 8), (8, 8), (9, 8), (0, -1)])
def test_no_proof_of_a_leaf_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="leaf"):
        inclusion_proof(index, size, reader(LEAVES))
    assert not verify_inclusion(leaf_hash(b""), index, size, [], leaf_hash(b""))


def test_a_proof_for_a_size_of_another_shape_is_refused() -> None:
    """The root alone doesn't hold the size, the checkpoint does: sizes of one shape (5 to 8 for leaf 2) are alike."""
    proof = inclusion_proof(2, 7, reader(LEAVES))
    for size in (3, 4, 9, 16, 1 << 40):
        assert not verify_inclusion(leaf_hash(LEAVES[2]), 2, size, proof, bytes.fromhex(ROOTS[7]))


def test_consistency_at_the_borders() -> None:
    root = bytes.fromhex(ROOTS[5])
    assert verify_consistency(0, 5, [], EMPTY_ROOT, root)
    assert verify_consistency(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    assert verify_consistency(5, 5, [], root, root)
    assert consistency_proof(0, 5, reader(LEAVES)) == consistency_proof(5, 5, reader(LEAVES)) == []
    for refused in [
        (0, 5, [root], EMPTY_ROOT, root),
        (0, 5, [], root, root),
        (0, 0, [], root, root),
        (5, 5, [root], root, root),
        (5, 5, [], root, EMPTY_ROOT),
        (6, 5, [], root, root),
        (-1, 5, [], EMPTY_ROOT, root),
        (3, 5, [], root, root),
        (4, 5, [], root, root),
    ]:
        assert not verify_consistency(*refused)
    with pytest.raises(ValueError, match="grown"):
        consistency_proof(6, 5, reader(LEAVES))


def test_a_frontier_takes_only_what_fits() -> None:
    grown = Frontier()
    grown.append(leaf_hash(b""))
    with pytest.raises(ValueError, match="subtree"):
        grown.append(leaf_hash(b""), level=1)
    with pytest.raises(ValueError, match="covered"):
        Frontier(3, [b""])
    copy = grown.copy()
    copy.append(leaf_hash(b"1"))
    assert (grown.size, copy.size) == (1, 2)


ONE_BYTE_SHORT, ONE_BYTE_LONG = leaf_hash(b"")[:31], leaf_hash(b"") + b"\0"
MALFORMED = [b"", ONE_BYTE_SHORT, ONE_BYTE_LONG, bytearray(leaf_hash(b"")), leaf_hash(b"").hex(), None]


@pytest.mark.parametrize("bad", MALFORMED, ids=["empty", "short", "long", "bytearray", "text", "none"])
def test_a_malformed_hash_proves_nothing_and_breaks_nothing(bad: Any) -> None:
    """In the place of every hash; with a leaf that is its own root nothing else would stand in its way."""
    leaf, root = leaf_hash(LEAVES[2]), bytes.fromhex(ROOTS[3])
    included = inclusion_proof(2, 3, reader(LEAVES))
    consistent = consistency_proof(2, 3, reader(LEAVES))
    old_root = bytes.fromhex(ROOTS[2])

    assert not verify_inclusion(bad, 0, 1, [], bad)
    assert not verify_inclusion(bad, 2, 3, included, root)
    assert not verify_inclusion(leaf, 2, 3, [bad], root)
    assert not verify_inclusion(leaf, 2, 3, included, bad)
    assert not verify_consistency(3, 3, [], bad, bad)
    assert not verify_consistency(2, 3, consistent, bad, root)
    assert not verify_consistency(2, 3, consistent, old_root, bad)
    assert not verify_consistency(2, 3, [bad], old_root, root)
    assert not verify_consistency(0, 3, [], EMPTY_ROOT, bad)
