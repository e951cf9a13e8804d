"""Looks at personal data by the plan's staff: who looked, at whose data, why, and until when."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.rows import Row
from members.fields import EncryptedTextField
from members.models.people import Person
from members.models.users import Role

SALT_BYTES = 16


def new_salt() -> str:
    """A salt, in hex, for the digest of the words."""
    return secrets.token_hex(SALT_BYTES)


class UnmaskingReason(models.TextChoices):
    """Why a member of staff must know who a member is. The member reads it, so no reason accuses."""

    CLAIM = "claim", _("to work on a claim")
    CONTACT = "contact", _("to reach the person")
    IDENTITY = "identity", _("to verify somebody's identity")
    CORRECTION = "correction", _("to correct what is stored")
    REQUEST = "request", _("because the person asked for something")
    AUTHORITY = "authority", _("because a court or an authority asked")


class Unmasking(Row):
    """One look: allowed from `unmasked_at` until `expires_at`, for one log-in and one person. Never changed (trigger).

    `words` are the reader's own and may name people, so the log holds only a digest of them, salted with `salt`.
    """

    Reason = UnmaskingReason

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="unmaskings", verbose_name=_("person"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="unmaskings", verbose_name=_("who looked")
    )
    role = models.CharField(_("in the role of"), max_length=20, choices=Role)
    reason = models.CharField(_("reason"), max_length=20, choices=UnmaskingReason)
    words = EncryptedTextField(_("in their own words"))
    salt = models.CharField(max_length=2 * SALT_BYTES, default=new_salt, editable=False)
    unmasked_at = models.DateTimeField(_("looked"))
    expires_at = models.DateTimeField(_("shown until"))

    class Meta:
        verbose_name = _("look at personal data")
        verbose_name_plural = _("looks at personal data")
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("unmasked_at")), name="a_look_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(reason__in=UnmaskingReason.values), name="a_look_has_a_known_reason"),
            models.CheckConstraint(condition=Q(role__in=[Role.REVIEWER, Role.AUDITOR]), name="a_look_is_by_staff"),
        ]
        indexes = [models.Index(fields=["by", "-unmasked_at"]), models.Index(fields=["person", "-id"])]

    def __str__(self) -> str:
        return f"unmasking:{self.pk}"
