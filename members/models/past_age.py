"""What became of members past the oldest age that their plan covers: one row for each of whom something happened."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.columns import column_triggers
from audit.rows import Row
from members import columns
from members.models.memberships import Membership


class PastAge(Row):
    """That a member was told about the age, reached it, and left or stayed. The days are those of the acts: a birthday
    stands nowhere in it.
    """

    membership = models.OneToOneField(
        Membership, on_delete=models.PROTECT, related_name="past_age", verbose_name=_("membership")
    )
    warned_at = models.DateTimeField(_("told before"))
    reached_at = models.DateTimeField(_("told that the cover has ended"), null=True, blank=True)
    closed_at = models.DateTimeField(_("over"), null=True, blank=True)

    class Meta:
        verbose_name = _("member past the oldest age")
        verbose_name_plural = _("members past the oldest age")
        constraints = [
            models.CheckConstraint(
                condition=Q(reached_at=None) | Q(reached_at__gte=models.F("warned_at")),
                name="past_age_after_the_warning",
            ),
        ]
        indexes = [models.Index(fields=["membership"], condition=Q(closed_at=None), name="past_age_open")]
        triggers: ClassVar[list[object]] = column_triggers(columns.PAST_AGE)

    def __str__(self) -> str:
        return f"past age of membership:{self.membership_id}"
