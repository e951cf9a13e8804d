"""Every column has a class, as data: one table gives the trigger, the columns that may be granted and the page.

A column is written *at insert* and stays; or *once*, from empty to a value; or *with a transition* of its row; or it is
*free*, in some states or in all, for a reason. A trigger compares OLD with NEW: writing an unchanged value passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pgtrigger
from django.db import models

from audit.guards import UnswitchableTrigger
from audit.machines import Machine

AT_INSERT = "at insert"
ERASED = "at insert, or erased"
ONCE = "once"
MOVED = "with a transition"
FREE = "free"
DURING = "free in some states"
STATE = "state"


@dataclass(frozen=True)
class Moved:
    """Columns that change only in an UPDATE that takes the row along one of these transitions; along any, if `acts` is
    empty. A transition that leaves a state as it is can't be told from none: there the columns may change in it.
    """

    columns: str
    acts: tuple[str, ...] = ()


@dataclass(frozen=True)
class During:
    """Columns that are free while their row is in one of these states, and do not change in any other."""

    columns: str
    states: tuple[str, ...]
    because: str


@dataclass(frozen=True)
class Class:
    """The class of one column: its name, and the transitions or the reason that belong to it."""

    name: str
    detail: str = ""


@dataclass(frozen=True)
class Columns:
    """The classes of a table's columns, by their names in the database, separated by spaces.

    `erased` columns stay as well, but the owner of the database may empty them: the service's role may not.
    `is_append_only`: the whole table is, and needs no list. `free` says for each group of columns why it is free.
    `is_locked`: services lock rows of which they change nothing; PostgreSQL asks for the right to update a column.
    """

    table: str
    at_insert: str = ""
    erased: str = ""
    once: str = ""
    moved: tuple[Moved, ...] = ()
    during: tuple[During, ...] = ()
    free: Mapping[str, str] = field(default_factory=dict)
    machine: Machine | None = None
    state: str = "status"
    is_append_only: bool = False
    is_locked: bool = False

    def __post_init__(self) -> None:
        names = [name for name, _class in self._all()]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"{self.table}: {', '.join(doubled)} has two classes")
        if (self.moved or self.during) and self.machine is None:
            raise ValueError(f"{self.table} has no machine, so nothing changes with its states")
        for span in self.during:
            assert self.machine is not None
            if unknown := set(span.states) - set(self.machine.states):
                raise ValueError(f"{self.table} names unknown states: {sorted(unknown)}")
        for one in self.moved:
            for act in one.acts:
                assert self.machine is not None
                self.machine.sources(act)  # raises KeyError for an act that the machine does not know
        if any(not because.strip() for because in (*self.free.values(), *(span.because for span in self.during))):
            raise ValueError(f"{self.table}: a free column needs its reason")

    def _all(self) -> Iterator[tuple[str, Class]]:
        for name in self.at_insert.split():
            yield name, Class(AT_INSERT)
        for name in self.erased.split():
            yield name, Class(ERASED)
        for name in self.once.split():
            yield name, Class(ONCE)
        if self.machine is not None:
            yield self.state, Class(STATE)
        for one in self.moved:
            for name in one.columns.split():
                yield name, Class(MOVED, ", ".join(one.acts))
        for span in self.during:
            for name in span.columns.split():
                yield name, Class(DURING, f"{', '.join(span.states)}: {span.because}")
        for names, because in self.free.items():
            for name in names.split():
                yield name, Class(FREE, because)

    @property
    def classes(self) -> dict[str, Class]:
        """Each column with its class; empty where the whole table is append-only."""
        return dict(self._all())

    @property
    def updatable(self) -> list[str]:
        """The columns that some service changes in a stored row: all others need no right to be updated."""
        return sorted(name for name, one in self._all() if one.name not in {AT_INSERT, ERASED})

    @property
    def guarded(self) -> list[str]:
        """The columns that the trigger watches."""
        return [name for name, one in self._all() if one.name not in {FREE, STATE}]

    def states_of(self, column: str) -> tuple[str, ...]:
        """The states in which a column of the class *free in some states* may change."""
        return next(span.states for span in self.during if column in span.columns.split())

    def edges(self, column: str) -> list[tuple[str, str]]:
        """The moves in which a column of the class *with a transition* may change."""
        assert self.machine is not None
        acts = next(one.acts for one in self.moved if column in one.columns.split())
        if not acts:
            return list(self.machine.edges())
        return [(source, self.machine.target(act)) for act in acts for source in self.machine.sources(act)]


class ColumnTrigger(UnswitchableTrigger):
    """Refuses to change a column otherwise than its class says. It does not even fire for a free column."""

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        super().__init__(name="columns", operation=pgtrigger.UpdateOf(*columns.guarded), when=pgtrigger.Before)

    def get_condition(self, model: type[models.Model]) -> pgtrigger.Condition:
        """In the trigger itself and not in its function: an update that keeps to the classes calls none."""
        refused = " OR ".join(f"({self._refused(model, name)})" for name in self.columns.guarded)
        return pgtrigger.Condition(f"({refused})")

    def get_func(self, model: type[models.Model]) -> str:
        """Only says which column it was."""
        said = "\n".join(
            f"WHEN {self._refused(model, name)} THEN '{name}{_said(self.columns.classes[name])}'"
            for name in self.columns.guarded
        )
        return (
            f"RAISE EXCEPTION 'UPDATE on {self.columns.table} is forbidden: %', CASE\n{said}\nEND "
            "USING ERRCODE = 'restrict_violation';\nRETURN NULL;"
        )

    def _refused(self, model: type[models.Model], name: str) -> str:
        changes = f'OLD."{name}" IS DISTINCT FROM NEW."{name}"'
        match self.columns.classes[name].name:
            case "once":
                return f"{changes} AND NOT ({is_empty(model, name)})"
            case "at insert, or erased":
                return f"{changes} AND NOT ({is_empty(model, name, row='NEW')})"
            case "free in some states":
                states = ", ".join(f"'{one}'" for one in self.columns.states_of(name))
                return f'{changes} AND OLD."{self.columns.state}" NOT IN ({states})'
            case "with a transition":
                state = f'"{self.columns.state}"'
                moves = " OR ".join(
                    f"(OLD.{state} = '{source}' AND NEW.{state} = '{target}')"
                    for source, target in self.columns.edges(name)
                )
                return f"{changes} AND NOT ({moves})"
            case _:
                return changes


def is_empty(model: type[models.Model], name: str, row: str = "OLD") -> str:
    """SQL on the row: whether the column holds nothing, be it NULL or what the model writes for nothing."""
    found: Any = next(one for one in model._meta.concrete_fields if one.column == name)
    column = f'{row}."{name}"'
    kind = found.target_field if isinstance(found, models.ForeignKey) else found
    if found.null:
        return f"{column} IS NULL"
    if isinstance(kind, models.JSONField):
        return f"{column} IN ('{{}}', '[]')"
    if isinstance(kind, models.BooleanField):
        return f"NOT {column}"
    if isinstance(kind, models.BinaryField):
        return f"octet_length({column}) = 0"
    # A field that encrypts what it holds, such as an object, may write something for nothing.
    if isinstance(kind, models.CharField | models.TextField) and kind.get_default() == "":
        return f"{column} = ''"
    raise ValueError(f"{model._meta.db_table}.{name} is never empty: it can't be written once")


def _said(one: Class) -> str:
    if one.name == MOVED:
        return f" changes with a transition of its row alone{f' ({one.detail})' if one.detail else ''}"
    if one.name == ERASED:
        return " is written once, at insert, and may only be emptied"
    if one.name == DURING:
        return f" is free in some states alone ({one.detail.partition(':')[0]})"
    return " is written once" if one.name == ONCE else " is written once, at insert"


def column_triggers(columns: Columns) -> list[pgtrigger.Trigger]:
    """The trigger that keeps a table's columns to their classes; none where everything is free or append-only."""
    return [ColumnTrigger(columns)] if columns.guarded else []
