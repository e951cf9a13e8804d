"""Reading a plan file in the format that it was written in, and the one canonical form that its digest is taken of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

from members.rules.plan_later_keys import CURRENT_FORMAT, EARLIER_PLACES, LATER_KEYS, Content, EarlierPlace, LaterKey

Place = tuple[str, tuple[int, ...]]
"""A place in the canonical form: the names that lead to it, and of each list on the way which entry, from 0."""
_LEFT_OUT_AT_ONE = ("format", "revision")
"""A file of the first format or revision need not say so, and its digest must not change when it does."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """A key of a later format than its file: where it stands, as messages write it, and the format that has it."""

    key: str
    format: int


@dataclass(frozen=True, slots=True)
class Completed:
    """What was found in putting in what a text leaves unsaid."""

    unsaid: frozenset[Place]
    """The places of which the canonical form has no trace."""
    ahead: tuple[Ahead, ...]


def format_of(content: Content) -> int:
    """The format that a file says it has; the current one where it says something that is no format."""
    said = content.get("format", 1)
    is_format = isinstance(said, int) and not isinstance(said, bool) and 1 <= said <= CURRENT_FORMAT
    return said if is_format else CURRENT_FORMAT


def complete(content: Content, *, is_published: bool) -> Completed:
    """Put in what the text may leave unsaid, in the meaning that this has; what it says itself stays.

    A text may lack the keys of formats later than its own, and one that `is_published` any later key.
    """
    format_ = format_of(content)
    ahead = tuple(found for key in LATER_KEYS if key.format > format_ for found in _said(content, key))
    # Before anything is put in: what a text lacks tells how old it is.
    lacking = {key.path for key in LATER_KEYS if not any(_said(content, key))}
    unsaid: set[Place] = set()
    for key in LATER_KEYS:
        *names, last = key.path.split(".")
        for table, at in _tables(content, names):
            if last in table or not _may_lack(key, format_, lacking, is_published=is_published):
                continue
            unsaid.add((key.kept_as, at))
            if key.means is not None:
                table[last] = key.means(content)
    return Completed(frozenset(unsaid), ahead)


def _may_lack(key: LaterKey, format_: int, lacking: set[str], *, is_published: bool) -> bool:
    """Whether a text without the key leaves no trace of it; otherwise the reader refuses it, or finds an empty list."""
    if key.means is None:
        return not key.came_with or key.came_with in lacking
    return is_published or key.format > format_


def _said(content: Content, key: LaterKey) -> Iterator[Ahead]:
    """Every place where the text gives the key."""
    *names, last = key.path.split(".")
    for table, at in _tables(content, names):
        if last in table:
            yield Ahead(_written(content, names, at) + last, key.format)


def _tables(content: Any, names: Sequence[str], at: tuple[int, ...] = ()) -> Iterator[tuple[Content, tuple[int, ...]]]:
    """Every table that the names lead to, with the entry taken of each list on the way."""
    if isinstance(content, list):
        for number, entry in enumerate(content):
            if isinstance(entry, dict):
                yield from _tables(entry, names, (*at, number))
    elif isinstance(content, dict) and names:
        yield from _tables(content.get(names[0]), names[1:], at)
    elif isinstance(content, dict):
        yield content, at


def _written(content: Any, names: Sequence[str], at: Sequence[int]) -> str:
    """The way to a table as messages write it, entries counted from 1: `opinions.questions[2].`."""
    shown, numbers = "", iter(at)
    for name in names:
        content = content[name]
        shown += name
        if isinstance(content, list):
            number = next(numbers)
            content = content[number]
            shown += f"[{number + 1}]"
        shown += "."
    return shown


def whole_content(rules: Any) -> dict[str, Any]:
    """Everything that the rules say, what their text leaves unsaid included, in JSON's own types.

    `rules` are `PlanRules`; fields that two versions are not compared by are about the text, not about the rules.
    """
    return {item.name: _plain(getattr(rules, item.name)) for item in fields(rules) if item.compare}


def canonical_content(rules: Any) -> dict[str, Any]:
    """What the text of a version says, in JSON's own types: the digest is taken of this."""
    content = whole_content(rules)
    for kept_as, at in rules.unsaid:
        _remove(content, kept_as, at)
    for place in EARLIER_PLACES:
        if (place.without, ()) in rules.unsaid:
            _move(content, place)
    for name in _LEFT_OUT_AT_ONE:
        if content[name] == 1:
            del content[name]
    return content


def _remove(content: Any, kept_as: str, at: Sequence[int]) -> None:
    *names, last = kept_as.split(".")
    numbers = iter(at)
    for name in names:
        content = content.get(name)
        if isinstance(content, list):
            content = content[next(numbers)]
        if not isinstance(content, dict):
            return
    content.pop(last, None)


def _move(content: dict[str, Any], place: EarlierPlace) -> None:
    table, name = place.kept_as.split(".")
    content[place.stood_as] = content[table].pop(name)
    if not content[table]:
        del content[table]


def _plain(value: Any) -> Any:
    """The value in JSON's own types."""
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    return value
