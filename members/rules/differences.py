"""What changes from one plan version to another, in words of both languages, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any

from members.rules.difference_words import FIELDS, HOLD_DAYS_UNSAID, LISTS, NO_LIMIT, NONE_SAID, PARTS, WORDS
from members.rules.eligibility_types import clause_title
from members.rules.money import format_minor
from members.rules.plan_types import AidBand, Condition, DiseaseQuestion, PlanRules, Text, WayIn

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
_SEPARATOR = Text(", ", "、")
_YES, _NO = Text("yes", "是"), Text("no", "否")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changes: what it is, and what was and will be said of it; None where there is no such thing."""

    path: str
    kind: str
    label: Text
    before: Text | None
    after: Text | None

    @property
    def sentence(self) -> Text:
        """The difference as one line: “Management fee: 8 % → 10 %”."""
        if self.kind == ADDED and self.after is not None:
            return _joined(self.label, Text(" added: ", "新增："), self.after)
        if self.kind == REMOVED and self.before is not None:
            return _joined(self.label, Text(" removed: ", "删除："), self.before)
        before, after = self.before or NONE_SAID, self.after or NONE_SAID
        return _joined(self.label, Text(": ", "："), before, Text(" → ", " → "), after)


def differences(before: PlanRules, after: PlanRules) -> tuple[Difference, ...]:
    """Everything that changes, in the order of the rules; empty exactly when the rules are equal."""
    return tuple(_Comparison(before, after).of("", before, after))


class _Comparison:
    """Two versions side by side; each amount is written in the currency of its own version."""

    def __init__(self, before: PlanRules, after: PlanRules) -> None:
        self._before = before
        self._after = after

    def of(self, path: str, before: Any, after: Any) -> Iterator[Difference]:
        """The differences below one path."""
        if isinstance(before, Text) or not (is_dataclass(before) or isinstance(before, Mapping) or path in LISTS):
            yield from self._value(path, before, after)
        elif path in LISTS:
            yield from self._list(path, before, after)
        elif isinstance(before, Mapping):
            yield from self._table(path, before, after)
        else:
            for item in fields(before):
                if item.compare:
                    below = f"{path}.{item.name}" if path else item.name
                    yield from self.of(below, getattr(before, item.name), getattr(after, item.name))

    def _value(self, path: str, before: Any, after: Any) -> Iterator[Difference]:
        if before != after:
            # A field that this module has no words for is told all the same, under its own name.
            label, kind = FIELDS.get(path, (Text(path, path), "plain"))
            shown = self._written(kind, before, self._before), self._written(kind, after, self._after)
            yield Difference(path, CHANGED, label, *shown)

    def _table(self, path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
        """The decision table, cell by cell."""
        for verdict in dict.fromkeys([*before, *after]):
            rows = before.get(verdict, {}), after.get(verdict, {})
            for opinion in dict.fromkeys([*rows[0], *rows[1]]):
                cells = rows[0].get(opinion), rows[1].get(opinion)
                if cells[0] != cells[1]:
                    label = _joined(
                        Text("Verdict ", "裁决："),
                        _word(verdict),
                        Text(", opinion ", "，意见："),
                        _word(opinion),
                    )
                    yield Difference(f"{path}.{verdict}.{opinion}", CHANGED, label, _cell(cells[0]), _cell(cells[1]))

    def _list(self, path: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Difference]:
        one, many = LISTS[path]
        old, new = {_key(entry): entry for entry in before}, {_key(entry): entry for entry in after}
        for key, entry in old.items():
            if key not in new:
                yield Difference(f"{path}.{key}", REMOVED, one, self._entry(entry, self._before), None)
        for key, entry in new.items():
            if key not in old:
                yield Difference(f"{path}.{key}", ADDED, one, None, self._entry(entry, self._after))
            else:
                yield from self._parts(path, one, old[key], entry)
        if list(old) != list(new) and set(old) == set(new):
            label = _joined(Text("Order of the ", ""), many, Text("", "的顺序"))
            yield Difference(path, CHANGED, label, _listed(old), _listed(new))

    def _parts(self, path: str, one: Text, before: Any, after: Any) -> Iterator[Difference]:
        """The differences inside an entry that both versions have."""
        for item in fields(before):
            values = getattr(before, item.name), getattr(after, item.name)
            if values[0] == values[1]:
                continue
            word, kind = PARTS.get(item.name, (Text(item.name, item.name), "plain"))
            label = _named(one, before, self._before)
            if item.name != "amount_minor":
                label = _joined(label, Text(", ", "，"), word)
            shown = self._written(kind, values[0], self._before), self._written(kind, values[1], self._after)
            yield Difference(f"{path}.{_key(before)}.{item.name}", CHANGED, label, *shown)

    def _entry(self, entry: Any, rules: PlanRules) -> Text:
        """A whole entry, as it is added or removed."""
        if isinstance(entry, AidBand):
            return _joined(_ages(entry), Text(": ", "："), _amount(entry.amount_minor, rules))
        if isinstance(entry, Condition):
            return _joined(entry.title, Text(f" ({', '.join(entry.icd10)})", f"（{'、'.join(entry.icd10)}）"))
        if isinstance(entry, WayIn):
            return _way_in(entry)
        text: Text = entry.text
        return text

    def _written(self, kind: str, value: Any, rules: PlanRules) -> Text:
        """A value in words."""
        if value is None:
            return _UNSAID.get(kind, NONE_SAID)
        if isinstance(value, Text):
            return value
        if kind == "amount":
            return _amount(value, rules)
        write = _WRITERS.get(kind)
        return write(value) if write else Text(str(value), str(value))


def _key(entry: Any) -> str:
    """What makes an entry the same in both versions: its code, or the ages and severity of an amount."""
    if isinstance(entry, AidBand):
        return f"{entry.age_from}-{entry.age_to}-{entry.severity}"
    if isinstance(entry, WayIn):
        return entry.plan
    code: str = entry.code
    return code


def _named(one: Text, entry: Any, rules: PlanRules) -> Text:
    """An entry as a heading: “Aid for age 40–59, severe”, “Condition “Stroke””."""
    if isinstance(entry, AidBand):
        return _joined(one, Text(" for ", "："), _ages(entry))
    if isinstance(entry, WayIn):
        return _joined(one, Text(f" {entry.plan}", f"：{entry.plan}"))
    name: Text = entry.title if isinstance(entry, Condition) else entry.text
    return _joined(one, Text(" “", "“"), name, Text("”", "”"))


def _ages(band: AidBand) -> Text:
    word = _word(band.severity)
    return Text(f"age {band.age_from}–{band.age_to}, {word.en}", f"{band.age_from}–{band.age_to}周岁，{word.zh}")


def _way_in(way: WayIn) -> Text:
    """A way in as it is added or removed: “xhb, transfer, age 60–70, health statement asked again: yes, …”."""
    ages = Text(f"age {way.age_from}–{way.age_to}", f"{way.age_from}–{way.age_to}周岁")
    flags = [
        _joined(PARTS[name][0], Text(": ", "："), _flag(value))
        for name, value in (("asks_health", way.asks_health), ("counts_wait", way.counts_wait))
    ]
    first, *others = [Text(way.plan, way.plan), _word(way.kind), ages, *flags]
    return _joined(first, *(part for other in others for part in (Text(", ", "，"), other)))


def _amount(amount_minor: int, rules: PlanRules) -> Text:
    return Text(
        *(format_minor(amount_minor, rules.currency, rules.currency_exponent, language) for language in ("en", "zh"))
    )


def _word(code: str) -> Text:
    return WORDS.get(code, Text(code, code))


def _cell(code: str | None) -> Text | None:
    return None if code is None else _word(code)


def _joined(*texts: Text) -> Text:
    return Text("".join(text.en for text in texts), "".join(text.zh for text in texts))


def _listed(values: Any) -> Text:
    if not values:
        return NONE_SAID
    words = [_word(str(value)) for value in values]
    return Text(_SEPARATOR.en.join(word.en for word in words), _SEPARATOR.zh.join(word.zh for word in words))


def _counted(en: str, en_many: str, zh: str) -> Any:
    return lambda number: Text(f"{number} {en if number == 1 else en_many}", f"{number}{zh}")


def _rate(basis_points: int) -> Text:
    whole, rest = divmod(basis_points, 100)
    shown = f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + " %"
    return Text(shown, shown)


def _moment(at: datetime) -> Text:
    shown = at.strftime("%Y-%m-%d %H:%M")
    zone = getattr(at.tzinfo, "key", at.strftime("%z"))
    return Text(f"{shown} ({zone})", f"{shown}（{zone}）")


def _flag(value: bool) -> Text:
    return _YES if value else _NO


def _number(value: int) -> Text:
    return Text(f"{value:,}", f"{value:,}")


_UNSAID: Mapping[str, Text] = {"amount": NO_LIMIT, "days_of_hold": HOLD_DAYS_UNSAID}
"""What the absence of a value means, by its kind; otherwise there is simply no such thing."""


def _clauses(values: tuple[str, ...]) -> Text:
    titles = [clause_title(value) for value in values]
    return Text(", ".join(one.en for one in titles), "、".join(one.zh for one in titles)) if titles else NONE_SAID


def _day(value: date) -> Text:
    return Text(value.isoformat(), value.isoformat())


def _diseases(value: DiseaseQuestion) -> Text:
    """The question, and each disease with whether it is covered."""
    said = {True: Text(" (covered)", "（属互助范围）"), False: Text(" (not covered)", "（不属互助范围）")}
    words = [_joined(one.text, said[one.is_covered]) for one in value.answers]
    listed = Text(_SEPARATOR.en.join(one.en for one in words), _SEPARATOR.zh.join(one.zh for one in words))
    return _joined(value.text, Text(" ", ""), listed)


_WRITERS: Mapping[str, Any] = {
    "rate": _rate,
    "days": _counted("day", "days", "天"),
    "days_or_none": _counted("day", "days", "天"),
    "days_of_hold": _counted("day", "days", "天"),
    "hours": _counted("hour", "hours", "小时"),
    "years": _counted("year", "years", "周岁"),
    "flag": _flag,
    "moment": _moment,
    "day": _day,
    "diseases": _diseases,
    "months": _counted("month", "months", "个月"),
    "number": _number,
    "list": _listed,
    "words": _listed,
    "clauses": _clauses,
    "word": _word,
}
