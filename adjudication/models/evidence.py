"""Evidence: files, encrypted on disk, read only through a view that asks who is reading."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from adjudication import columns
from adjudication.models.claims import Claim, ClaimDraft
from adjudication.models.investigations import DutyRecord
from adjudication.storage import EncryptedStorage
from audit.columns import column_triggers
from audit.rows import Row
from members.fields import EncryptedTextField


class EvidenceKind(models.TextChoices):
    """What a file shows."""

    DIAGNOSIS = "diagnosis", _("diagnosis or pathology report")
    DISCHARGE = "discharge", _("hospital record or discharge note")
    BILL = "bill", _("bill or insurance claim")
    IDENTITY = "identity", _("proof of identity")
    FINDING = "finding", _("investigator's finding")
    OTHER = "other", _("other")


class Evidence(Row):
    """One file of a draft, a claim or an investigator's duty. The content never changes."""

    Kind = EvidenceKind

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence")
    draft = models.ForeignKey(ClaimDraft, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence")
    duty = models.ForeignKey(DutyRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="evidence")
    kind = models.CharField(_("kind"), max_length=20, choices=EvidenceKind)
    title = EncryptedTextField(_("title"))
    file = models.FileField(_("file"), upload_to="evidence/%Y/%m/", storage=EncryptedStorage())
    content_type = models.CharField(_("content type"), max_length=80)
    size_bytes = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    salt = models.CharField(_("salt of the manifest's digest"), max_length=64)
    is_for_jury = models.BooleanField(_("shown to jurors (names removed)"), default=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(_("uploaded"))
    import_key = models.CharField(max_length=120, null=True, blank=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(claim__isnull=False) | Q(draft__isnull=False), name="evidence_belongs_somewhere"
            ),
            models.CheckConstraint(
                condition=Q(claim__isnull=True) | Q(draft__isnull=True), name="evidence_belongs_to_one"
            ),
        ]
        triggers: ClassVar[list[object]] = column_triggers(columns.EVIDENCE)

    def __str__(self) -> str:
        return f"evidence:{self.pk}"
