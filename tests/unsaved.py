"""A save that names its columns must name every one that was changed: what it leaves out would be lost unseen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import Model

from audit.rows import Row

_LOADED = "_as_loaded"


def _names(row: Model, fields: Any) -> set[str]:
    return {row._meta.get_field(name).attname for name in fields}


def _changed(row: Model) -> set[str]:
    loaded: dict[str, Any] = row.__dict__.get(_LOADED, {})
    return {name for name, value in loaded.items() if name in row.__dict__ and row.__dict__[name] != value}


def _is_stored(row: Model, name: str) -> bool:
    """Whether somebody has stored it otherwise, on another object of the same row."""
    stored = type(row)._base_manager.filter(pk=row.pk).values_list(name, flat=True)
    return list(stored) == [row.__dict__[name]]


@pytest.fixture(autouse=True, scope="session")
def _every_change_is_saved() -> Iterator[None]:
    """In every test: whatever was set on a stored row stands in the `update_fields` of its next save."""
    read, written, again = Row.from_db.__func__, Row.save, Row.refresh_from_db  # type: ignore[attr-defined]

    def from_db(cls: type[Row], db: str | None, field_names: Any, values: Any) -> Row:
        row: Row = read(cls, db, field_names, values)
        row.__dict__[_LOADED] = dict(zip(field_names, values, strict=False))
        return row

    def save(self: Row, *args: Any, **options: Any) -> None:
        fields = options.get("update_fields")
        if fields is not None:
            left_out = {name for name in _changed(self) - _names(self, fields) if not _is_stored(self, name)}
            assert not left_out, (
                f"{type(self).__name__}: {sorted(left_out)} changed, but only {sorted(fields)} are saved"
            )
        written(self, *args, **options)
        if _LOADED in self.__dict__:
            self.__dict__[_LOADED] |= {
                name: self.__dict__[name] for name in self.__dict__[_LOADED] if name in self.__dict__
            }

    def refresh(self: Row, *args: Any, **options: Any) -> None:
        again(self, *args, **options)
        self.__dict__[_LOADED] = {
            field.attname: self.__dict__[field.attname]
            for field in self._meta.concrete_fields
            if field.attname in self.__dict__
        }

    patch = pytest.MonkeyPatch()
    patch.setattr(Row, "from_db", classmethod(from_db))
    patch.setattr(Row, "save", save)
    patch.setattr(Row, "refresh_from_db", refresh)
    yield
    patch.undo()
