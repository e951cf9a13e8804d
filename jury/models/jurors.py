"""The juror pool."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.columns import column_triggers
from audit.rows import Row
from jury import columns
from members.models import Membership, Person, Plan


class Juror(Row):
    """A qualified juror of a plan. `number` is assigned once, at qualification, and never reused."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", verbose_name=_("plan"))
    number = models.PositiveIntegerField(_("juror number"))
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", verbose_name=_("membership"))
    exam_passed_at = models.DateTimeField(_("exam passed"))
    qualified_at = models.DateTimeField(_("qualified"))
    lapsed_at = models.DateTimeField(_("left the pool"), null=True, blank=True)
    hospital_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("juror")
        verbose_name_plural = _("jurors")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="juror_number_given_once"),
            models.UniqueConstraint(fields=["plan", "person"], name="one_juror_number_a_person"),
            models.CheckConstraint(condition=Q(number__gte=1), name="juror_numbers_begin_at_one"),
            models.CheckConstraint(
                condition=Q(lapsed_at=None) | Q(lapsed_at__gte=F("qualified_at")), name="juror_lapses_after_qualifying"
            ),
        ]
        triggers: ClassVar[list[object]] = column_triggers(columns.JUROR)

    def __str__(self) -> str:
        return f"juror {self.number}"
