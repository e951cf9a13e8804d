"""The people behind memberships; every personal datum sealed, equality by blind index."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.clock import DatabaseNow
from audit.columns import column_triggers
from audit.rows import Row
from members import columns
from members.fields import blind_index, blind_number
from members.sealed_fields import SealedDateField, SealedField, SealedTextField
from members.sealing import DATA

_DIGESTS = ("born_digest", "name_digest", "id_digest", "phone_digest", "address_digest", "employer_digest")


class Sex(models.TextChoices):
    """Administrative sex, as FHIR has it."""

    FEMALE = "female", _("female")
    MALE = "male", _("male")
    OTHER = "other", _("other")
    UNKNOWN = "unknown", _("not stated")


class Person(Row):
    """A member, payer or child. `payer` is the person who pays for them; None when they pay for themselves.

    What is known of them, from name to employer, is stored in `sealed`; emptying it and the digests erases them.
    """

    Sex = Sex

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="person"
    )
    payer = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="dependants", db_index=False
    )
    sealed = SealedField(default=b"")
    name = SealedTextField(_("name"))
    born_on = SealedDateField(_("date of birth"))
    sex = models.CharField(_("sex"), max_length=10, choices=Sex, default=Sex.UNKNOWN)
    id_number = SealedTextField(_("identity number"), blank=True)
    phone = SealedTextField(_("phone"), blank=True)
    address = SealedTextField(_("address"), blank=True)
    employer = SealedTextField(_("employer"), blank=True)
    name_digest = models.BigIntegerField(null=True, editable=False)
    id_digest = models.CharField(max_length=64, blank=True, editable=False)
    phone_digest = models.CharField(max_length=64, blank=True, editable=False)
    address_digest = models.CharField(max_length=64, blank=True, editable=False)
    employer_digest = models.CharField(max_length=64, blank=True, editable=False)
    import_key = models.CharField(max_length=120, null=True, blank=True, editable=False)  # noqa: DJ001 - it is unique
    created_at = models.DateTimeField(db_default=DatabaseNow(), editable=False)
    born_digest = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                fields=["id_digest"], condition=~Q(id_digest=""), name="one_person_an_identity_number"
            ),
            # Not by `unique=True`, which would bring a second index, for patterns that nobody searches by.
            models.UniqueConstraint(fields=["import_key"], name="one_person_an_import_key"),
        ]
        indexes = [
            # Most people pay for themselves: only the others are found by their payer.
            models.Index(fields=["payer"], condition=Q(payer__isnull=False), name="person_dependants"),
            # Many people have the same name: with the key behind it, a page of them is read and not all of them.
            models.Index(fields=["name_digest", "-id"], name="person_name"),
            # Those who reach an age are found by their day of birth.
            models.Index(fields=["born_digest"], name="person_born"),
            HashIndex(fields=["phone_digest"], condition=~Q(phone_digest=""), name="person_phone"),
        ]
        triggers: ClassVar[list[object]] = column_triggers(columns.PERSON)

    def __str__(self) -> str:
        return f"person:{self.pk}"

    def save(self, *args: object, update_fields: Iterable[str] | None = None, **kwargs: object) -> None:
        """Keep the blind indexes beside what they index, and seal what was changed."""
        if update_fields is not None:
            stored = set(update_fields) - set(DATA)
            update_fields = stored if len(stored) == len(set(update_fields)) else stored | {"sealed", *_DIGESTS}
        if update_fields is None or "sealed" in update_fields:
            self.index_blindly()
        super().save(*args, update_fields=update_fields, **kwargs)

    def index_blindly(self) -> None:
        """Compute the blind indexes; bulk writes, which bypass `save`, must call it."""
        self.born_digest = blind_number("born_on", self.born_on.isoformat()) if self.born_on else None
        self.name_digest = blind_number("name", self.name)
        self.id_digest = blind_index("id_number", self.id_number)
        self.phone_digest = blind_index("phone", self.phone)
        self.address_digest = blind_index("address", self.address)
        self.employer_digest = blind_index("employer", self.employer)
