"""A proof's steps and its text, held against the other program that walks the same tree."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.rules import merkle
from audit.rules.proofs import proof_text, steps


def tree_of(size: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(size)]


def reader(leaves: list[bytes]) -> merkle.NodeReader:
    def read(level: int, index: int) -> bytes:
        if level == 0:
            return leaves[index]
        return merkle.node_hash(read(level - 1, 2 * index), read(level - 1, 2 * index + 1))

    return read


@given(st.data(), st.integers(1, 70))
def test_the_steps_lead_from_every_leaf_to_the_root(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    leaves = tree_of(size)
    read = reader(leaves)
    hashes = merkle.inclusion_proof(index, size, read)
    walked = steps(leaves[index], index, size, hashes)

    assert [one.sibling for one in walked] == hashes
    assert (walked[-1].found if walked else leaves[index]) == merkle.root_of(size, read)
    for before, one in zip([leaves[index], *(step.found for step in walked)], walked, strict=False):
        pair = one.sibling + before if one.is_left else before + one.sibling
        assert one.found == sha256(b"\x01" + pair).digest()


@pytest.mark.parametrize(("index", "size"), [(0, 1), (0, 7), (6, 7), (3, 8)])
def test_a_hash_too_many_or_too_few_is_no_proof(index: int, size: int) -> None:
    leaves = tree_of(size)
    hashes = merkle.inclusion_proof(index, size, reader(leaves))
    with pytest.raises(ValueError, match="more hashes"):
        steps(leaves[index], index, size, [*hashes, b"\0" * 32])
    if hashes:
        with pytest.raises(ValueError, match="below the root"):
            steps(leaves[index], index, size, hashes[:-1])


def test_the_text_is_the_one_that_other_programs_read() -> None:
    one, other = sha256(b"1").digest(), sha256(b"2").digest()
    text = proof_text(5, [one, other], "log.example\n9\nroot\n\n— log.example sig\n")

    assert text.split("\n") == [
        "c2sp.org/tlog-proof@v1",
        "index 5",
        base64.b64encode(one).decode(),
        base64.b64encode(other).decode(),
        "",
        "log.example",
        "9",
        "root",
        "",
        "— log.example sig",
        "",
    ]
    assert proof_text(0, [], "c\n") == "c2sp.org/tlog-proof@v1\nindex 0\n\nc\n"
