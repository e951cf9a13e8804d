"""What each room declares about itself, in its AppConfig, and what all of them declare together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from django.apps import AppConfig, apps
from django.utils.functional import Promise

from audit.columns import Columns
from audit.machines import Machine
from audit.message_kinds import Asked, MessageKind, Question, Silent, Tells
from audit.waits import Wait
from pages.navigation import NavLink
from pages.waiting import Waiting, by_time_left

LookUp = Callable[[Sequence[Question]], Sequence[Asked]]
"""One answer a question, in their order; the same few queries however many there are."""


class KindUnknown(LookupError):
    """An entry was about to be written whose kind no room declares."""


@dataclass(frozen=True)
class PeriodicTask:
    """One line of beat's schedule: the task's name, how often it is started, and how staff read about it."""

    task: str
    every_s: float
    words: str | Promise
    """What it does, as the heading of a line."""
    when_late: str | Promise
    """What does not happen while it is late, as a sentence."""
    late_after_s: float = 120.0
    """It is late when it has not gone through for its interval and this long."""


class RoomConfig(AppConfig):
    """The configuration of an app that is a room. Nothing is copied from it: registries read it."""

    entry_words: ClassVar[Mapping[str, str | Promise]] = {}
    """Each kind of entry that the room writes, in plain words."""
    retired_kinds: ClassVar[Mapping[str, str]] = {}
    """Each kind that only earlier releases wrote, with the kind that the room writes in its place today."""
    message_kinds: ClassVar[Mapping[str, MessageKind]] = {}
    """Each kind of message to people that the room sends, by its name `room.what`."""
    told: ClassVar[Mapping[str, tuple[Tells, ...] | Silent]] = {}
    """For each kind of entry: which messages it brings with it, or why nobody is told."""
    machines: ClassVar[Sequence[Machine]] = ()
    columns: ClassVar[Sequence[Columns]] = ()
    """The classes of the columns of each of its tables."""
    periodic_tasks: ClassVar[Mapping[str, PeriodicTask]] = {}

    def navigation(self) -> Sequence[NavLink]:
        """The room's links; a method, since who may see them is asked of models, which are loaded later."""
        return ()

    def asked(self) -> Mapping[str, LookUp]:
        """For each act that the room's messages ask for until a moment: how far it is, for many messages at once."""
        return {}

    def waits(self) -> Sequence[Wait]:
        """What a claim can wait for in the room's hands; a method, since the table asks models, loaded later."""
        return ()

    def waiting(self, user: Any) -> Sequence[Waiting]:
        """What waits for a user, as far as the room knows; the same number of queries however much there is."""
        return ()


def rooms() -> list[RoomConfig]:
    """Every room, in the order of the settings."""
    return [config for config in apps.get_app_configs() if isinstance(config, RoomConfig)]


@cache
def entry_words() -> Mapping[str, str | Promise]:
    """The words of every kind of entry."""
    return {kind: words for room in rooms() for kind, words in room.entry_words.items()}


def check_kind(kind: str) -> None:
    """Raise KindUnknown for a kind that no room declares."""
    if kind not in entry_words():
        raise KindUnknown(f"{kind}: give it words in the `entries.py` of the room that writes it")


@cache
def retired_kinds() -> Mapping[str, str]:
    """The kinds of earlier releases, each with the present one: the log never changes, so old entries keep the old."""
    return {old: today for room in rooms() for old, today in room.retired_kinds.items()}


def every_name(*kinds: str) -> list[str]:
    """These kinds under every name that a release gave them: searches for entries by kind must use it."""
    return [*kinds, *(old for old, today in retired_kinds().items() if today in kinds)]


def renamed_from(start: str) -> list[str]:
    """What kinds whose name begins with this text were or are called otherwise, in earlier releases or today."""
    meant = {present_kind(kind) for kind in (*entry_words(), *retired_kinds()) if kind.startswith(start)}
    return [name for name in every_name(*sorted(meant)) if not name.startswith(start)]


def present_kind(kind: str) -> str:
    """The kind that is written today for what this one meant."""
    return retired_kinds().get(kind, kind)


def words_for(kind: str) -> str:
    """What the kind of entry means, also for one that is no longer written; one that no room knows stays as it is."""
    return str(entry_words().get(present_kind(kind), kind))


@cache
def message_kinds() -> Mapping[str, MessageKind]:
    """Every kind of message, by its name."""
    return {name: kind for room in rooms() for name, kind in room.message_kinds.items()}


@cache
def told_by() -> Mapping[str, tuple[Tells, ...] | Silent]:
    """For each kind of entry, who gets a message about it."""
    return {kind: told for room in rooms() for kind, told in room.told.items()}


@cache
def all_asked() -> Mapping[str, LookUp]:
    """How far each act is that messages ask for, by its name."""
    return {name: look_up for room in rooms() for name, look_up in room.asked().items()}


def all_waiting(user: Any) -> list[Waiting]:
    """What waits for a user in all rooms, the nearest end first."""
    return by_time_left(one for room in rooms() for one in room.waiting(user))


def all_machines() -> list[Machine]:
    """Every state machine, room by room."""
    return [machine for room in rooms() for machine in room.machines]


def all_columns() -> dict[str, Columns]:
    """The classes of the columns of every table of the rooms, by the table's name, room by room."""
    return {table.table: table for room in rooms() for table in room.columns}


def all_waits() -> list[Wait]:
    """Everything that a claim can wait for, room by room."""
    return [wait for room in rooms() for wait in room.waits()]


def all_periodic_tasks() -> dict[str, PeriodicTask]:
    """Beat's whole schedule."""
    return {name: task for room in rooms() for name, task in room.periodic_tasks.items()}


def all_links() -> list[NavLink]:
    """The whole navigation, in its order."""
    return sorted((link for room in rooms() for link in room.navigation()), key=lambda link: link.place)
