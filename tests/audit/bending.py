"""A log to verify, and ways to bend it behind the triggers' back."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from audit.actors import SYSTEM
from audit.services import append, publish, sequence_all
from audit.verification.connecting import database_address
from audit.verification.whole import Verified, Wanted, verify_log

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
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO audit_entry (kind, stream, actor, body, head_salt, body_salt, leaf, recorded_at)
            SELECT 'x.y', 'x:1', 'x', '{}', '\\x01', '\\x02',
                sha256('\\x01'::bytea || convert_to('{"kind":"x.y","stream":"x:1"}', 'UTF8'))
                || sha256('\\x02'::bytea || convert_to(
                    '{"actor":"x","body":{},"recorded_at":"2026-01-01T00:00:00.000000Z"}', 'UTF8')),
                timestamptz '2026-01-01 00:00:00Z'
            FROM generate_series(1, %s)
            """,
            [count],
        )
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
