"""Canonical JSON: the one way to write plain data whose digest is logged, published or sealed."""

from __future__ import annotations

import hashlib
import json
from typing import Any


class NotCanonical(ValueError):
    """Data that has no one way to be written: a fraction, a key that isn't text, a lone surrogate."""


def canonical_json(value: Any) -> str:
    """Keys sorted by code point, no blanks, no escapes beyond JSON's own: entries of the log, plan rules, postings.

    Whole numbers only: others read a fraction back in other digits. Raises NotCanonical.
    """
    text = _written(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical(f"canonical JSON holds text only: {error}") from None
    return text


def canonical_ascii(value: Any) -> bytes:
    """The same with every other character escaped: commitments, case files, manifests and ballots are written so.

    Both stand in logs and under seals that cannot change, so neither can become the other. Raises NotCanonical.
    """
    return _written(value, ensure_ascii=True).encode("ascii")


def ascii_digest(value: Any) -> str:
    """SHA-256 of the canonical ASCII, in hex: equal content has one digest."""
    return hashlib.sha256(canonical_ascii(value)).hexdigest()


def _written(value: Any, *, ensure_ascii: bool) -> str:
    _refuse_ambiguous(value)
    try:
        return json.dumps(value, sort_keys=True, ensure_ascii=ensure_ascii, separators=(",", ":"), allow_nan=False)
    except TypeError as error:
        raise NotCanonical(f"canonical JSON holds plain data only: {error}") from None


def _refuse_ambiguous(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise NotCanonical(f"canonical JSON cannot have the key {key!r}: keys are text")
            _refuse_ambiguous(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_ambiguous(inner)
    elif isinstance(value, float):
        raise NotCanonical(f"canonical JSON cannot hold {value!r}: write fractions as text or in smaller units")
