"""Keys of rows as people type them."""

from __future__ import annotations

import pytest

from members.keys import key_in


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("1", 1),
        ("007", 7),
        (str(2**63 - 1), 2**63 - 1),
        (str(2**63), None),
        ("9" * 5000, None),
        ("0", None),
        ("", None),
        ("-1", None),
        ("²", None),
        ("٣", None),
        ("1.0", None),
    ],
)
def test_only_plain_digits_of_a_possible_row_are_a_key(text: str, key: int | None) -> None:
    assert key_in(text) == key
