"""How the sweeps are doing: one row a kind, written over at every run, and one for each row that fails."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit import own_columns
from audit.clock import DatabaseNow
from audit.columns import column_triggers
from audit.rows import Row


class SweepRun(Row):
    """The last run of one kind of sweep. It decides nothing: without these rows every sweep would do the same work.

    The figures are those of the last run that ended.
    """

    task = models.CharField(_("task"), max_length=100, unique=True)
    known_since = models.DateTimeField(_("known since"), db_default=DatabaseNow(), editable=False)
    began_at = models.DateTimeField(_("began"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    through_at = models.DateTimeField(_("went through"), null=True)
    """When a run last came to the end of everything that was due."""
    rows = models.PositiveIntegerField(_("rows"), default=0)
    failed = models.PositiveIntegerField(_("failed"), default=0)
    held = models.PositiveIntegerField(_("passed over"), default=0)
    """Rows that somebody else's transaction was working on: the next run takes them."""
    fault = models.CharField(_("fault"), max_length=100, blank=True, default="")
    """The class of the last exception; its text could contain personal data and is in the workers' log alone."""
    at_part = models.CharField(max_length=40, blank=True, default="")
    at_row = models.BigIntegerField(default=0)
    """Where the run is, or where it was cut off: the next one goes on behind this row."""

    class Meta:
        verbose_name = _("run of a sweep")
        verbose_name_plural = _("runs of sweeps")
        default_permissions = ()
        permissions = [("see_operations", "May see how the workers are doing")]
        triggers: ClassVar[list[object]] = column_triggers(own_columns.SWEEP_RUN)

    def __str__(self) -> str:
        return self.task

    @property
    def is_running(self) -> bool:
        """Whether it began and has not ended; it may also have been killed."""
        return self.began_at is not None and (self.ended_at is None or self.ended_at < self.began_at)


class SweepFault(Row):
    """A row on which a sweep fails: recorded once, and tried again later and later. It ends when the act succeeds, or
    when the row is no longer due.
    """

    task = models.CharField(_("task"), max_length=100)
    part = models.CharField(max_length=40)
    row = models.BigIntegerField(_("row"))
    label = models.CharField(_("what fails"), max_length=200)
    """What the row calls itself: a claim's number, an investigation of one. No name, no illness."""
    fault = models.CharField(_("fault"), max_length=100)
    first_at = models.DateTimeField(_("first failed"))
    last_at = models.DateTimeField(_("last failed"))
    times = models.PositiveIntegerField(_("times"), default=1)
    next_at = models.DateTimeField(_("tried again"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("fault of a sweep")
        verbose_name_plural = _("faults of sweeps")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["task", "part", "row"], condition=models.Q(ended_at=None), name="one_open_fault_a_row"
            ),
            models.CheckConstraint(condition=models.Q(times__gt=0), name="a_fault_has_happened"),
        ]
        triggers: ClassVar[list[object]] = column_triggers(own_columns.SWEEP_FAULT)

    def __str__(self) -> str:
        return f"{self.fault} at {self.label}"
