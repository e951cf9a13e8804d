"""Rows that a test bends past the guards of the database, to reach a state that no service would make."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet

Bent = TypeVar("Bent", bound=Model)


@contextmanager
def unguarded() -> Iterator[None]:
    """Fire no trigger, as the owner of the database can who is a superuser; neither do references hold."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("show session_replication_role")
        (before,) = cursor.fetchone()
        cursor.execute("set local session_replication_role = replica")
        yield
        # One inside another leaves the outer one as it was.
        cursor.execute(f"set local session_replication_role = {before}")


def bend(row: Bent, **values: Any) -> Bent:
    """Store these values in a row whatever the classes of their columns; without values, whatever is set on it."""
    for name, value in values.items():
        setattr(row, name, value)
    if row._state.adding or row.pk is None:
        row.save()
        return row
    with unguarded():
        row.save(update_fields=values or [one.name for one in row._meta.concrete_fields if not one.primary_key])
    return row


def bend_all(rows: QuerySet[Any], **values: Any) -> int:
    """The same for all rows of a query, as its `update` would."""
    with unguarded():
        return rows.update(**values)


@contextmanager
def without_classes(table: str) -> Iterator[None]:
    """Let every column of a table change, for tests of what else guards it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select tgname from pg_trigger where tgrelid = %s::regclass and tgname like 'pgtrigger\\_columns%%'",
            [table],
        )
        [(trigger,)] = cursor.fetchall()
        # A table of which something is still to be checked can't be altered.
        cursor.execute("set constraints all immediate")
        cursor.execute(f"alter table {table} disable trigger {trigger}")
        try:
            yield
        finally:
            if not connection.needs_rollback:
                cursor.execute("set constraints all immediate")
                cursor.execute(f"alter table {table} enable trigger {trigger}")


def done_so_far() -> None:
    """Ask now what the database would ask at the commit, since what the test bends afterwards was committed before."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")
