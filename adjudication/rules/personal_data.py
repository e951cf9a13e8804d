"""Whether a text that jurors will read still names the claimant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import permutations

NAME = "name"
PHONE = "phone"
ID_NUMBER = "id_number"

_SHORTEST_NAME_PART = 4
_SHORTEST_NUMBER = 6
_LOCAL_PHONE_DIGITS = 8
_MOST_PARTS_IN_ANY_ORDER = 4
_LONGEST_FAMILY_NAME = 2
_WORD = re.compile(r"[^\W_]+", re.UNICODE)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _joined(text: str) -> str:
    """Letters and digits only, in lower case, so that spaces and hyphens hide nothing."""
    return "".join(character for character in _normal(text).casefold() if character.isalnum())


def _digits(text: str) -> str:
    return "".join(character for character in _normal(text) if character.isdigit())


def _is_ideographic(text: str) -> bool:
    return any("\u3400" <= character <= "\u9fff" for character in text)


def _names_somebody(text: str, name: str) -> bool:
    """Whether the text contains the whole name in any order, or one longer part of it as a capitalised word.

    A Chinese name of three characters or more is whole with its given name first, too (小明欧阳); of two, the other
    order is found in too many other words. A part is compared with its capitals: otherwise “long” or “young” could not
    be written about a member called Long or Young.
    """
    parts = _WORD.findall(_normal(name))
    if not parts:
        return False
    if _is_ideographic(name):
        joined, whole = _joined(name), _joined(text)
        turns = range(_LONGEST_FAMILY_NAME + 1) if len(joined) > _LONGEST_FAMILY_NAME else (0,)
        return any(joined[turn:] + joined[:turn] in whole for turn in turns)
    words = _WORD.findall(_normal(text))
    small = [word.casefold() for word in words]
    wanted = [part.casefold() for part in parts]
    orders = permutations(wanted) if len(wanted) <= _MOST_PARTS_IN_ANY_ORDER else (wanted, wanted[::-1])
    for order in map(list, orders):
        if any(small[start : start + len(order)] == order for start in range(len(small) - len(order) + 1)):
            return True
    if _joined(name) in small:
        return True
    return any(part in words for part in parts if len(part) >= _SHORTEST_NAME_PART)


def _holds_phone(text: str, phone: str) -> bool:
    wanted = _digits(phone)
    if len(wanted) < _SHORTEST_NUMBER:
        return False
    # The country code is often left out, so the last digits are enough.
    local = wanted[-_LOCAL_PHONE_DIGITS:]
    runs = re.findall(r"\d(?:[\s().+/-]*\d)*", _normal(text))
    return any(local in _digits(run) for run in runs)


def personal_data_in(text: str, *, names: Iterable[str], phones: Iterable[str], id_numbers: Iterable[str]) -> list[str]:
    """Which of `name`, `phone` and `id_number` a text reveals; empty when it reveals none."""
    found = []
    if any(_names_somebody(text, name) for name in names if name.strip()):
        found.append(NAME)
    if any(_holds_phone(text, phone) for phone in phones):
        found.append(PHONE)
    whole = _joined(text)
    if any(len(_joined(number)) >= _SHORTEST_NUMBER and _joined(number) in whole for number in id_numbers):
        found.append(ID_NUMBER)
    return found
