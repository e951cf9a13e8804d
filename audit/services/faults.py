"""Rows on which a sweep fails: recorded once, tried again later and later, and named to staff until they succeed."""

from __future__ import annotations

import datetime as dt

from django.apps import apps
from django.db.models import F, QuerySet

from audit import clock
from audit.models import SweepFault

TRIED_AGAIN_AFTER = (dt.timedelta(0), dt.timedelta(minutes=1), dt.timedelta(minutes=5), dt.timedelta(minutes=15))
"""How long a row rests after its first failures: the first may have been the moment's."""
AT_LAST_AFTER = dt.timedelta(hours=1)


class Faults:
    """The open faults of one kind of sweep, as a run finds them and leaves them."""

    def __init__(self, task: str) -> None:
        self._task, self._began_at = task, clock.now()
        self._open = {(one.part, one.row): one for one in self._found()}

    def is_resting(self, part: str, row: int) -> bool:
        """Whether this row is not to be tried yet."""
        fault = self._open.get((part, row))
        return fault is not None and fault.next_at > self._began_at

    def failed(self, part: str, model: str, row: int, fault: str) -> bool:
        """Record that a row failed; returns whether that is news: the first time, or in another way."""
        now, known = clock.now(), self._open.get((part, row))
        times = known.times + 1 if known else 1
        rest = (*TRIED_AGAIN_AFTER, AT_LAST_AFTER)[min(times, len(TRIED_AGAIN_AFTER) + 1) - 1]
        facts = {"fault": fault, "last_at": now, "next_at": now + rest}
        if known is None:
            self._open[part, row] = SweepFault.objects.create(
                task=self._task, part=part, row=row, label=_label(model, row), first_at=now, **facts
            )
            return True
        SweepFault.objects.filter(pk=known.pk).update(times=F("times") + 1, **facts)
        return known.fault != fault

    def succeeded(self, part: str, row: int) -> None:
        """Note that a row that failed before succeeded."""
        fault = self._open.pop((part, row), None)
        if fault is not None:
            SweepFault.objects.filter(pk=fault.pk).update(ended_at=clock.now())

    def went_through(self) -> None:
        """After a whole run: what should have been tried in it and was not is no longer due."""
        gone = self._found().filter(next_at__lte=self._began_at, last_at__lt=self._began_at)
        gone.update(ended_at=clock.now())

    def _found(self) -> QuerySet[SweepFault]:
        return SweepFault.objects.filter(task=self._task, ended_at=None)


def _label(model: str, row: int) -> str:
    found = apps.get_model(model)._default_manager.filter(pk=row).first()
    return str(getattr(found, "known_as", found))[:200] if found is not None else f"{model} {row}"
