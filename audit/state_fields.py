"""Columns that hold a state: what is read from them, or set, is a member of the state's enum and knows its word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django_fsm import FSMField

from pages.states import StateChoices

if TYPE_CHECKING:
    _CharField = models.CharField[Any, Any]
else:
    _CharField = models.CharField


def _member(states: type[StateChoices], value: Any) -> Any:
    """The member with this value; what is empty or known to no release of the code stays as it is."""
    return value if isinstance(value, states) else states._value2member_map_.get(value, value)


class _Attribute(DeferredAttribute):
    """Sets members only."""

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = _member(self.field.states, value)  # type: ignore[attr-defined]


class _StatesMixin:
    """Knows the enum. Migrations see Django's own field: they know values and labels, not our classes."""

    states: type[StateChoices]

    def __init__(self, *args: Any, states: type[StateChoices] | None = None, **kwargs: Any) -> None:
        if states is not None:
            self.states = states
            kwargs.setdefault("choices", states.choices)
        super().__init__(*args, **kwargs)

    def clone(self) -> Any:
        """As Django clones a field, with the enum that `deconstruct` leaves out."""
        _name, _path, args, kwargs = self.deconstruct()  # type: ignore[attr-defined]
        return type(self)(*args, states=self.states, **kwargs)

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        """A member, also where only values are asked for."""
        return _member(self.states, value)


class StateField(_StatesMixin, _CharField):
    """An outcome, result or verdict, written once or by an act."""

    descriptor_class = _Attribute

    def deconstruct(self) -> Any:
        """As a field of Django's."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class MachineField(_StatesMixin, FSMField):
    """The state of a row, moved by the row's machine alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("protected", True)
        super().__init__(*args, **kwargs)

    def set_state(self, instance: models.Model, state: Any) -> None:
        """As a member."""
        super().set_state(instance, _member(self.states, state))

    def deconstruct(self) -> Any:
        """As a field of Django's: nothing moves a row's machine in a migration.

        The library's own field listens to every class that is made from then on, and a migration makes thousands.
        """
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("protected", None)
        return name, "django.db.models.CharField", args, kwargs
