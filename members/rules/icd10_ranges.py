"""ICD-10 codes as people and hospitals write them, and the codes and ranges of plan files."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_CODE = r"[A-Z][0-9]{2}(?:\.[0-9]{1,2})?"
_RANGE = re.compile(rf"({_CODE})(?:-({_CODE}))?")

_MARKS = "†‡*+!#"
"""Dagger, asterisk and the marks that stand for them, behind a code: they say how it is combined, not what it is."""
_DIVIDED = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{1,4}(?:X[0-9]{3})?)?")


def _written(code: str) -> str:
    return "".join(unicodedata.normalize("NFKC", code).split()).upper().rstrip(_MARKS)


def normalised(code: str) -> str:
    """The code in capitals with its dot and without marks: `c509` and `C50.9 †` become `C50.9`."""
    bare = _written(code).replace(".", "")
    return bare if len(bare) <= 3 else f"{bare[:3]}.{bare[3:]}"


def is_written_as_code(code: str) -> bool:
    """Whether a text has the form of one code of ICD-10 or of a national edition, known or not; a range has not.

    Editions divide further: `C50.911` (CM), `C73.x00` and `C16.900x001` (China, GB/T 14396 and its clinical edition).
    """
    return _DIVIDED.fullmatch(_written(code)) is not None


@lru_cache(maxsize=1024)
def bounds(text: str) -> tuple[str, str] | None:
    """First and last code of `C00-C97` or `N18.5`, without dots; None when it is not written like that."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    first = match[1].replace(".", "")
    last = (match[2] or match[1]).replace(".", "")
    return (first, last) if len(first) == len(last) and first <= last else None


def precision(text: str) -> int:
    """How long the codes of a range are: of two ranges that hold a code, the one with longer codes decides."""
    ends = bounds(text)
    if ends is None:
        raise ValueError(f"{text!r} is no ICD-10 code or range")
    return len(ends[0])


def contains(text: str, code: str) -> bool:
    """Whether a range or code of a plan holds an ICD-10 code; subcodes belong to their code."""
    ends = bounds(text)
    if ends is None:
        raise ValueError(f"{text!r} is no ICD-10 code or range")
    bare = normalised(code).replace(".", "")
    length = len(ends[0])
    return len(bare) >= length and ends[0] <= bare[:length] <= ends[1]


def overlap(one: str, other: str) -> bool:
    """Whether two codes or ranges share a code."""
    left, right = bounds(one), bounds(other)
    if left is None or right is None:
        raise ValueError(f"{one!r} or {other!r} is no ICD-10 code or range")
    length = min(len(left[0]), len(right[0]))
    return left[0][:length] <= right[1][:length] and right[0][:length] <= left[1][:length]
