"""Making a finding: the values it stores and the sentence that says it in both languages."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType

from members.rules.eligibility_types import UNKNOWN, Finding, Result
from members.rules.plan_types import Text

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
Value = date | int | str | Text


def found(clause: str, result: Result, text: Text, **known: Value) -> Finding:
    """A finding whose sentence is filled in; days are stored in ISO form and written out in the sentence."""
    values: dict[str, str | int] = {}
    for name, value in known.items():
        if isinstance(value, Text):
            values |= {f"{name}_en": value.en, f"{name}_zh": value.zh}
        else:
            values[name] = value.isoformat() if isinstance(value, date) else value
    sentence = Text(
        en=text.en.format(**{name: _words(value).en for name, value in known.items()}),
        zh=text.zh.format(**{name: _words(value).zh for name, value in known.items()}),
    )
    return Finding(clause, result, MappingProxyType(values), sentence)


def missing(clause: str) -> Finding:
    """The finding of a clause that needs a day which nobody has given yet."""
    return found(clause, UNKNOWN, Text("Cannot be judged yet: a day is not known.", "暂无法判断：日期未知。"))


def _words(value: Value) -> Text:
    """The value as a sentence writes it."""
    if isinstance(value, Text):
        return value
    if isinstance(value, date):
        return Text(
            f"{value.day} {_MONTHS[value.month - 1]} {value.year}", f"{value.year}年{value.month}月{value.day}日"
        )
    return Text(str(value), str(value))
