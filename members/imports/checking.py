"""Checking the rows of an import one by one: their values, and the joining rules of the version in force."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from members.imports.columns import COLUMNS, WHOLE_ROW, Refusal, Wrong, allowed_in, readers
from members.imports.reading import Row
from members.rules.dates import local_day
from members.rules.identity import IdentityDoubt, doubts_about
from members.rules.joining import TOO_OLD, joining_age
from members.rules.plans import PlanRules, first_notice_after, parse_plan

_RECENT = 20_000
_KEY = COLUMNS.index("external_id")
_JOINED_AT = COLUMNS.index("joined_at")


@dataclass(frozen=True)
class Terms:
    """What rows are checked against. Plain data, so that it can be handed to another process.

    `versions` are label and plan file, oldest first; nobody was born before `born_from`.
    """

    versions: tuple[tuple[str, str], ...]
    timezone: str
    now: dt.datetime
    today: dt.date
    born_from: dt.date
    sexes: tuple[str, ...]
    end_reasons: tuple[str, ...]


class Draft(NamedTuple):
    """A row whose values are all right."""

    row: int
    external_id: str
    name: str
    born_on: dt.date
    sex: str
    id_number: str
    phone: str
    address: str
    employer: str
    payer_external_id: str
    joined_at: dt.datetime
    left_at: dt.datetime | None
    end_reason: str
    is_gifted: bool
    carried_minor: int
    first_notice_on: dt.date

    @property
    def doubts(self) -> tuple[IdentityDoubt, ...]:
        """What speaks against the identity number: the row is taken, and a person settles it."""
        return doubts_about(self.id_number, self.born_on, self.sex) if self.id_number else ()


class _Joining(NamedTuple):
    """What follows from a moment of joining alone."""

    rules: PlanRules | None
    joined_on: dt.date
    first_notice_on: dt.date
    is_future: bool


class Checker:
    """Makes drafts of rows, or says all that is wrong with them."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self.allowed = allowed_in(terms.sexes, terms.end_reasons)
        self._readers = readers(ZoneInfo(terms.timezone), terms.sexes, terms.end_reasons)
        self._versions = [parse_plan(source, label, is_published=True) for label, source in terms.versions]
        self._starts = [rules.starts_at for rules in self._versions]
        # All who joined on a day given without a time joined at the same moment, so it is computed once.
        self._joining = lru_cache(maxsize=_RECENT)(self._joining_at)

    def check(self, row: Row) -> tuple[Draft | None, list[Refusal]]:
        """The draft of a row, or None and what is wrong."""
        if row.wrong:
            return None, [self._refusal(row, WHOLE_ROW, row.wrong)]
        if row.texts[_KEY].strip() == "external_id" and row.texts[_JOINED_AT].strip() == "joined_at":
            return None, [self._refusal(row, WHOLE_ROW, "names the columns once more")]
        try:
            values = [read(text) for read, text in zip(self._readers, row.texts, strict=True)]
        except Wrong:
            return None, list(self._wrong_values(row))
        joining = self._joining(values[_JOINED_AT])
        draft = Draft._make((row.line, *values, joining.first_notice_on))
        found = self._against_rules(draft, joining)
        return (None, [self._refusal(row, column, wrong) for column, wrong in found]) if found else (draft, [])

    def _wrong_values(self, row: Row) -> Iterator[Refusal]:
        for column, read, text in zip(COLUMNS, self._readers, row.texts, strict=True):
            try:
                read(text)
            except Wrong as wrong:
                yield self._refusal(row, column, str(wrong))

    def key_of(self, row: Row) -> str:
        """The external id of a row with which something is wrong; nothing where it has none."""
        try:
            return str(self._readers[_KEY](row.texts[_KEY])) if row.texts else ""
        except Wrong:
            return ""

    def _against_rules(self, draft: Draft, joining: _Joining) -> list[tuple[str, str]]:
        """What the values contradict: each other, the calendar, the plan."""
        found = []
        if draft.payer_external_id == draft.external_id:
            found.append(("payer_external_id", "names the row itself"))
        if not self._terms.born_from <= draft.born_on <= self._terms.today:
            found.append(("born_on", "is a day on which nobody alive was born"))
        if draft.left_at is not None and draft.left_at <= draft.joined_at:
            found.append(("left_at", "lies before joined_at, or is the same moment"))
        if draft.left_at is not None and draft.left_at > self._terms.now:
            found.append(("left_at", "lies in the future"))
        if (draft.left_at is None) != (draft.end_reason == ""):
            found.append(("end_reason", "is given without left_at" if draft.end_reason else "is missing"))
        if joining.is_future:
            found.append(("joined_at", "lies in the future"))
        elif joining.rules is None:
            found.append(("joined_at", "lies before the first version of the plan"))
        elif not found:
            found += self._against_closing(draft.joined_at, joining.rules)
            found += self._against_age(draft.born_on, joining.joined_on, joining.rules)
            if draft.is_gifted and not joining.rules.sponsor.gives_shares:
                version = joining.rules.version
                found.append(("gifted", f"is not given by the sponsor of the plan in version {version}"))
        return found

    @staticmethod
    def _against_closing(joined_at: dt.datetime, rules: PlanRules) -> list[tuple[str, str]]:
        closed_from = rules.join.closed_from
        if closed_from is None or joined_at < closed_from:
            return []
        return [("joined_at", f"lies after {closed_from.isoformat()}, from when version {rules.version} is closed")]

    @staticmethod
    def _against_age(born_on: dt.date, joined_on: dt.date, rules: PlanRules) -> list[tuple[str, str]]:
        if born_on > joined_on:
            return [("born_on", "lies after the day of joining")]
        age = joining_age(rules, born_on, joined_on)
        if age.problem is None:
            return []
        join = rules.join
        if age.problem == TOO_OLD:
            rule = f"older than the {join.age_max_years} completed years"
        elif age.age_days < join.age_min_days:
            rule = f"younger than the {join.age_min_days} days"
        else:
            rule = f"younger than the {join.age_min_years} completed years"
        return [("born_on", f"makes them {rule} that version {rules.version} allows on the day of joining")]

    def _joining_at(self, joined_at: dt.datetime) -> _Joining:
        number = bisect_right(self._starts, joined_at)
        joined_on = local_day(joined_at, self._terms.timezone)
        is_future = joined_at > self._terms.now
        if number == 0:
            return _Joining(None, joined_on, joined_on, is_future)
        rules = self._versions[number - 1]
        return _Joining(rules, joined_on, first_notice_after(rules, joined_at), is_future)

    def _refusal(self, row: Row, column: str, wrong: str) -> Refusal:
        return Refusal(row.line, column, wrong, self.allowed[column])
