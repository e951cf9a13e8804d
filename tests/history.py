"""Rows that a test finds as if they had long been there: written by no act, so that no guard of the database asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def found_there() -> Iterator[None]:
    """Inside, no trigger fires: the owner writes what an act of the service would have written with its entry."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def done_so_far() -> None:
    """Ask now what the database would ask at the commit, since what the test bends afterwards was committed before."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
