"""Model fields for what is known of a person: each is read and set by itself, and all are stored as one sealed value.

It is opened when the first of them is read, so a list of people of whom nothing is read costs no decryption.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any, NoReturn, TypeVar

from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from members.sealing import DATA, PersonSealer

_Set = TypeVar("_Set")
_Get = TypeVar("_Get")
_OPENED, _CHANGED = "_opened", "_is_changed"


@lru_cache(maxsize=1)
def _sealer_for(keys: tuple[bytes, ...]) -> PersonSealer:
    return PersonSealer(keys)


def sealer() -> PersonSealer:
    """The sealer under the keys of the settings."""
    return _sealer_for(tuple(settings.PERSONAL_DATA_KEYS))


class _SealedValue(DeferredAttribute):
    """The stored bytes; sealed again when they are read after a datum was set."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is not None and instance.__dict__.get(_CHANGED):
            texts = ["" if (value := _opened(instance)[name]) is None else str(value) for name in DATA]
            # Nothing known is stored as nothing: that is what erasing leaves.
            sealed = sealer().seal(texts, instance.public_id.bytes) if any(texts) else b""
            instance.__dict__.update({self.field.attname: sealed, _CHANGED: False})
        return super().__get__(instance, cls)

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value if value is None else bytes(value)
        instance.__dict__.pop(_OPENED, None)
        instance.__dict__[_CHANGED] = False


class SealedField(models.BinaryField[bytes, bytes]):
    """The column of the sealed value; bound to the row's `public_id`, which never changes."""

    descriptor_class = _SealedValue

    def get_lookup(self, lookup_name: str) -> NoReturn:
        """It cannot be searched."""
        _refuse(self.name)


class _Datum:
    """One of the data on a row."""

    def __init__(self, field: models.Field[Any, Any]) -> None:
        self._field = field

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        return self if instance is None else _opened(instance)[self._field.name]

    def __set__(self, instance: Any, value: Any) -> None:
        # A zero character separates the data; PostgreSQL's own text can't hold one either.
        _opened(instance)[self._field.name] = value.replace("\0", "\ufffd") if isinstance(value, str) else value
        instance.__dict__[_CHANGED] = True


class _SealedDatum(models.Field[_Set, _Get]):
    """A field without a column of its own; its model has a SealedField named `sealed`."""

    def get_attname_column(self) -> tuple[str, None]:
        """No column."""
        return self.get_attname(), None

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        """Private: migrations and queries pass over it."""
        super().contribute_to_class(cls, name, private_only=True)
        setattr(cls, name, _Datum(self))

    def get_col(self, alias: str, output_field: Any = None) -> NoReturn:
        """No query can search for it or select it."""
        _refuse(self.name)

    def get_db_prep_save(self, value: Any, connection: Any) -> NoReturn:
        """No query can update it."""
        _refuse(self.name)


class SealedTextField(_SealedDatum[str, str]):
    """Text that only the service can read."""

    def to_python(self, value: Any) -> Any:
        """Text of anything but None."""
        return value if value is None else str(value)


class SealedDateField(_SealedDatum[dt.date, dt.date]):
    """A day that only the service can read."""

    def to_python(self, value: Any) -> Any:
        """A `datetime.date` from a date or its ISO form."""
        return value if value is None or isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def _opened(instance: Any) -> dict[str, Any]:
    """What is known, by name; kept on the row once it was opened."""
    found: dict[str, Any] | None = instance.__dict__.get(_OPENED)
    if found is None:
        sealed = instance.sealed
        texts = sealer().open(sealed, instance.public_id.bytes) if sealed else [""] * len(DATA)
        found = dict(zip(DATA, texts, strict=True))
        found["born_on"] = dt.date.fromisoformat(found["born_on"]) if found["born_on"] else None
        instance.__dict__[_OPENED] = found
    return found


def _refuse(name: str) -> NoReturn:
    raise FieldError(
        f"{name} is sealed with what else is known of a person, and no query reaches it: read it from the row, set it "
        "there and save that, and search by a blind index."
    )
