"""Model fields for personal data: encrypted at rest, never searchable; and blind indexes for equality."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from functools import lru_cache
from typing import Any, TypeVar

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models

from members.rules.comparing import comparable

_Set = TypeVar("_Set")
_Get = TypeVar("_Get")


@lru_cache(maxsize=1)
def _cipher_for(keys: tuple[bytes, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def cipher() -> MultiFernet:
    """The cipher for personal data: the newest key encrypts, every key decrypts."""
    return _cipher_for(tuple(settings.PERSONAL_DATA_KEYS))


def blind_index(purpose: str, value: str) -> str:
    """A keyed digest that is equal for equal values, so that two rows can be compared and neither be read."""
    normal = comparable(purpose, value)
    if not normal:
        return ""
    return hmac.new(settings.BLIND_INDEX_KEY, f"{purpose}:{normal}".encode(), hashlib.sha256).hexdigest()


def blind_number(purpose: str, value: str) -> int | None:
    """The first 64 bits of the blind index as a number: an eighth of its size, for what every row has; None if blank.

    Two values in many thousand millions may share one, so what is found by it is a candidate.
    """
    digest = blind_index(purpose, value)
    # PostgreSQL's bigint has a sign.
    return int(digest[:16], 16) - 2**63 if digest else None


class EncryptedField(models.TextField[_Set, _Get]):
    """A value that only the service can read. Equality and search are refused: use a blind index."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt; the empty text stays empty."""
        value = super().get_prep_value(value)
        return value if value in (None, "") else cipher().encrypt(self.to_text(value).encode()).decode()

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> Any:
        """Decrypt."""
        return value if value in (None, "") else self.from_text(cipher().decrypt(value.encode()).decode())

    def to_text(self, value: Any) -> str:
        """The value as the text that is encrypted."""
        return str(value)

    def from_text(self, text: str) -> Any:
        """The value from the decrypted text."""
        return text

    def get_lookup(self, lookup_name: str) -> Any:
        """Only `isnull` makes sense on encrypted data."""
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted and can't be searched by {lookup_name!r}: use a blind index.")
        return super().get_lookup(lookup_name)


class EncryptedTextField(EncryptedField[str, str]):
    """Text that only the service can read."""


class EncryptedDateField(EncryptedField[dt.date, dt.date]):
    """A day that only the service can read."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt the ISO form."""
        return super().get_prep_value(value.isoformat() if isinstance(value, dt.date) else value)

    def from_text(self, text: str) -> Any:
        """A `datetime.date`."""
        return dt.date.fromisoformat(text)

    def to_python(self, value: Any) -> Any:
        """A `datetime.date` from a date or its ISO form."""
        if value is None or isinstance(value, dt.date):
            return value
        return dt.date.fromisoformat(str(value))


class EncryptedJSONField(EncryptedField[dict[str, Any], dict[str, Any]]):
    """A JSON object that only the service can read."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt the JSON text."""
        return None if value is None else super().get_prep_value(json.dumps(value, ensure_ascii=False))

    def from_text(self, text: str) -> Any:
        """The value."""
        return json.loads(text)

    def to_python(self, value: Any) -> Any:
        """The value as it is: it is JSON already."""
        return value
