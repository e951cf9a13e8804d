"""Rows that an entry binds by their number and one digest, as the database computes it too (audit/pairing.py)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any


def line_of(*values: object) -> str:
    """A row as a line of text: its values as whole numbers, days or plain text, with bars between them."""
    return "|".join(str(value) for value in values)


def digest_of_lines(lines: Iterable[str]) -> dict[str, Any]:
    """How many lines, and the SHA-256 in hex over them in the order of their bytes, with a newline between each two."""
    found = sorted(line.encode() for line in lines)
    return {"count": len(found), "digest": hashlib.sha256(b"\n".join(found)).hexdigest()}
