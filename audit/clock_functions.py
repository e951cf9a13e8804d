"""What `assize_now()` is in the database, and moving it, which only the owner of a test or demonstration can."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

FIXED_BODY = "SELECT pg_catalog.clock_timestamp()"
"""In a deployment: the time of the database's machine, and nothing that anybody could set."""
FIXED = f"""
CREATE OR REPLACE FUNCTION assize_now() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE
    SET search_path TO pg_catalog AS $${FIXED_BODY}$$;
"""

# Microseconds, not an interval: a day of an interval is 23 or 25 hours long where a session's zone changes its clocks.
_OFFSET_TABLE = """
CREATE TABLE IF NOT EXISTS assize_clock (
    is_only boolean PRIMARY KEY DEFAULT TRUE CHECK (is_only),
    microseconds bigint NOT NULL,
    stands_at timestamptz
);
"""
_MOVABLE = """
CREATE OR REPLACE FUNCTION assize_now() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE
    SET search_path TO pg_catalog AS $$
    SELECT coalesce(
        (SELECT coalesce(stands_at, pg_catalog.clock_timestamp() + microseconds * interval '1 microsecond')
           FROM {schema}.assize_clock),
        pg_catalog.clock_timestamp()
    )
$$;
"""
_SET = """
INSERT INTO assize_clock (microseconds, stands_at) VALUES (%s, %s)
    ON CONFLICT (is_only) DO UPDATE SET microseconds = excluded.microseconds, stands_at = excluded.stands_at
"""
_FOUND = """
SELECT p.prosrc, p.proconfig, p.prosecdef, n.nspname = current_schema()
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proname = 'assize_now'
"""


def is_the_databases_own() -> bool:
    """Whether `assize_now()` is what a deployment has, with no other of that name; or the database is still empty."""
    with connection.cursor() as cursor:
        cursor.execute(_FOUND)
        found = cursor.fetchall()
    return found in ([], [(FIXED_BODY, ["search_path=pg_catalog"], False, True)])


def make_movable() -> None:
    """Let the clock of this database be moved: for its owner, and for tests and demonstrations alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        (schema,) = cursor.fetchone()
        cursor.execute(_OFFSET_TABLE + _MOVABLE.format(schema=schema))


def offset() -> dt.timedelta:
    """How far the clock is ahead of the database's own time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce((SELECT microseconds FROM assize_clock), 0)")
        (microseconds,) = cursor.fetchone()
    return dt.timedelta(microseconds=microseconds)


def set_offset(ahead: dt.timedelta) -> None:
    """Set how far the clock is ahead of the database's own time; needs the owner's connection and a movable clock."""
    with connection.cursor() as cursor:
        cursor.execute(_SET, [ahead // dt.timedelta(microseconds=1), None])


def stop_at(at: dt.datetime) -> None:
    """Stop the clock at this moment until it is set again: for tests of what happens at an exact moment."""
    with connection.cursor() as cursor:
        cursor.execute(_SET, [0, at])


def stands() -> bool:
    """Whether the clock has been stopped."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM assize_clock WHERE stands_at IS NOT NULL)")
        (found,) = cursor.fetchone()
    return bool(found)


def set_to(at: dt.datetime) -> None:
    """Set the clock to this moment; it runs on from there."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s - pg_catalog.clock_timestamp()", [at])
        (ahead,) = cursor.fetchone()
    set_offset(ahead)


@contextmanager
def played() -> Iterator[None]:
    """Restore the clock afterwards, whatever moved it inside, as if it had never been moved."""
    before = offset()
    yield
    set_offset(before)
