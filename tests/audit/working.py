"""A service whose workers do their work: nothing is late, nothing waits to be signed."""

from __future__ import annotations

from audit import clock
from audit.models import SweepRun
from audit.rooms import all_periodic_tasks
from audit.services import publish


def all_is_well() -> None:
    """As if every sweep had just gone through and the log were signed."""
    now = clock.now()
    SweepRun.objects.all().delete()
    SweepRun.objects.bulk_create(
        SweepRun(task=one.task, known_since=now, began_at=now, ended_at=now, through_at=now)
        for one in all_periodic_tasks().values()
    )
    publish()
