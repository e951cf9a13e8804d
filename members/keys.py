"""Keys of rows as people type them or addresses carry them."""

from __future__ import annotations

_LARGEST = 2**63 - 1
_MOST_DIGITS = 19


def key_in(text: str) -> int | None:
    """The key that a text of plain digits stands for; None for anything that no row can have."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0
    return number if 0 < number <= _LARGEST else None
