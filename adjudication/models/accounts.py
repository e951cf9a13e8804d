"""What the applicant writes for the jury in their own words."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from adjudication.models.claims import Claim
from audit.rows import Row
from members.fields import EncryptedTextField


class Account(Row):
    """The applicant's own account as they wrote it; the last one counts. Never changed (trigger).

    Nobody but the claim's people and its staff read it so: jurors read what stands in the signed report, without names.
    """

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="accounts", verbose_name=_("claim"))
    text = EncryptedTextField(_("in their own words"))
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("written"))
    salt = models.CharField(_("salt of the entry's digest"), max_length=64)

    class Meta:
        verbose_name = _("account of the applicant")
        verbose_name_plural = _("accounts of applicants")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"account {self.pk} on {self.claim}"
