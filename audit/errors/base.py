"""The root of all domain errors: a fact with a text and values, written in the language of the reader."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, dataclass_transform, runtime_checkable

from django.db.models.enums import Choices
from django.utils.functional import Promise
from django.utils.translation import get_language

from pages import words
from pages.states import StateChoices

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_LONGEST_TEXT = 200


@runtime_checkable
class InLanguage(Protocol):
    """What has its own words in each language: a plan's title, a question, an amount of money."""

    def in_language(self, language: str | None, /) -> str:
        """The words in this language."""


Words = str | Promise | Choices | InLanguage
"""A value in words: as somebody typed it, lazily translated, the label of a choice, or one with its own words."""


@dataclass_transform(kw_only_default=True)
class DomainError(Exception):
    """A rule of the plan or of the procedure forbids the act. The text names the thing, the rule and the next step.

    A subclass is one fact. Its annotations are its values; they are given by name when it is raised, and the text
    holds them as `%(name)s`. It is written only when it is shown, so that every reader gets their own language.
    """

    http_status: ClassVar[int] = 409
    text: ClassVar[_StrPromise]
    names: ClassVar[frozenset[str]] = frozenset()
    """The names of all values; those with a default may be left out."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.names = cls.names | inspect.get_annotations(cls).keys()

    def __init__(self, **values: Any) -> None:
        super().__init__()
        needed = {name for name in self.names if not hasattr(type(self), name)}
        if not needed <= values.keys() <= self.names:
            raise TypeError(f"{type(self).__name__} takes {sorted(self.names)}, not {sorted(values)}")
        vars(self).update(values)

    @property
    def values(self) -> dict[str, Any]:
        """All values as they were given."""
        return {name: getattr(self, name) for name in self.names}

    def __str__(self) -> str:
        return self.write(self.text)

    def write(self, text: _StrPromise) -> str:
        """A text with the values in it, all in the reader's language."""
        return text % _Written(self)

    def __reduce__(self) -> tuple[Callable[[], DomainError], tuple[()]]:
        # Exceptions are copied by calling the class with positional arguments, which this one does not take.
        return partial(type(self), **self.values), ()


class NotAllowed(DomainError):
    """This person may not do this act."""

    http_status = 403


class _Written(dict[str, Any]):
    """The values of an error, each written when the text asks for it: not all of them need words."""

    def __init__(self, error: DomainError) -> None:
        super().__init__()
        self._error = error

    def __missing__(self, name: str) -> Any:
        return _written(self._error.values[name])


def _written(value: Any) -> Any:
    """One value as the reader reads it; whole numbers stay numbers, by which plural forms are chosen."""
    match value:
        case StateChoices():
            return value.in_sentence
        case Choices():
            return str(value.label)
        case dt.datetime():
            return words.moment(value)
        case dt.date():
            return words.day(value)
        case str():
            return _shortened(value)
        case int():
            return value
        case InLanguage():
            return value.in_language(get_language())
        case tuple() | list():
            return _in_a_row(value)
    return str(value)


def _in_a_row(values: Iterable[Any]) -> str:
    join = words.one_after_another if all(isinstance(one, DomainError) for one in values) else words.listed
    return join(str(_written(one)) for one in values)


def _shortened(text: str) -> str:
    """What somebody typed, without the characters that hide what it says, and no longer than a sentence can hold."""
    shown = "".join(character for character in text if character.isprintable())
    return shown if len(shown) <= _LONGEST_TEXT else f"{shown[:_LONGEST_TEXT]}…"
