"""The import's work on chunks: here, or in other processes that each have a connection of their own."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

import psycopg

from members.imports.checking import Checker, Terms
from members.imports.copying import Clerk, Staged, WrittenUp, write_up
from members.imports.indexing import BlindIndexer
from members.imports.reading import Chunk, Format
from members.imports.storing import store
from members.sealing import PersonSealer

_Given = TypeVar("_Given")
_Made = TypeVar("_Made")
DISTURBED = (psycopg.errors.IntegrityError, psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
"""What the database says when somebody else wrote between the checks and the storing."""


@dataclass(frozen=True)
class Setup:
    """All that a process needs for its work; the keys are secret and go over a pipe only."""

    terms: Terms
    file_format: Format
    order: tuple[int, ...]
    plan_id: int
    created_at: str
    personal_data_key: bytes
    blind_index_key: bytes
    database: dict[str, Any]

    def clerk(self) -> Clerk:
        """The clerk that does the work."""
        return Clerk(
            Checker(self.terms),
            PersonSealer([self.personal_data_key]),
            BlindIndexer(self.blind_index_key),
            self.file_format,
            self.order,
            self.plan_id,
            self.created_at,
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """The kept rows of a chunk and the places of those that are to be stored."""

    number: int
    kept: bytes
    places: bytes
    asked_at: str

    def written_up(self) -> WrittenUp:
        """Rows for the tables."""
        return write_up(self.kept, self.places, self.asked_at)


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of the rows of a chunk; `is_disturbed` says that none was stored."""

    number: int
    rows: int
    is_disturbed: bool = False


class Desk(Protocol):
    """Where the work is done: answers come in the order of what was given, and little is under way at once."""

    def stage(self, chunks: Iterable[Chunk]) -> Iterator[Staged]:
        """Check each row by itself, and seal it."""


class OwnDesk:
    """The work is done in this process."""

    def __init__(self, setup: Setup) -> None:
        self._clerk = setup.clerk()

    def stage(self, chunks: Iterable[Chunk]) -> Iterator[Staged]:
        """See `Desk`."""
        return map(self._clerk.stage, chunks)


class OfficeDesk:
    """The work is done in processes; `store` also writes there, each process over its own connection."""

    def __init__(self, setup: Setup, workers: int) -> None:
        self._workers = workers
        # Spawned, not forked: a fork would share this process's connection to the database.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(setup,))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)

    def stage(self, chunks: Iterable[Chunk]) -> Iterator[Staged]:
        """See `Desk`."""
        return self._each(_stage_there, chunks)

    def store(self, placed: Iterable[Placed]) -> Iterator[Stored]:
        """Store the rows of each chunk in a transaction of its own."""
        return self._each(_store_there, placed)

    def _each(self, act: Callable[[_Given], _Made], given: Iterable[_Given]) -> Iterator[_Made]:
        """As `map` does, with no more in progress than keeps every process busy: memory stays flat."""
        under_way: deque[Future[_Made]] = deque()
        for one in given:
            under_way.append(self._pool.submit(act, one))
            if len(under_way) > 2 * self._workers:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


class _Post:
    """What one of the processes keeps between two chunks."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.clerk = setup.clerk()
        self._link: psycopg.Connection[Any] | None = None

    @property
    def link(self) -> psycopg.Connection[Any]:
        """The process's own connection, opened when first asked for."""
        if self._link is None:
            self._link = psycopg.connect(**self.setup.database)
        return self._link


_posts: list[_Post] = []


def _begin(setup: Setup) -> None:
    """Runs once in each process."""
    # Ctrl-C reaches the first process, which then ends the others in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # A chunk makes a hundred thousand small objects and no cycles: looking for some costs a tenth of the time.
    gc.disable()
    _posts.append(_Post(setup))


def _end_with_parent() -> None:
    """A killed process cannot tell its children: without this they would wait for work endlessly."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _stage_there(chunk: Chunk) -> Staged:
    return _posts[0].clerk.stage(chunk)


def _store_there(placed: Placed) -> Stored:
    link, written = _posts[0].link, placed.written_up()
    try:
        with link.transaction(), link.cursor() as cursor:
            store(cursor, written)
    except DISTURBED:
        return Stored(placed.number, 0, is_disturbed=True)
    return Stored(placed.number, written.count)
