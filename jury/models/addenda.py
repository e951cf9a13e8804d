"""What became known while a panel votes: added to its file, never put into it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.rows import Row
from jury.models.panels import Panel


class Addendum(Row):
    """One addendum to a panel's frozen file, released before the close; at most one a panel. Never changed (trigger).

    `content` holds what jurors read, without names, as the case file does; its digest stands in the log.
    """

    panel = models.OneToOneField(Panel, on_delete=models.PROTECT, related_name="addendum", verbose_name=_("panel"))
    content = models.JSONField(_("content"))
    digest = models.CharField(_("digest of the content"), max_length=64)
    released_at = models.DateTimeField(_("released"))
    would_close_at = models.DateTimeField(_("close before it"))
    closes_at = models.DateTimeField(_("close after it"))

    class Meta:
        verbose_name = _("addendum to a panel's file")
        verbose_name_plural = _("addenda to panels' files")
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at__lt=F("would_close_at"), closes_at__gt=F("would_close_at")),
                name="an_addendum_extends_the_close",
            ),
        ]

    def __str__(self) -> str:
        return f"addendum to {self.panel}"
