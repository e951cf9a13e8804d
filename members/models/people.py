"""The people behind memberships; every personal datum encrypted, equality by blind index."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.fields import EncryptedDateField, EncryptedTextField, blind_index


class Sex(models.TextChoices):
    """Administrative sex, as FHIR has it."""

    FEMALE = "female", _("female")
    MALE = "male", _("male")
    OTHER = "other", _("other")
    UNKNOWN = "unknown", _("not stated")


class Person(models.Model):
    """A member, payer or child. `payer` is whoever pays for them; None when they pay for themselves."""

    Sex = Sex

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="person"
    )
    payer = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="dependants")
    name = EncryptedTextField(_("name"))
    born_on = EncryptedDateField(_("date of birth"))
    sex = models.CharField(_("sex"), max_length=10, choices=Sex, default=Sex.UNKNOWN)
    id_number = EncryptedTextField(_("identity number"), blank=True)
    phone = EncryptedTextField(_("phone"), blank=True)
    address = EncryptedTextField(_("address"), blank=True)
    employer = EncryptedTextField(_("employer"), blank=True)
    id_digest = models.CharField(max_length=64, blank=True, editable=False)
    phone_digest = models.CharField(max_length=64, blank=True, editable=False)
    address_digest = models.CharField(max_length=64, blank=True, editable=False)
    employer_digest = models.CharField(max_length=64, blank=True, editable=False)
    import_key = models.CharField(max_length=120, null=True, blank=True, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                fields=["id_digest"], condition=~Q(id_digest=""), name="one_person_an_identity_number"
            )
        ]

    def __str__(self) -> str:
        return f"person:{self.pk}"

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the blind indexes beside what they index."""
        self.index_blindly()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def index_blindly(self) -> None:
        """Compute the blind indexes; whoever writes in bulk, past `save`, calls it."""
        self.id_digest = blind_index("id_number", self.id_number)
        self.phone_digest = blind_index("phone", self.phone)
        self.address_digest = blind_index("address", self.address)
        self.employer_digest = blind_index("employer", self.employer)
