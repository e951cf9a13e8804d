"""What waits for somebody, as a room declares it for their start page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_LAST = dt.datetime.max.replace(tzinfo=dt.UTC)


class WaitingState(StrEnum):
    """How it is drawn: to do, begun, or something that went wrong."""

    TODO = "todo"
    STARTED = "started"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Waiting:
    """One piece of work: what to do as words in the active language, and the page on which it is done.

    `due_at` is the end of the reader's time. Where there is none, `note` says what is known instead, followed by the
    moment `since`.
    """

    words: str
    path: str
    due_at: dt.datetime | None = None
    note: str = ""
    since: dt.datetime | None = None
    state: WaitingState = WaitingState.TODO


def by_time_left(found: Iterable[Waiting]) -> list[Waiting]:
    """The nearest end first; what has no end follows, the longest waiting first."""
    return sorted(found, key=lambda one: (one.due_at or _LAST, one.since or _LAST))
