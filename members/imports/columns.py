"""The columns of an import file: what each may hold, and how its text is read."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from members.rules.comparing import visible
from members.rules.identity import Damage, damage_to

COLUMNS = (
    "external_id",
    "name",
    "born_on",
    "sex",
    "id_number",
    "phone",
    "address",
    "employer",
    "payer_external_id",
    "joined_at",
    "left_at",
    "end_reason",
    "gifted",
    "carried_minor",
)
REQUIRED = ("external_id", "name", "born_on", "joined_at")
WHOLE_ROW = "-"
"""Stands in the report where a problem is not one column's."""

MOST_KEY_CHARACTERS = 120
MOST_CARRIED_MINOR = 10**15
_DAY_CHARACTERS = 10
_RECENT = 50_000
_Value = TypeVar("_Value")
_UNSEEN = frozenset("\u200b\u2060\ufeff\u00ad\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_YEAR_FIRST = re.compile(
    r"(?P<year>[12]\d{3})(?P<between>[-/.]?)(?P<month>(?<=\D)\d{1,2}|\d{2})(?P=between)(?P<day>(?<=\D)\d{1,2}|\d{2})"
    r"(?:[ T]0?0:00(?::00)?)?",
    re.ASCII,
)
_SERIAL = re.compile(r"\d{1,6}(?:[.,]\d+)?", re.ASCII)
_YEAR_LAST = re.compile(r"\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong with a row. `row` is the line of the file where the row begins.

    No value is repeated: it may be personal data.
    """

    row: int
    column: str
    wrong: str
    allowed: str


class Wrong(Exception):
    """A text can't stand in its column; says what is wrong."""


def allowed_in(sexes: Collection[str], end_reasons: Collection[str]) -> dict[str, str]:
    """What each column may hold, in words, for the report."""
    moment = "a day (2024-03-01: its first moment in the plan's time zone) or a moment (2024-03-01T09:30:00+08:00)"
    return {
        "external_id": f"text of 1 to {MOST_KEY_CHARACTERS} printable characters, another in every row",
        "name": "text with a letter",
        "born_on": "a day such as 1985-05-17 (1985/5/17 and 19850517 too), not after the day of joining",
        "sex": f"{', '.join(sexes)}, or nothing",
        "id_number": "text or nothing, another in every row; in a spreadsheet, make the column text before typing",
        "phone": "text or nothing; in a spreadsheet, make the column text before typing",
        "address": "text or nothing",
        "employer": "text or nothing",
        "payer_external_id": "nothing, or the external_id of somebody in the file or the database who is not paid for",
        "joined_at": f"{moment}, not in the future, while a version of the plan was in force",
        "left_at": f"nothing, or {moment}, after joined_at and not in the future",
        "end_reason": f"{', '.join(end_reasons)} where left_at is given, otherwise nothing",
        "gifted": "yes, no, true, false, 1, 0, or nothing for no",
        "carried_minor": f"a whole number of minor units from 0 to {MOST_CARRIED_MINOR}, or nothing for 0",
        WHOLE_ROW: f"one value for each column of the header, in UTF-8; an object of {', '.join(COLUMNS)} in NDJSON",
    }


def readers(
    timezone: ZoneInfo, sexes: Collection[str], end_reasons: Collection[str]
) -> tuple[Callable[[str], Any], ...]:
    """For each column, in the order of COLUMNS, what makes its value of its text; raises Wrong."""
    by_name: Mapping[str, Callable[[str], Any]] = {
        "external_id": _required(key_of),
        "name": _required(name_of),
        # A file names the same days again and again: each is read once.
        "born_on": lru_cache(maxsize=_RECENT)(_required(day_of)),
        "sex": _one_of({"": "unknown"} | {each: each for each in sexes}),
        "id_number": number_of,
        "phone": number_of,
        "payer_external_id": key_of,
        "joined_at": lru_cache(maxsize=_RECENT)(_required(lambda text: moment_of(text, timezone))),
        "left_at": lambda text: moment_of(text, timezone) if text and not text.isspace() else None,
        "end_reason": _one_of({"": ""} | {each: each for each in end_reasons}),
        "gifted": lambda text: _is_yes(text.lower()),
        "carried_minor": amount_of,
    }
    return tuple(by_name.get(column, text_of) for column in COLUMNS)


def text_of(text: str) -> str:
    """Free text, without blanks around it."""
    if "\0" in text:
        raise Wrong("holds a zero character")
    return text.strip()


def name_of(text: str) -> str:
    """A name, with one blank between its words, without invisible characters but those that join letters."""
    shown = "".join(letter for letter in text_of(text) if letter not in _UNSEEN)
    name = " ".join(shown.split())
    if name and not name.isalpha() and not any(unicodedata.category(letter)[0] == "L" for letter in name):
        raise Wrong("has no letter")
    return name


def number_of(text: str) -> str:
    """An identity number or a phone: as it was given, without invisible characters, unless a spreadsheet damaged it."""
    number = text_of(text)
    if number.isascii() and number.isdigit() and not number.endswith("000"):
        return number
    damage = damage_to(number)
    if damage is not None:
        raise Wrong(str(damage.value))
    return visible(number).strip()


def key_of(text: str) -> str:
    """An external id; nothing stays nothing."""
    key = text.strip()
    if len(key) > MOST_KEY_CHARACTERS:
        raise Wrong("is too long")
    if not key.isprintable():
        raise Wrong("holds characters that can't be printed")
    if "+" in key and damage_to(key) is Damage.SCIENTIFIC:
        raise Wrong(str(Damage.SCIENTIFIC.value))
    return key


def day_of(text: str) -> dt.date:
    """A day in its ISO form, or in another that begins with the year and can mean no other day."""
    text = text.strip()
    try:
        # Longer and shorter forms are ISO too, and week dates; nobody means them.
        return dt.date.fromisoformat(text if len(text) == _DAY_CHARACTERS else "")
    except ValueError:
        return _day_otherwise(text)


def _day_otherwise(text: str) -> dt.date:
    found = _YEAR_FIRST.fullmatch(text)
    if found:
        try:
            return dt.date(int(found["year"]), int(found["month"]), int(found["day"]))
        except ValueError:
            raise Wrong("is not a day") from None
    if _SERIAL.fullmatch(text):
        raise Wrong("is a number, by which a spreadsheet counts days, and not a day")
    if _YEAR_LAST.match(text):
        raise Wrong("does not begin with the year, so that day and month can't be told apart")
    raise Wrong("is not a day")


def moment_of(text: str, timezone: ZoneInfo) -> dt.datetime:
    """An aware moment: of a day its first, of a local time that of the plan's time zone."""
    text = text.strip()
    if len(text) == _DAY_CHARACTERS:
        return dt.datetime.combine(day_of(text), dt.time.min, tzinfo=timezone)
    if _YEAR_FIRST.fullmatch(text) or _SERIAL.fullmatch(text) or _YEAR_LAST.match(text):
        return _in_range(dt.datetime.combine(_day_otherwise(text), dt.time.min, tzinfo=timezone))
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise Wrong("is neither a day nor a moment") from None
    if moment.tzinfo is not None:
        return _in_range(moment)
    moment = moment.replace(tzinfo=timezone)
    if moment.utcoffset() != moment.replace(fold=1).utcoffset():
        raise Wrong("is no one moment: the clocks were changed then, so give its offset from UTC")
    return _in_range(moment)


def amount_of(text: str) -> int:
    """Minor units."""
    text = text.strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()) or int(text) > MOST_CARRIED_MINOR:
        raise Wrong("is not such a number")
    return int(text)


def _in_range(moment: dt.datetime) -> dt.datetime:
    """Far from the ends of the calendar, where other zones have no such moment."""
    if not 1 < moment.year < dt.MAXYEAR:
        raise Wrong("lies outside the calendar")
    return moment


def _required(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def read_it(text: str) -> Any:
        value = read(text)
        if value == "":
            raise Wrong("is missing")
        return value

    return read_it


def _one_of(values: Mapping[str, _Value]) -> Callable[[str], _Value]:
    def read_it(text: str) -> _Value:
        try:
            return values[text.strip()]
        except KeyError:
            raise Wrong("is none of these") from None

    return read_it


_is_yes = _one_of({"": False, "false": False, "no": False, "0": False, "true": True, "yes": True, "1": True})
