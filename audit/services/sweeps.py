"""Sweeps: what the workers do every few seconds, one run of a kind at a time, each row by itself.

A sweep finds what is due in the database alone and may be killed at any point. It records how it goes (`SweepRun`), so
that staff see what is late.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from django.apps import apps
from django.db import transaction

from audit import clock
from audit.locks import AdvisoryLock, impatient, is_connected, is_held, leave_part, try_part_for_session
from audit.models import SweepRun
from audit.services.faults import Faults

log = structlog.get_logger(__name__)
MOST_SECONDS = 60.0
"""A run ends after this time, and the next one goes on behind the row that it reached. It is far below the time limit
of a task, at which the worker would be killed."""
PATIENCE_SECONDS = 2.0
"""How long an act of a sweep waits for somebody else's lock before its row is left to the next run."""


class CutOff(Exception):
    """The connection has gone, and with it the lock that kept other runs of the same sweep away."""


@dataclass(frozen=True)
class Part:
    """One kind of row that a sweep looks after."""

    name: str
    model: str
    """`app.Model` of the rows: those that another transaction has locked are passed over."""
    due: Callable[[int], Sequence[int]]
    """The next due rows behind this id, in the order of their ids, a page at most; nothing at the end."""
    act: Callable[[int], object]
    """What is done with one row, in transactions of its own; safe to run twice."""
    goes_on: Callable[[], bool] = lambda: True
    """Asked before each row; False leaves the rest of this part to the next run, as when nobody answers outside."""


def sweep(task: str, *parts: Part) -> int:
    """Act on every row that is due; returns on how many, without those that failed. A second run at once does nothing.

    A row that fails is recorded once, tried again later and later, and delays no other; one that somebody's transaction
    holds is left to the next run.
    """
    with _one_run(task) as run:
        if run is None:
            return 0
        with impatient(PATIENCE_SECONDS):
            run.go_through(parts)
        return run.done


def run_alone(task: str, act: Callable[[], int]) -> int:
    """The same for a periodic act without rows; what it raises is recorded, and raised again."""
    with _one_run(task) as run:
        if run is None:
            return 0
        run.done = run.rows = act()
        run.is_through = True
        return run.done


@contextmanager
def _one_run(task: str) -> Iterator[_Run | None]:
    row, _is_new = SweepRun.objects.get_or_create(task=task)
    # The lock is the connection's: a worker that is killed releases it, whatever it was doing.
    if not try_part_for_session(AdvisoryLock.SWEEP, row.pk):
        log.info("sweep.runs_already", task=task)
        yield None
        return
    try:
        # Read again under the lock: the run before us may have ended since.
        run = _Run(SweepRun.objects.get(pk=row.pk))
        yield run
        run.end()
    except Exception as error:
        if is_connected():
            _write(row.pk, ended_at=clock.now(), failed=1, fault=type(error).__name__)
        raise
    finally:
        if is_connected():
            leave_part(AdvisoryLock.SWEEP, row.pk)


class _Run:
    """One run of a sweep, from its beginning to its end."""

    def __init__(self, row: SweepRun) -> None:
        self.pk, self.task = row.pk, row.task
        self.done = self.rows = self.failed = self.held = 0
        self.fault = ""
        self.is_through = self.is_whole = False
        self.faults = Faults(row.task)
        self.goes_on_behind = (row.at_part, row.at_row)
        if row.is_running and row.at_part:
            # That row may have taken the whole worker down with it. The others come first now.
            self.failed, self.fault = 1, CutOff.__name__
            log.warning("sweep.was_cut_off", task=row.task, part=row.at_part, pk=row.at_row)
        _write(row.pk, began_at=clock.now())

    def go_through(self, parts: Sequence[Part]) -> None:
        """Act on what is due, part after part, until the end or until the time is over."""
        until, is_cut_short = time.monotonic() + MOST_SECONDS, False
        for part, start in self._from_where_it_stopped(parts):
            for pk in self._due(part, start):
                if self.faults.is_resting(part.name, pk):
                    continue
                # At least one row a run, however slow it is.
                if self.rows and time.monotonic() > until:
                    log.warning("sweep.goes_on_later", task=self.task, part=part.name, rows=self.rows)
                    return
                if not part.goes_on():
                    is_cut_short = True
                    break
                # Written down before the act: if it kills the worker, the next run begins behind it.
                _write(self.pk, at_part=part.name, at_row=pk)
                self._act(part, pk)
        self.is_through = True
        self.is_whole = self.is_whole and not self.held and not is_cut_short

    def end(self) -> None:
        """Record how it went; after the last row the next run begins at the first one again."""
        now = clock.now()
        figures = {"rows": self.rows, "failed": self.failed, "held": self.held, "fault": self.fault}
        end = {"through_at": now, "at_part": "", "at_row": 0} if self.is_through else {}
        if self.is_whole:
            self.faults.went_through()
        _write(self.pk, ended_at=now, **figures, **end)

    def _from_where_it_stopped(self, parts: Sequence[Part]) -> Iterator[tuple[Part, int]]:
        names = [part.name for part in parts]
        name, row = self.goes_on_behind
        first = names.index(name) if name in names else 0
        self.is_whole = first == 0 and not row
        for place, part in enumerate(parts[first:]):
            yield part, row if place == 0 and name in names else 0

    def _due(self, part: Part, behind: int) -> Iterator[int]:
        """The rows to act on, page by page: what a page's acts make due further on is found by the next one."""
        while page := part.due(behind):
            yield from self._free(part, page)
            behind = page[-1]

    def _free(self, part: Part, page: Sequence[int]) -> list[int]:
        """Those of the rows that nobody is working on right now."""
        rows = apps.get_model(part.model)._default_manager
        with transaction.atomic():
            free = rows.select_for_update(skip_locked=True).filter(pk__in=page).order_by("pk")
            found = list(free.values_list("pk", flat=True))
        self.held += len(page) - len(found)
        return found

    def _act(self, part: Part, pk: int) -> None:
        try:
            part.act(pk)
        except Exception as error:
            # Any fault: the next row must not wait until this one is repaired.
            if not is_connected():
                raise CutOff from error
            if is_held(error):
                self.held += 1
                log.info("sweep.row_held", task=self.task, part=part.name, pk=pk)
            else:
                self.failed += 1
                self.fault = type(error).__name__
                if self.faults.failed(part.name, part.model, pk, self.fault):
                    log.exception("sweep.row_failed", task=self.task, part=part.name, pk=pk)
                else:
                    log.warning("sweep.row_fails_again", task=self.task, part=part.name, pk=pk, fault=self.fault)
        else:
            self.done += 1
            self.faults.succeeded(part.name, pk)
        self.rows += 1


def _write(pk: int, **facts: object) -> None:
    SweepRun.objects.filter(pk=pk).update(**facts)
