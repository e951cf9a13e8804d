"""Rows whose reader is to be reminded, found in the database alone."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import (
    CharField,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    Model,
    OuterRef,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat

from audit import clock
from members.models import Message
from members.rules.reminding import SHARE_LEFT

Row = TypeVar("Row", bound=Model)


def about(noun: str, pk: int) -> str:
    """What a reminder about this row is about."""
    return f"{noun}:{pk}"


def in_last_quarter(rows: QuerySet[Row], *, start: str, end: str, start_before: str = "") -> QuerySet[Row]:
    """The rows for which `is_time_to_remind` holds now; `start_before` is the field for those without `start`."""
    now = clock.now()
    from_ = Coalesce(F(start), F(start_before)) if start_before else F(start)
    quarter = Func(
        F(end), from_, template=f"((%(expressions)s) / {SHARE_LEFT})", arg_joiner=" - ", output_field=DurationField()
    )
    left = ExpressionWrapper(Value(now) + F("_quarter"), output_field=DateTimeField())
    found: QuerySet[Row] = rows.annotate(_quarter=quarter).filter(**{f"{end}__gt": now, f"{end}__lte": left})  # type: ignore[assignment]
    return found


def not_reminded(rows: QuerySet[Row], kind: str, noun: str, *, end: str = "") -> QuerySet[Row]:
    """The rows about which no such reminder is written: none at all, or none for this end of time."""
    told = Message.objects.filter(kind=kind, about=OuterRef("_about"))
    if end:
        told = told.filter(due_at=OuterRef(end))
    name = Concat(Value(f"{noun}:"), Cast("pk", CharField()), output_field=CharField())
    found: QuerySet[Row] = rows.annotate(_about=name).filter(~Exists(told))  # type: ignore[assignment]
    return found
