"""The papers that jurors are given with an addendum to their file."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from adjudication.models.evidence import Evidence
from audit.rows import Row
from jury.models import Addendum


class AddendumPaper(Row):
    """One paper of one addendum: from then on it belongs to what jurors read. Never changed (trigger).

    The addendum's content lists it with its salted digest, so that the digest in the log binds it (trigger).
    """

    addendum = models.ForeignKey(
        Addendum, on_delete=models.PROTECT, related_name="+", verbose_name=_("addendum to a panel's file")
    )
    evidence = models.OneToOneField(
        Evidence, on_delete=models.PROTECT, related_name="addendum_paper", verbose_name=_("evidence")
    )

    class Meta:
        verbose_name = _("paper of an addendum")
        verbose_name_plural = _("papers of addenda")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.evidence} in {self.addendum}"
