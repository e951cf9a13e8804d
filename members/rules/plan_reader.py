"""A careful reader of one TOML table: it notes each problem with its key and what is allowed, and reads on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from members.errors.money import AmountInvalid
from members.errors.plans import PlanFileInvalid
from members.rules.money import parse_major
from members.rules.plan_types import Text
from pages.words import listed

_listed = lazy(listed, str)
_PERCENT = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,2}))? ?%", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ABSENT = object()
_NOTHING = "?"
"""Stands for a text that could not be read, until the problems are told."""
LONGEST_CODE = 40
LONGEST_TITLE = 120
LONGEST_TEXT = 2_000
_MOST_DIGITS = 15
"""Minor units of a longer amount could not be added up in the database's whole numbers."""


class Reader:
    """One table of a plan file, with the path that leads to it.

    What cannot be read is noted in `problems`, which all tables of a file share, and stands as some harmless value
    until then. Of a table that is missing or none at all, nothing further is noted (`is_void`).
    """

    def __init__(
        self,
        content: dict[str, Any],
        filename: str,
        path: str = "",
        problems: list[PlanFileInvalid] | None = None,
        is_void: bool = False,
    ) -> None:
        self._content = content
        self._filename = filename
        self._path = path
        self.problems: list[PlanFileInvalid] = [] if problems is None else problems
        self._is_void = is_void
        self._read: set[str] = set()
        self._children: list[Reader] = []

    def refuse(self, key: str, value: Any, allowed: Any, missing: bool = False) -> None:
        """Note that the key may not have this value (or lacks values): the first problem of a key is told, no more."""
        shown = {"value": _shown(value)}
        problem = _("missing: %(value)s") % shown if missing else _("“%(value)s” cannot stand here") % shown
        self._note(key, problem, allowed)

    def refuse_ahead(self, key: str, format_: int, held: int) -> None:
        """Note a key that only a later format has than the one in which the file is written."""
        formats = {"format": format_, "held": held}
        problem = _("is a key of format %(format)s, and this file has format %(held)s") % formats
        self._note(key, problem, _("“format = %(format)s” at the top of the file, with every key of it") % formats)

    def _note(self, key: str, problem: Any, allowed: Any) -> None:
        path = self._path + key
        if not self._is_void and all(known.key != path for known in self.problems):
            self.problems.append(PlanFileInvalid(file=self._filename, key=path, problem=problem, allowed=allowed))

    def take(self, key: str) -> Any:
        """The raw value, or `_ABSENT`; every key is required, so that nothing is decided by leaving it out."""
        self._read.add(key)
        if key not in self._content:
            self._note(key, _("is missing"), _("every key is required; write “none” for no limit"))
            return _ABSENT
        return self._content[key]

    def has(self, key: str) -> bool:
        """Whether the table has a key that may be left out."""
        self._read.add(key)
        return key in self._content

    def refuse_unknown_keys(self) -> None:
        """Note every key that nobody asked for, here or in a table below."""
        for key in self._content:
            if key not in self._read:
                self._note(key, _("is not a key of a plan file"), _listed(sorted(self._read)))
        for child in self._children:
            child.refuse_unknown_keys()

    def asked(self) -> Iterator[str]:
        """The path of every key that was asked for, here and below."""
        for key in self._read:
            yield self._path + key
        for child in self._children:
            yield from child.asked()

    def refuse_twice(self, key: str, codes: Sequence[str], name: str = "code") -> None:
        """Note every code of a list that comes twice; `name` is the key that holds it."""
        for number, code in enumerate(codes, start=1):
            if code in codes[: number - 1]:
                self.refuse(f"{key}[{number}].{name}", code, _("each code once"))

    def table(self, key: str) -> Reader:
        """A reader of the table below."""
        value = self.take(key)
        if value is not _ABSENT and not isinstance(value, dict):
            self.refuse(key, value, _("a table: [%(key)s]") % {"key": key})
        return self._child(value, f"{self._path}{key}.")

    def tables(self, key: str, at_least: int = 0) -> list[Reader]:
        """Readers of a list of tables; a list that may be empty may be left out."""
        if at_least == 0 and key not in self._content:
            self._read.add(key)
            return []
        value = self.take(key)
        if value is _ABSENT:
            return []
        if not isinstance(value, list) or len(value) < at_least or not all(isinstance(entry, dict) for entry in value):
            self.refuse(key, value, _("entries, each under its own [[%(key)s]]") % {"key": key})
            return []
        return [self._child(entry, f"{self._path}{key}[{number}].") for number, entry in enumerate(value, start=1)]

    def _child(self, content: Any, path: str) -> Reader:
        is_void = self._is_void or not isinstance(content, dict)
        child = Reader({} if is_void else content, self._filename, path, self.problems, is_void)
        self._children.append(child)
        return child

    def text(self, key: str, longest: int = LONGEST_TEXT) -> str:
        """A text that is not blank."""
        value = self.take(key)
        text = " ".join(value.split()) if isinstance(value, str) else ""
        # No database column and no page takes a control character, which TOML allows as an escape.
        if not text or _CONTROL.search(text):
            self.refuse(key, value, _("a text in quotes"))
            return _NOTHING
        if len(text) > longest:
            self.refuse(key, value, _("at most %(n)s characters") % {"n": longest})
        return text

    def texts(self, key: str, at_least: int = 0) -> tuple[str, ...]:
        """A list of different texts."""
        value = self.take(key)
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            self.refuse(key, value, _("a list of texts in quotes"))
            return ()
        if len(value) < at_least or len(set(value)) != len(value):
            self.refuse(key, value, _("at least %(n)s, each once") % {"n": at_least})
        return tuple(value)

    def matching(self, key: str, pattern: re.Pattern[str], example: str) -> str:
        """A text of a fixed shape."""
        value = self.text(key, LONGEST_CODE)
        if pattern.fullmatch(value) is None:
            self.refuse(key, value, _("written like “%(example)s”") % {"example": example})
        return value

    def choice(self, key: str, allowed: Sequence[str], shown: Any = None) -> str:
        """One of the allowed words."""
        value = self.take(key)
        if value in allowed:
            return str(value)
        self.refuse(key, value, shown or _listed(allowed))
        return allowed[0]

    def choice_if_given(self, key: str, allowed: Sequence[str]) -> str | None:
        """One of the allowed words; None where the key is left out, which this one may be."""
        if key in self._content:
            return self.choice(key, allowed)
        self._read.add(key)
        return None

    def choices(self, key: str, allowed: Sequence[str], at_least: int = 0) -> tuple[str, ...]:
        """Some of the allowed words, each once."""
        values = self.texts(key, at_least)
        for value in values:
            if value not in allowed:
                self.refuse(key, value, _listed(allowed))
        return values

    def choice_or_none(self, key: str, allowed: Sequence[str]) -> str | None:
        """One of the allowed words, or the word none."""
        chosen = self.choice(key, (*allowed, "none"))
        return None if chosen == "none" else chosen

    def both(self, key: str, longest: int = LONGEST_TEXT) -> Text:
        """A text in English and in Chinese."""
        below = self.table(key)
        return Text(en=below.text("en", longest), zh=below.text("zh", longest))

    def both_or_none(self, key: str, longest: int = LONGEST_TEXT) -> Text | None:
        """A text in both languages, or the word none."""
        value = self._content.get(key)
        if isinstance(value, dict):
            return self.both(key, longest)
        if self.take(key) != "none":
            self.refuse(key, value, _("a text in both languages: { en = “…”, zh = “…” }, or “none”"))
        return None

    def flag(self, key: str) -> bool:
        """True or false."""
        value = self.take(key)
        if not isinstance(value, bool):
            self.refuse(key, value, "true, false")
        return value is True

    def whole(self, key: str, lowest: int, highest: int, otherwise: int | None = None) -> int:
        """A whole number within limits; `otherwise` stands for one that is wrong, for what depends on it."""
        known = len(self.problems)
        value = self._whole(key, self.take(key), lowest, highest)
        return value if otherwise is None or len(self.problems) == known else otherwise

    def whole_if_given(self, key: str, lowest: int, highest: int, otherwise: int) -> int:
        """A whole number within limits; `otherwise` where the key is left out, which this one may be."""
        if key in self._content:
            return self.whole(key, lowest, highest)
        self._read.add(key)
        return otherwise

    def whole_or_none(self, key: str, lowest: int, highest: int) -> int | None:
        """A whole number within limits, or the word none."""
        value = self.take(key)
        return None if value == "none" else self._whole(key, value, lowest, highest)

    def wholes(self, key: str, lowest: int, highest: int) -> tuple[int, ...]:
        """A list of whole numbers within limits."""
        values = self.take(key)
        if not isinstance(values, list):
            self.refuse(key, values, _("a list of whole numbers"))
            return ()
        return tuple(self._whole(key, value, lowest, highest) for value in values)

    def _whole(self, key: str, value: Any, lowest: int, highest: int) -> int:
        # bool is a kind of int in Python, but `true` is not a number to the author of the file.
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        limits = {"lowest": lowest, "highest": highest}
        self.refuse(key, value, _("a whole number from %(lowest)s to %(highest)s") % limits)
        return lowest

    def percent(self, key: str) -> int:
        """A rate in basis points, written as “8 %” or “8.25 %”."""
        value = self.take(key)
        match = _PERCENT.fullmatch(value) if isinstance(value, str) else None
        basis_points = -1 if match is None else int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
        if not 0 <= basis_points <= 10_000:
            self.refuse(key, value, _("a percentage in quotes with at most two decimals: “8 %%”") % {})
        return basis_points

    def amount(self, key: str, exponent: int) -> int:
        """An amount above zero in minor units, written in quotes in major units."""
        return self._amount(key, self.take(key), exponent)

    def amount_or_none(self, key: str, exponent: int) -> int | None:
        """An amount in minor units, or the word none."""
        value = self.take(key)
        return None if value == "none" else self._amount(key, value, exponent)

    def _amount(self, key: str, value: Any, exponent: int) -> int:
        try:
            amount_minor = parse_major(value, exponent) if isinstance(value, str) else 0
        except AmountInvalid:
            amount_minor = 0
        if amount_minor <= 0:
            self.refuse(key, value, _("an amount above zero, in quotes: “300,000.00”"))
        elif amount_minor >= 10**_MOST_DIGITS:
            self.refuse(key, value, _("an amount of at most %(n)s digits") % {"n": _MOST_DIGITS})
        return amount_minor


def _shown(value: Any) -> str:
    """The value as a message shows it, cut short."""
    try:
        return str(value)[:80]
    except ValueError:
        # Python writes no whole number of more than some thousand digits.
        return f"{type(value).__name__}, …"
