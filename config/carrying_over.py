"""Whether the migrations of this release lead on from what a database holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader

from audit.rooms import rooms
from run.carrying_over import EXIT_CODE

# Not OperationalError: a server that is gone, a full disk or a lock says nothing about what the database holds.
_TOLD_BY_THE_DATABASE = (DataError, IntegrityError, InternalError, NotSupportedError, ProgrammingError)


_VOTES = ("jury", "0012_secret_for_good")
"""With this migration ballots got the shape that they have: earlier ones say in the log who cast what."""


class CannotCarryOver(CommandError):
    """The database was written by a release from which this one does not lead on; the text says what shows it."""

    def __init__(self, why: str) -> None:
        super().__init__(why, returncode=EXIT_CODE)


@contextmanager
def carrying_over() -> Iterator[None]:
    """Raise CannotCarryOver before a migration that knows too little, and where the database refuses one."""
    _check_known()
    _check_votes()
    try:
        yield
    except InconsistentMigrationHistory as error:
        raise CannotCarryOver(_first_line(error)) from error
    except _TOLD_BY_THE_DATABASE as error:
        raise CannotCarryOver(f"a migration failed on what it holds ({_first_line(error)})") from error


def _check_known() -> None:
    """Django ignores migrations that it has no file for: the service would then meet tables that it doesn't know."""
    loader = MigrationLoader(connection)
    own = {room.label for room in rooms()}
    unknown = sorted(
        f"{app}.{name}" for app, name in loader.applied_migrations.keys() - loader.disk_migrations.keys() if app in own
    )
    if unknown:
        others = f" and {len(unknown) - 1} more" if len(unknown) > 1 else ""
        raise CannotCarryOver(f"a later or another release wrote it ({unknown[0]}{others} is not known here)")


def _check_votes() -> None:
    """Before anything is migrated, so that the release that wrote the database can still run on it."""
    if _VOTES in MigrationLoader(connection).applied_migrations:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('jury_panel') IS NOT NULL")
        if cursor.fetchone()[0]:
            cursor.execute("SELECT EXISTS (SELECT FROM jury_panel)")
            if cursor.fetchone()[0]:
                raise CannotCarryOver("its votes are sealed and logged in a way that could not keep them secret")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
