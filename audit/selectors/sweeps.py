"""How the workers are doing, for staff: when each kind of sweep last ran, what is late, what waits in the log."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.functional import Promise

from audit import clock
from audit.models import Checkpoint, Entry, Leaf, Pending, SweepFault, SweepRun
from audit.rooms import PeriodicTask, all_periodic_tasks
from run.queues import queue_of

SEE_OPERATIONS = "audit.see_operations"
ROWS_A_PAGE = 100
"""How many due rows a sweep asks for at once."""
MOST_FAULTS = 100
LOG_LATE_AFTER = dt.timedelta(minutes=1, seconds=settings.AUDIT_CHECKPOINT_SECONDS)
"""An entry that is older than this and not signed is late: it waits for the next of the fixed moments, and a minute."""


def may_see_operations(user: Any) -> bool:
    """Whether a user may see the state of the workers; a room above decides which role carries this permission."""
    return bool(user.is_authenticated and user.has_perm(SEE_OPERATIONS))


@dataclass(frozen=True)
class SweepState:
    """One kind of sweep: what it is, how its last run went, and since when it is late."""

    task: str
    words: str | Promise
    when_late: str | Promise
    queue: str
    every_s: float
    run: SweepRun | None
    late_since: dt.datetime | None
    has_never_run: bool

    @property
    def is_late(self) -> bool:
        """Whether it should have gone through by now; one that has never run is late, too."""
        return self.has_never_run or self.late_since is not None

    @property
    def is_failing(self) -> bool:
        """Whether rows failed in the last run, or the run itself."""
        return self.run is not None and self.run.failed > 0


@dataclass(frozen=True)
class LogState:
    """What the log has not signed yet."""

    oldest_unsigned_at: dt.datetime | None
    is_late: bool


@dataclass(frozen=True)
class Operations:
    """Everything that staff need to know about the workers."""

    at: dt.datetime
    sweeps: tuple[SweepState, ...]
    log: LogState
    faults: tuple[SweepFault, ...] = ()
    """The rows that fail, the longest first."""

    @property
    def is_late(self) -> bool:
        """Whether anything is."""
        return self.log.is_late or any(one.is_late for one in self.sweeps)

    @property
    def is_failing(self) -> bool:
        """Whether any sweep is."""
        return bool(self.faults) or any(one.is_failing for one in self.sweeps)


def operations() -> Operations:
    """The state of every sweep that the rooms declare, and of the log; a fixed number of queries."""
    now = clock.now()
    runs = {run.task: run for run in SweepRun.objects.all()}
    states = (_state(one, runs.get(one.task), now) for one in all_periodic_tasks().values())
    faults = SweepFault.objects.filter(ended_at=None).order_by("first_at", "pk")[:MOST_FAULTS]
    return Operations(now, tuple(states), _log_state(now), tuple(faults))


def _state(task: PeriodicTask, run: SweepRun | None, now: dt.datetime) -> SweepState:
    return SweepState(
        task=task.task,
        words=task.words,
        when_late=task.when_late,
        queue=queue_of(task.task),
        every_s=task.every_s,
        run=run,
        late_since=late_since(task, run, now),
        has_never_run=run is None or run.began_at is None,
    )


def late_since(task: PeriodicTask, run: SweepRun | None, now: dt.datetime) -> dt.datetime | None:
    """The moment by which it should have gone through again; None while there is still time."""
    if run is None:
        return None
    due = (run.through_at or run.known_since) + dt.timedelta(seconds=task.every_s)
    return due if now > due + dt.timedelta(seconds=task.late_after_s) else None


def _log_state(now: dt.datetime) -> LogState:
    oldest = oldest_unsigned_at()
    return LogState(oldest, oldest is not None and now > oldest + LOG_LATE_AFTER)


def oldest_unsigned_at() -> dt.datetime | None:
    """When the oldest entry was recorded that is in no checkpoint yet: it waits for its place, or for a signature."""
    signed = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
    waiting = Pending.objects.order_by("entry_id").values_list("entry_id", flat=True).first()
    placed = Leaf.objects.filter(leaf_index=signed).values_list("entry_id", flat=True).first()
    found = Entry.objects.filter(pk__in=[one for one in (waiting, placed) if one is not None])
    return found.order_by("recorded_at").values_list("recorded_at", flat=True).first()
