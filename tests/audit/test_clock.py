"""The one clock: the database's time in a deployment, with an offset that the owner alone sets anywhere else."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from audit import clock, clock_functions
from audit.services import append
from config.checks import clock_is_the_databases_own
from config.roles import grant_runtime
from members.models import User
from pages.moments import OneMoment, page_now
from tests.config.test_roles import acting_as, role  # noqa: F401
from tests.factories import make_user
from tests.moving import PLAYED_AT, About, move_clock, set_clock, start_clock

pytestmark = pytest.mark.django_db


def run(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def test_every_test_begins_at_the_stated_moment() -> None:
    assert clock.now() == About(PLAYED_AT)
    assert clock.now().utcoffset() == dt.timedelta()


def test_the_clock_goes_on_between_two_calls_of_one_transaction() -> None:
    first = clock.now()
    assert clock.now() > first


def test_python_sql_and_the_default_of_a_column_agree() -> None:
    set_clock(dt.datetime(2031, 5, 6, 7, 8, tzinfo=dt.UTC))
    [(in_sql,)] = run("SELECT assize_now()")
    entry = append(kind="demo.loaded", stream="demo", by=make_user(), body={})
    for found in (in_sql, clock.now(), page_now(), entry.recorded_at, User.objects.get().joined_at):
        assert found == About(dt.datetime(2031, 5, 6, 7, 8, tzinfo=dt.UTC))


def test_it_stands_where_it_was_stopped_and_can_be_moved_on() -> None:
    at = set_clock(dt.datetime(2027, 3, 27, 12, tzinfo=dt.UTC))
    assert clock.now() == clock.now() == at
    assert move_clock(days=1) == clock.now() == at + dt.timedelta(hours=24)


def test_what_is_played_ends_where_it_began() -> None:
    with clock_functions.played():
        start_clock(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    assert clock.now() == About(PLAYED_AT)


def test_a_page_has_one_moment() -> None:
    moments = []
    OneMoment(lambda request: moments.extend([page_now(), page_now()]))(None)  # type: ignore[arg-type, return-value]
    assert moments[0] == moments[1] == About(PLAYED_AT)
    assert page_now() > moments[0]


def test_nobody_but_the_owner_moves_it(role: str) -> None:  # noqa: F811
    grant_runtime(role)
    for act in (
        "INSERT INTO assize_clock (microseconds) VALUES (1)",
        "UPDATE assize_clock SET microseconds = 1",
        "DELETE FROM assize_clock",
        "CREATE OR REPLACE FUNCTION assize_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
        "CREATE TABLE assize_clock (microseconds bigint)",
    ):
        with acting_as(role), pytest.raises(ProgrammingError), transaction.atomic():
            run(act)
    with acting_as(role):
        # A table of one's own under the same name changes nothing: the function names its schema.
        run(
            "CREATE TEMPORARY TABLE assize_clock (microseconds bigint); INSERT INTO assize_clock VALUES (9000000000000)"
        )
        assert clock.now() == About(PLAYED_AT)


@pytest.mark.parametrize(
    "replaced",
    [
        "CREATE OR REPLACE FUNCTION assize_now() RETURNS timestamptz LANGUAGE sql SET search_path TO pg_catalog "
        "AS 'SELECT pg_catalog.clock_timestamp() - interval ''1 hour'''",
        "CREATE SCHEMA other; CREATE FUNCTION other.assize_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
        "ALTER FUNCTION assize_now() RESET search_path",
        "ALTER FUNCTION assize_now() SECURITY DEFINER",
    ],
)
def test_a_deployment_with_another_clock_is_refused(monkeypatch: pytest.MonkeyPatch, replaced: str) -> None:
    monkeypatch.setattr(settings, "MODE", "deploy")
    assert clock_is_the_databases_own(databases=None) == []
    assert [found.id for found in clock_is_the_databases_own(databases=["default"])] == ["assize.E001"]
    run(clock_functions.FIXED)
    assert clock_is_the_databases_own(databases=["default"]) == []
    run(replaced)
    assert [found.id for found in clock_is_the_databases_own(databases=["default"])] == ["assize.E001"]


def test_the_command_shows_the_clock_and_sets_it_forward(capsys: pytest.CaptureFixture[str]) -> None:
    set_clock(dt.datetime(2026, 12, 1, 8, tzinfo=dt.UTC))
    call_command("clock")
    call_command("clock", to="2026-12-07 09:00")
    assert [line[:16] for line in capsys.readouterr().out.splitlines()] == ["2026-12-01 16:00", "2026-12-07 09:00"]
    with pytest.raises(CommandError, match="only goes forward"):
        call_command("clock", to="2026-12-06 09:00")
    with pytest.raises(CommandError, match="is not a moment"):
        call_command("clock", to="tomorrow")


def test_no_deployment_has_a_clock_to_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    run(clock_functions.FIXED)
    with pytest.raises(CommandError, match="not a demonstration"):
        call_command("clock", to="2036-12-07 09:00")
    clock_functions.make_movable()
    monkeypatch.setattr(settings, "IS_DEMO", False)
    with pytest.raises(CommandError, match="not a demonstration"):
        call_command("clock", to="2036-12-07 09:00")
