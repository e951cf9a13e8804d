"""What the import of medical records remembers: who a hospital's patient is here, and what a hospital withdrew."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from adjudication import columns
from adjudication.models.claims import Claim
from audit.clock import DatabaseNow
from audit.columns import column_triggers
from audit.rows import Row
from audit.state_fields import StateField
from members.fields import EncryptedTextField
from members.models import Person
from pages.states import Shape, StateChoices


class ImportedPatient(Row):
    """A person who was registered from a medical record, and by how many days that record was moved in time."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("person"))
    moved_days = models.IntegerField(_("days by which the record was moved"), default=0)

    class Meta:
        verbose_name = _("imported patient")
        verbose_name_plural = _("imported patients")

    def __str__(self) -> str:
        return f"patient:{self.person_id}"


class PatientIdentity(Row):
    """One identity of a patient at a hospital: an id on a server, or an identifier; as a keyed digest only."""

    patient = models.ForeignKey(ImportedPatient, on_delete=models.PROTECT, related_name="identities")
    digest = models.CharField(_("digest of the identity"), max_length=64, unique=True, editable=False)
    learned_at = models.DateTimeField(db_default=DatabaseNow(), editable=False)

    class Meta:
        verbose_name = _("identity of a patient")
        verbose_name_plural = _("identities of patients")

    def __str__(self) -> str:
        return f"identity of {self.patient}"


class WithdrawalKind(StateChoices):
    """What a hospital's later record says of what it recorded before."""

    REFUTED = "refuted", Shape.BAD, _("Refuted")
    ENTERED_IN_ERROR = "entered_in_error", Shape.BAD, _("Entered in error")
    DELETED = "deleted", Shape.BAD, _("Deleted")
    UNCONFIRMED = "unconfirmed", Shape.WAITING, _("No longer plainly confirmed")
    CHANGED = "changed", Shape.WAITING, _("Changed: another illness, day or patient")
    BILL_CANCELLED = "bill_cancelled", Shape.WAITING, _("The bill no longer stands")


class Withdrawal(Row):
    """A fact about a claim: the hospital withdrew a record on which it rests. Somebody has to note it, once.

    `claim` is empty where nothing had been filed; the row then keeps an older export from filing it later.
    """

    Kind = WithdrawalKind

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, blank=True, related_name="withdrawals")
    kind = StateField(_("what was withdrawn"), max_length=20, states=WithdrawalKind)
    resource_digest = models.CharField(max_length=64, db_index=True, editable=False)
    fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    server = EncryptedTextField(_("server"), blank=True)
    resource = EncryptedTextField(_("resource"))
    version = models.CharField(_("version"), max_length=64, blank=True)
    stated_at = models.DateTimeField(_("withdrawn by the hospital"), null=True, blank=True)
    learned_at = models.DateTimeField(_("learned"))
    noted_at = models.DateTimeField(_("noted"), null=True, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    note = EncryptedTextField(_("what it means for the claim"), blank=True)

    class Meta:
        verbose_name = _("withdrawal")
        verbose_name_plural = _("withdrawals")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(noted_at=None, noted_by=None)
                | Q(noted_at__isnull=False, noted_by__isnull=False, claim__isnull=False),
                name="a_withdrawal_is_noted_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["claim"], condition=Q(noted_at=None), name="withdrawals_to_note")]
        triggers: ClassVar[list[object]] = column_triggers(columns.WITHDRAWAL)

    def __str__(self) -> str:
        return f"withdrawal:{self.pk}"
