"""How the sweeps are doing: one row a kind, written over at every run."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.clock import DatabaseNow


class SweepRun(models.Model):
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

    def __str__(self) -> str:
        return self.task

    @property
    def is_running(self) -> bool:
        """Whether it began and has not ended; it may also have been killed."""
        return self.began_at is not None and (self.ended_at is None or self.ended_at < self.began_at)
