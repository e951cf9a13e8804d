"""The one form in which personal data are compared: by imports, forms, look-ups and blind indexes alike."""

from __future__ import annotations

import re
import unicodedata

PERSONAL = frozenset({"name", "id_number", "phone", "address", "employer"})
"""What of a person is compared; a release that changes their form must index the people again (migration 0013)."""

_WITHOUT_HYPHENS = frozenset({"name", "id_number", "employer"})
_CHINA = "86"
_FEWEST_LOCAL_DIGITS = 7
_MOBILE_DIGITS = 11
_DOUBLE_ZERO = re.compile(r"\A00(?=[1-9])")


def comparable(purpose: str, value: str) -> str:
    """The value without what makes no difference: case, width, blanks, invisible characters, hyphens, country code.

    An address keeps its hyphens, all written alike: 3-201 is another flat than 32-01. A purpose that is not of
    PERSONAL keeps the form that its stored digests have: case, width and blanks only.
    """
    if purpose not in PERSONAL:
        return "".join(unicodedata.normalize("NFKC", value).casefold().split())
    if value.isascii() and value.isalnum():
        text = value.lower()
    else:
        # Invisible characters first: one between two letters keeps NFKC from composing them.
        text = unicodedata.normalize("NFKC", visible(value)).casefold()
        text = unicodedata.normalize("NFKC", "".join(map(_plain, text))).replace(" ", "")
    if purpose == "phone":
        return _phone(text)
    return text.replace("-", "") if purpose in _WITHOUT_HYPHENS else text


def visible(value: str) -> str:
    """The text without what nobody sees: formatting and control characters, variation selectors."""
    return value if value.isascii() and value.isprintable() else "".join(filter(_is_visible, value))


def _is_visible(letter: str) -> bool:
    if letter.isspace():
        return True
    is_selector = "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef"
    return unicodedata.category(letter) not in {"Cf", "Cc"} and not is_selector and letter != "\u034f"


def _plain(letter: str) -> str:
    if letter.isspace():
        return ""
    if unicodedata.category(letter) == "Pd" or letter in "\u2212\u2043":
        return "-"
    if letter.isdigit() and not letter.isascii():
        return str(unicodedata.digit(letter))
    return letter


def _phone(text: str) -> str:
    """A number as it is dialled within China, any other with its country code; what holds no digit stays as it is."""
    digits = "".join(letter for letter in text if letter in "0123456789")
    if not digits or any(letter.isalpha() for letter in text):
        return text.replace("-", "")
    is_international = text.lstrip("(").startswith("+") or bool(_DOUBLE_ZERO.match(digits))
    if is_international:
        digits = digits.removeprefix("00")
        if not digits.startswith(_CHINA) or len(digits) < len(_CHINA) + _FEWEST_LOCAL_DIGITS:
            return f"+{digits}"
        digits = digits[len(_CHINA) :]
    elif len(digits) == len(_CHINA) + _MOBILE_DIGITS and digits.startswith(f"{_CHINA}1"):
        digits = digits[len(_CHINA) :]
    # The trunk prefix: 010 12345678 in Beijing, +86 10 12345678 from abroad.
    return digits[1:] if digits.startswith("0") and len(digits) > _FEWEST_LOCAL_DIGITS + 1 else digits
