"""Names as notices and staff lists show them: recognisable to those who know the person, and to nobody else."""

from __future__ import annotations

import unicodedata

HIDDEN = "*"
HIDDEN_REST = HIDDEN * 3
MOST_WORDS = 4
_DOTS = str.maketrans(dict.fromkeys("\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff65\uff0e", " "))
"""What stands between the parts of a transcribed name."""


def _is_han(character: str) -> bool:
    """Whether the character is a Chinese one (names are written without blanks)."""
    named = unicodedata.name(character, "")
    return named.startswith(("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH")) or character == "\u3007"


def _visible(name: str) -> str:
    """The name composed, without control and formatting characters, which could turn or hide what is shown."""
    composed = unicodedata.normalize("NFC", name)
    return "".join(
        " " if letter.isspace() else letter for letter in composed if letter.isspace() or letter.isprintable()
    )


def masked_name(name: str) -> str:
    """The name with all but a hint hidden: 王小明 → 王*明, 王明 → 王*, John Smith → J*** S***.

    The stars of a Latin name say nothing of its length, and a Chinese name shows two of them at most
    (欧阳小明 → 欧**明). Of a long name the first four words count; an empty one gives three stars.
    """
    words = _visible(name).translate(_DOTS).split()
    if not words:
        return HIDDEN_REST
    if all(_is_han(character) for word in words for character in word):
        return _masked_han("".join(words))
    return " ".join(word[0] + HIDDEN_REST for word in words[:MOST_WORDS])


def _masked_han(name: str) -> str:
    """First and last character with one or two stars between; of two characters or one, only the first."""
    if len(name) <= 2:
        return name[0] + HIDDEN
    return name[0] + HIDDEN * min(2, len(name) - 2) + name[-1]
