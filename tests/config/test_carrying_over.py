"""A database that this release does not lead on from is refused in one line, before anything is changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection

from config.carrying_over import CannotCarryOver, carrying_over
from run.carrying_over import EXIT_CODE, refusal

LATER = (
    "insert into django_migrations (app, name, applied) "
    "select 'jury', '0999_from_a_later_release', max(applied) from django_migrations"
)


@pytest.mark.django_db
def test_a_database_of_a_later_release_is_refused() -> None:
    with connection.cursor() as cursor:
        cursor.execute(LATER)

    with pytest.raises(CannotCarryOver, match=r"jury\.0999_from_a_later_release is not known here") as told:
        call_command("migrate", verbosity=0)
    assert told.value.returncode == EXIT_CODE


@pytest.mark.django_db
def test_a_library_may_have_dropped_migrations_of_its_own() -> None:
    with connection.cursor() as cursor:
        cursor.execute(LATER.replace("jury", "sessions"))

    call_command("migrate", verbosity=0)


@pytest.mark.django_db
def test_what_the_database_says_of_its_rows_is_told_in_one_line() -> None:
    with pytest.raises(CannotCarryOver, match=r"^a migration failed on what it holds \(division by zero\)$"):  # noqa: SIM117
        with carrying_over(), connection.cursor() as cursor:
            cursor.execute("select 1 / 0")


@pytest.mark.django_db
def test_a_server_that_goes_away_says_nothing_about_the_database() -> None:
    with pytest.raises(OperationalError), carrying_over(), connection.cursor() as cursor:
        cursor.execute("set local statement_timeout = '50ms'; select pg_sleep(5)")


def test_the_line_names_what_make_reset_deletes() -> None:
    told = refusal("a reason", var=Path("/srv/var"), is_embedded=True)

    assert "\n" not in told
    assert "cannot carry over the database that it found: a reason." in told
    assert "make reset, which deletes the database, queue, uploads, mail and logs in /srv/var." in told
    assert "run the release that wrote it" in told


def test_make_reset_is_no_help_with_another_server() -> None:
    told = refusal("a reason", var=Path("/srv/var"), is_embedded=False)

    assert "name an empty database in DATABASE_URL; make reset deletes nothing on your own server." in told
