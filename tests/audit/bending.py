"""A log to verify, and ways to bend it behind the triggers' back."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from audit.actors import SYSTEM
from audit.services import append, publish, sequence_all
from audit.verification.connecting import database_address
from audit.verification.whole import Verified, Wanted, verify_log
from bench.entries import insert_entries

ORIGIN = "assize.example/log"


def grow(count: int) -> int:
    """So many acts and a checkpoint over them; its size."""
    with transaction.atomic():
        for number in range(count):
            append(kind="thing.done", stream=f"thing:{number % 7}", by=SYSTEM, body={"n": number, "text": "诊断 \n"})
    checkpoint = publish()
    assert checkpoint is not None
    return checkpoint.size


def grow_fast(count: int) -> None:
    """Many entries, digested by the database itself."""
    rows = """
        SELECT 'x.y' AS kind, 'x:1' AS stream, 'x' AS actor, '{}' AS body, clock.at AS recorded_at
          FROM generate_series(1, %s), (SELECT assize_now() AS at OFFSET 0) AS clock
    """
    with connection.cursor() as cursor:
        cursor.execute(insert_entries(rows), [count])
    sequence_all()


def bend(*statements: str) -> None:
    """Change rows as nobody but a superuser without triggers can."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)


def verified(**changes: Any) -> Verified:
    return verify_log(Wanted(**({"address": database_address(), "origin": ORIGIN} | changes)))


def difference(**changes: Any) -> str:
    found = verified(**changes).difference
    assert found is not None
    return str(found)
