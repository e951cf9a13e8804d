"""One entry for each act, written in the act's own transaction."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from audit.pairing import CurrentTransaction
from audit.rows import Row
from audit.rules.canonical import canonical_json
from audit.rules.leaves import LEAF_BYTES, SALT_BYTES


def new_salt() -> bytes:
    """Sixteen random bytes that stand between a digest and a guess at what it covers."""
    return secrets.token_bytes(SALT_BYTES)


class CanonicalJSONField(models.JSONField):
    """Plain data, kept as the very text that was digested: `json`, since `jsonb` would write it in its own way."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """The column's type."""
        return "json"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """The canonical text."""
        return canonical_json(value)

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> Any:
        """Plain data; the driver has read it already."""
        return value

    def get_transform(self, name: str) -> Any:
        """Look into the body as `jsonb`, which can be compared."""

        def of_key(body: Any) -> KeyTransform:
            return KeyTransform(name, Cast(body, models.JSONField()))

        return of_key


class Entry(Row):
    """An act: what kind, on which stream (such as `claim:C26-7K3M9Q`), by whom, when, and its facts.

    No personal data: people appear by reference, files and texts by digest. Rows can't be changed or deleted
    (triggers without a switch). `leaf` is what the public log holds of it: two salted digests, 64 bytes.
    `written_in` is the number of the transaction, by which the rows of the act find it (audit/pairing.py).
    """

    kind = models.CharField(_("kind"), max_length=80)
    stream = models.CharField(_("stream"), max_length=120)
    actor = models.CharField(_("actor"), max_length=80)
    body = CanonicalJSONField(_("facts"), default=dict)
    head_salt = models.BinaryField(default=new_salt, max_length=SALT_BYTES)
    body_salt = models.BinaryField(default=new_salt, max_length=SALT_BYTES)
    leaf = models.BinaryField(max_length=LEAF_BYTES)
    recorded_at = models.DateTimeField(_("recorded"))
    written_in = models.BigIntegerField(null=True, db_default=CurrentTransaction(), editable=False)

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
