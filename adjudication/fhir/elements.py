"""Pieces of FHIR resources: lists, days and moments, names, and what changes the meaning of the rest."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import unicodedata
from collections.abc import Iterator
from typing import Any

from adjudication.fhir.records import Version, When

FIRST_DAY = dt.date(1900, 1, 1)
LAST_DAY = dt.date(2999, 12, 31)
"""Days outside are slips; a time zone may not even be computed for them."""

_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_NAMES_FIRST = ("official", "usual", "", "nickname", "temp", "anonymous", "old", "maiden")
_PHONES_FIRST = ("mobile", "home", "", "work", "temp")
_TEST_DATA = "HTEST"


def items(value: Any, name: str) -> list[dict[str, Any]]:
    """The objects of a list; none where it is missing. FHIR allows null in a list where only an extension is given."""
    found = value.get(name) if isinstance(value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def words(value: dict[str, Any], name: str) -> list[str]:
    """The texts of a list."""
    return [one.strip() for one in value.get(name) or [] if isinstance(one, str) and one.strip()]


def code_of(value: Any) -> str:
    """A code as it is compared: in small letters, with hyphens, so that `Entered In Error` is `entered-in-error`."""
    return "-".join(
        unicodedata.normalize("NFKC", str(value or "")).casefold().replace("_", " ").replace("-", " ").split()
    )


def is_absent(value: dict[str, Any], name: str) -> bool:
    """Whether a value is said to be unknown, masked or the like beside the place where it should stand."""
    return any(one.get("url") == _ABSENT for one in items(value.get(f"_{name}"), "extension"))


def when(value: Any) -> When | None:
    """A FHIR date or dateTime; None for one without a day (a year, or a year and month) or with an impossible one."""
    text = str(value or "").strip()
    try:
        if len(text) == 10:
            on = dt.date.fromisoformat(text)
            return on if FIRST_DAY <= on <= LAST_DAY else None
        # A leap second is the last one that the calendar of Python has.
        moment = dt.datetime.fromisoformat(text.replace(":60", ":59")) if len(text) > 10 else None
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None or not FIRST_DAY < moment.date() < LAST_DAY:
        return None
    return moment


def is_impossible(value: Any) -> bool:
    """Whether a date or dateTime is stated, and no year or day on which anything here can have happened."""
    text = str(value or "").strip()
    if not text:
        return False
    year = int(text[:4]) if text[:4].isdecimal() else 0
    return not FIRST_DAY.year <= year < LAST_DAY.year or (len(text) >= 10 and when(text) is None)


def day(value: Any) -> dt.date | None:
    """A day; None for anything else, also a moment."""
    found = when(value)
    return None if isinstance(found, dt.datetime) else found


def version_of(meta: Any, stamp: tuple[str, str]) -> Version:
    """The version of a resource, from its `meta` or from the entry of a history."""
    meta = meta if isinstance(meta, dict) else {}
    label = str(meta.get("versionId") or stamp[1].removeprefix("W/").strip('"') or "")[:64]
    at = when(meta.get("lastUpdated") or stamp[0])
    return Version(at if isinstance(at, dt.datetime) else None, int(label) if label.isdecimal() else None, label)


def fingerprint(value: Any) -> str:
    """A digest of what a resource says, whatever its version and however it is told in words."""
    told = (
        {name: one for name, one in value.items() if name not in {"meta", "text"}} if isinstance(value, dict) else value
    )
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def doubt_in(value: dict[str, Any]) -> str:
    """Why a resource may mean something else than it seems to; empty where nothing says so."""
    for url in _modifiers(value):
        return f"its modifierExtension {url or '(without url)'} may change what it means, and is not known here"
    if value.get("implicitRules"):
        return "it follows implicitRules that are not known here"
    labels = [*items(value.get("meta"), "tag"), *items(value.get("meta"), "security")]
    if any(str(one.get("code") or "").strip().upper() == _TEST_DATA for one in labels):
        return "it is marked as test data (HTEST)"
    return ""


def _modifiers(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _modifiers(one)
    elif isinstance(value, dict):
        for one in value.get("modifierExtension") or []:
            yield str(one.get("url") or "") if isinstance(one, dict) else ""
        for name, one in value.items():
            if name != "contained":
                yield from _modifiers(one)


def is_over(value: dict[str, Any]) -> bool:
    """Whether a name, phone, address or identifier is said to be of the past."""
    period = value.get("period")
    return code_of(value.get("use")) == "old" or bool(isinstance(period, dict) and period.get("end"))


def names_of(patient: dict[str, Any]) -> list[str]:
    """The names of a patient: the official and the usual one before the rest, each only once."""
    found = [(is_over(one), _rank(one, _NAMES_FIRST), _name(one)) for one in items(patient, "name")]
    found.sort(key=lambda row: row[:2])  # stable: of two alike the first in the record
    return list(dict.fromkeys(name for *_, name in found if name))


def phone_of(patient: dict[str, Any]) -> str:
    """The phone by which a patient can be reached now; empty where there is none."""
    phones = [
        (_rank(one, _PHONES_FIRST), str(one.get("value") or "").strip())
        for one in items(patient, "telecom")
        if one.get("system") == "phone" and not is_over(one)
    ]
    return next((number for _, number in sorted(phones, key=lambda row: row[0]) if number), "")


def address_of(patient: dict[str, Any]) -> str:
    """The first address that is not of the past, in one line."""
    address = next((one for one in items(patient, "address") if not is_over(one)), {})
    lines = [*words(address, "line"), str(address.get("city") or ""), str(address.get("postalCode") or "")]
    return " ".join(line for line in lines if line)


def _rank(value: dict[str, Any], order: tuple[str, ...]) -> int:
    use = code_of(value.get("use"))
    return order.index(use) if use in order else len(order)


def _name(value: dict[str, Any]) -> str:
    """The name as one text; in Chinese, Japanese and Korean letters the family's comes first, without a blank."""
    text = str(value.get("text") or "")
    if text.strip():
        return text
    family, given = " ".join(str(value.get("family") or "").split()), words(value, "given")
    parts = [family, *given]
    if any(parts) and all(_is_east_asian(letter) for part in parts for letter in part if not letter.isspace()):
        return "".join("".join(part.split()) for part in parts)
    return " ".join(part for part in [*given, family] if part)


def _is_east_asian(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(("CJK ", "HANGUL", "HIRAGANA", "KATAKANA"))
