"""Advisory locks, for acts that conflict without a common row to lock: each number is defined here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum, unique

import psycopg
from django.db import connection


@unique
class AdvisoryLock(IntEnum):
    """Which lock; the numbers say nothing, but processes of two releases must agree on them."""

    LOG = 0x61737A_6C
    DRAW_CHAIN = 0x61737A_63
    MEMBER_IMPORT = 0x617373_696D70
    RECORD_IMPORT = 0x617373_666872
    CHARGE_OF_PLAN = 20_190_101
    BENCHMARK = 0x61737A_62
    SWEEP = 0x61737A_73


def wait_for(lock: AdvisoryLock) -> None:
    """Wait for a lock and hold it until the transaction ends.

    It is a statement of its own, so that the next one sees all that the earlier holders did.
    """
    _ask("SELECT pg_advisory_xact_lock(%s)", lock)


def wait_for_part(lock: AdvisoryLock, part: int, *, shared: bool = False) -> None:
    """The same for one part of what the lock is about, such as one plan; any number of holders may share it."""
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    _ask(f"SELECT {function}(%s, %s)", lock, part)


def try_for_session(lock: AdvisoryLock) -> bool:
    """Take a lock that outlives transactions, if nobody has it: until `leave`, or until the connection ends."""
    _notice_a_lost_machine()
    return _ask("SELECT pg_try_advisory_lock(%s)", lock) is True


def leave(lock: AdvisoryLock) -> None:
    """Release what `try_for_session` took."""
    _ask("SELECT pg_advisory_unlock(%s)", lock)


def try_part_for_session(lock: AdvisoryLock, part: int) -> bool:
    """The same for one part of what the lock is about, such as one kind of sweep."""
    _notice_a_lost_machine()
    return _ask("SELECT pg_try_advisory_lock(%s, %s)", lock, part) is True


def leave_part(lock: AdvisoryLock, part: int) -> None:
    """Release what `try_part_for_session` took."""
    _ask("SELECT pg_advisory_unlock(%s, %s)", lock, part)


@contextmanager
def impatient(seconds: float) -> Iterator[None]:
    """Wait at most so long for the lock of anybody else; what waits longer fails with an error that `is_held` knows."""
    _set("lock_timeout", f"{round(seconds * 1000)}ms")
    try:
        yield
    finally:
        if is_connected():
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")


def is_held(error: BaseException) -> bool:
    """Whether an act failed only because somebody else's transaction was in its way: later it may go through."""
    return isinstance(error.__cause__ or error, psycopg.errors.LockNotAvailable | psycopg.errors.DeadlockDetected)


def is_connected() -> bool:
    """Whether the connection that holds this session's locks is still there."""
    return connection.connection is not None and connection.is_usable()


def _notice_a_lost_machine() -> None:
    # A process that is killed closes its connection, but a machine that loses its power doesn't. The server would find
    # out after two hours, and the lock of its session be held for as long.
    for name, value in (
        ("tcp_keepalives_idle", "30"),
        ("tcp_keepalives_interval", "10"),
        ("tcp_keepalives_count", "3"),
    ):
        _set(name, value)


def _set(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", [name, value])


def _ask(statement: str, *numbers: int) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement, [int(number) for number in numbers])
        return cursor.fetchone()[0]
