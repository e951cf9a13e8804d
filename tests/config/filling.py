"""A row in each table in which the demonstration leaves none."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.apps import apps
from django.db import models

from audit import clock
from audit.rooms import all_columns
from tests.bent import unguarded

SPECIAL: dict[str, dict[str, Any]] = {
    "members_dissolution": {"members": 1, "members_needed": 2, "ends_on": dt.date(2031, 1, 1)},
    "members_unmasking": {"role": "auditor"},
    "adjudication_dutyrevision": {"result": "confirms"},
}
"""What constraints ask for beyond a value of the right type."""


def fill_what_is_empty() -> None:
    """Write one row in every empty table of ours, past the guards of inserts: only what happens to it later matters."""
    by_table = {model._meta.db_table: model for model in apps.get_models()}
    for table in all_columns():
        model = by_table[table]
        if not model._base_manager.exists():
            with unguarded():
                model._base_manager.create(**_values(model), **SPECIAL.get(table, {}))


def _values(model: type[models.Model]) -> dict[str, Any]:
    given = SPECIAL.get(model._meta.db_table, {})
    return {
        field.attname: _value(field)
        for field in model._meta.concrete_fields
        if field.name not in given and not isinstance(field, models.AutoField) and not field.null
        if not field.has_default() and not field.has_db_default() and not field.blank
    }


def _value(field: Any) -> Any:
    if isinstance(field, models.ForeignKey):
        return field.related_model._base_manager.order_by("pk").values_list("pk", flat=True)[0]
    if field.choices:
        return field.choices[0][0]
    now = clock.now()
    kinds: list[tuple[type[models.Field[Any, Any]], Any]] = [
        (models.BooleanField, False),
        (models.DateTimeField, now),
        (models.DateField, now.date()),
        (models.IntegerField, 1),
        (models.UUIDField, uuid.uuid4()),
        (models.BinaryField, b"\0" * 32),
        (models.JSONField, {}),
        (models.CharField, "x"),
        (models.TextField, "x"),
    ]
    return next(value for kind, value in kinds if isinstance(field, kind))
