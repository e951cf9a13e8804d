"""Chinese identity numbers (GB 11643): check digit, birth and sex; and what spreadsheets do to numbers."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from enum import StrEnum

from members.rules.comparing import comparable, visible

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10x98765432"
_LONG = re.compile(r"[0-9]{17}[0-9x]")
_SHORT = re.compile(r"[0-9]{15}")
_SCIENTIFIC = re.compile(
    r"[+-]?\d+(?:[.,]\d*)?\s*(?:e\s*[+-]?\s*\d+|[x*\u00d7\u22c5]\s*10\s*\^?\s*[+-]?\d+)", re.IGNORECASE
)
_FRACTION = re.compile(r"[+-]?\d{4,}[.,]0+")
_GROUPED = re.compile(r"\d{1,3}(?:[,.'\u2019]\d{3}){3,}")
_MARKED = re.compile(r"#+(?:[A-Z/0]+[!?]?)?", re.IGNORECASE)
_KEPT_DIGITS = "000"


class IdentityDoubt(StrEnum):
    """What speaks against an identity number; a person has to settle it."""

    CHECK_DIGIT = "check_digit"
    BIRTH = "birth"
    SEX = "sex"
    OLD_FORM = "old_form"


class Damage(StrEnum):
    """What a spreadsheet did to a number; the original can't be known any more."""

    SCIENTIFIC = "was turned by a spreadsheet into powers of ten, and its last digits are lost"
    ROUNDED = "was rounded by a spreadsheet to 15 digits: it ends in 000 and its check digit is wrong"
    FRACTION = "was turned by a spreadsheet into a number with decimals"
    GROUPED = "was turned by a spreadsheet into a number with separators"
    FORMULA = 'stands in a formula or quotes (="..."), which a spreadsheet put around it'
    APOSTROPHE = "begins with the apostrophe by which a spreadsheet marks text"
    MARK = "holds a spreadsheet's mark of an error and not a value"


def damage_to(text: str) -> Damage | None:
    """What a spreadsheet did to an identity number, a phone or an id; None where nothing shows."""
    text = unicodedata.normalize("NFKC", visible(text)).strip()
    if text.startswith("=") or (len(text) > 1 and text[0] in '"\u201c' and text[-1] in '"\u201d'):
        return Damage.FORMULA
    if text[:1] in {"'", "\u2018", "\u2019", "`", "\u00b4"}:
        return Damage.APOSTROPHE
    for pattern, damage in (
        (_SCIENTIFIC, Damage.SCIENTIFIC),
        (_FRACTION, Damage.FRACTION),
        (_GROUPED, Damage.GROUPED),
        (_MARKED, Damage.MARK),
    ):
        if pattern.fullmatch(text):
            return damage
    number = comparable("id_number", text)
    if _LONG.fullmatch(number) and number.endswith(_KEPT_DIGITS) and not _has_check_digit(number):
        return Damage.ROUNDED
    return None


def doubts_about(id_number: str, born_on: dt.date, sex: str) -> tuple[IdentityDoubt, ...]:
    """What of an identity number contradicts itself, the birth or the sex (`female`, `male`; others say nothing).

    Numbers of 18 places are asked (GB 11643-1999), and those of 15 given out until 1999, which have no check digit and
    are always doubted. Any other number, such as a passport's, says nothing.
    """
    number = comparable("id_number", id_number)
    if _LONG.fullmatch(number):
        found = [] if _has_check_digit(number) else [IdentityDoubt.CHECK_DIGIT]
        birth, order = number[6:14], number[16]
    elif _SHORT.fullmatch(number):
        found = [IdentityDoubt.OLD_FORM]
        birth, order = f"19{number[6:12]}", number[14]
    else:
        return ()
    if birth != born_on.strftime("%Y%m%d"):
        found.append(IdentityDoubt.BIRTH)
    if sex in {"female", "male"} and sex != ("male" if int(order) % 2 else "female"):
        found.append(IdentityDoubt.SEX)
    return tuple(found)


def _has_check_digit(number: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return _CHECKS[total % 11] == number[17]
