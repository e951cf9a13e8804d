"""An inclusion proof for people and for other programs: its steps one by one, and its text (C2SP tlog-proof)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from audit.rules.merkle import node_hash

HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True)
class Step:
    """One hash of the proof put beside what was found so far, and what that gives."""

    sibling: bytes
    is_left: bool
    found: bytes


def steps(leaf: bytes, index: int, size: int, hashes: Sequence[bytes]) -> list[Step]:
    """The way from a leaf's hash to the root, as RFC 9162, 2.1.3.2 walks it.

    Written from the standard's own steps and not from audit.rules.merkle, so that two programs must agree. Raises
    ValueError when the hashes are too many or too few for that place.
    """
    place, last, found = index, size - 1, leaf
    walked = []
    for sibling in hashes:
        if last <= 0:
            raise ValueError("the proof has more hashes than the tree has levels")
        is_left = bool(place & 1) or place == last
        found = node_hash(sibling, found) if is_left else node_hash(found, sibling)
        walked.append(Step(sibling, is_left, found))
        while is_left and place and not place & 1:
            place, last = place >> 1, last >> 1
        place, last = place >> 1, last >> 1
    if last != 0:
        raise ValueError("the proof ends below the root")
    return walked


def proof_text(index: int, hashes: Sequence[bytes], checkpoint: str) -> str:
    """The proof as other programs read it: the place, the hashes in base64, and the signed checkpoint."""
    lines = [HEADER, f"index {index}", *(base64.b64encode(one).decode() for one in hashes), ""]
    return "\n".join(lines) + "\n" + checkpoint
