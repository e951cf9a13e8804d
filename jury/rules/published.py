"""What the close publishes: two sorted lists and the faults, each with one root over all its lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from audit.rules.canonical import canonical_ascii
from audit.rules.merkle import Frontier, leaf_hash

LONGEST_WAIT = timedelta(hours=1)
"""How long a close waits for a signed checkpoint over its ballots; then it counts them, and the lack is public."""


@dataclass(frozen=True)
class Root:
    """How many lines a list has, and the root of the tree of RFC 9162 over their canonical JSON, in hex."""

    count: int
    root: str

    def as_json(self) -> dict[str, Any]:
        """As the closing entry holds it."""
        return {"count": self.count, "root": self.root}


def root_over(lines: Iterable[object]) -> Root:
    """The root over the lines of a list, in its order."""
    grown = Frontier()
    for line in lines:
        grown.append(leaf_hash(canonical_ascii(line)))
    return Root(grown.size, grown.root().hex())


def opening_line(
    *,
    receipt: str,
    commitment: str,
    choice: str,
    reason_codes: Iterable[str],
    is_medical: bool,
    salt: str,
    words_digest: str,
) -> dict[str, Any]:
    """A counted ballot as it is public: all that the commitment covers, and of the juror's words their digest."""
    return {
        "receipt": receipt,
        "commitment": commitment,
        "choice": choice,
        "reason_codes": sorted(reason_codes),
        "is_medical": is_medical,
        "salt": salt,
        "words_digest": words_digest,
    }


def fault_line(*, kind: str, token: str, sequence: int | None, ballot_digest: str, receipt: str) -> dict[str, Any]:
    """A fault as it is public."""
    return {
        "kind": kind,
        "token": token,
        "sequence": sequence,
        "ballot_digest": ballot_digest,
        "receipt": receipt,
    }
