"""Canonical JSON: one text for equal data, in two written forms, and nothing that others would read otherwise."""

from __future__ import annotations

import hashlib

import pytest

from audit.rules.canonical import NotCanonical, ascii_digest, canonical_ascii, canonical_json


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": 2}, '{"a":2,"b":1}'),
        ({"é": 1, "z": 2, "中": 3, "😀": 4, "\uffff": 5}, '{"z":2,"é":1,"中":3,"\uffff":5,"😀":4}'),
        ((1, "\u0001\n\u007f"), '[1,"\\u0001\\n\u007f"]'),
        (10**30, "1000000000000000000000000000000"),
        ([], "[]"),
    ],
)
def test_canonical_json(value: object, text: str) -> None:
    assert canonical_json(value) == text


@pytest.mark.parametrize("value", [0.5, {"a": [1e3]}, {1: 2}, {None: 1}, b"x", {"a": {2}}, "\udc00", len])
def test_ambiguous_data_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical, match="canonical JSON"):
        canonical_json(value)


@pytest.mark.parametrize("value", [0.5, {"a": [1e3]}, {1: 2}, {None: 1}, b"x", {"a": {2}}, len])
def test_ambiguous_data_is_refused_in_ascii_too(value: object) -> None:
    with pytest.raises(NotCanonical, match="canonical JSON"):
        canonical_ascii(value)


def test_the_ascii_form_is_the_same_text_with_escapes() -> None:
    value = {"中": "é😀", "a": [1, None, "\x7f"]}

    assert canonical_ascii(value) == b'{"a":[1,null,"\\u007f"],"\\u4e2d":"\\u00e9\\ud83d\\ude00"}'
    assert ascii_digest(value) == hashlib.sha256(canonical_ascii(value)).hexdigest()
