"""One entry for each act, written in the act's own transaction."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _


def new_salt() -> bytes:
    """Sixteen random bytes that stand between a digest and a guess at what it covers."""
    return secrets.token_bytes(16)


class Entry(models.Model):
    """An act: what kind, on which stream (such as `claim:C26-7K3M9Q`), by whom, when, and its facts.

    No personal data: people appear by reference, files and texts by digest. Rows can't be changed or deleted
    (triggers without a switch).
    """

    kind = models.CharField(_("kind"), max_length=80)
    stream = models.CharField(_("stream"), max_length=120)
    actor = models.CharField(_("actor"), max_length=80)
    body = models.JSONField(_("facts"), default=dict)
    head_salt = models.BinaryField(default=new_salt, max_length=16)
    body_salt = models.BinaryField(default=new_salt, max_length=16)
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["stream", "-id"]),
            models.Index(fields=["kind", "-id"]),
            models.Index(fields=["actor", "-id"]),
            models.Index(fields=["recorded_at"]),
        ]
        permissions = [("read_log", "May read the whole audit log")]

    def __str__(self) -> str:
        return f"{self.kind} {self.stream}"
