"""How long things wait: what each kind of process gets, and that the operators' table says the same."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from typing import cast

import pytest
from celery import Celery
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection, connections, transaction

from audit import nudges
from config import timeouts
from config.database import silence
from config.database.address import database
from config.database.base import BoundedConnection, DatabaseWrapper
from config.timeouts import LIMITS, Limit, Patience, Process
from members.models import User
from tests.factories import make_user
from tests.test_docs import ROOT

TABLE = ROOT / "docs" / "operations" / "timeouts.md"
URL = "postgres://u:p@db.example/claims"


@pytest.fixture(autouse=True)
def _no_silence() -> Iterator[None]:
    """What one test finds out about a database says nothing about the next one's."""
    yield
    silence.ended()


def test_the_table_for_operators_lists_every_limit_with_its_defaults() -> None:
    rows = re.findall(
        r"^\| `([A-Z_]+_(?:SECONDS|S))` \| [^|]+ \| (\d+) \| (\d+) \| (\d+) \| [^|]+ \|$", TABLE.read_text(), re.M
    )
    assert rows == [(one.name, str(one.web), str(one.worker), str(one.command)) for one in LIMITS]


def test_every_limit_of_the_module_is_in_the_list() -> None:
    assert [one for one in vars(timeouts).values() if isinstance(one, Limit)] == list(LIMITS)


@pytest.mark.parametrize("process", Process)
def test_the_limit_on_this_side_is_longer_than_the_servers(process: Process) -> None:
    """Or the answers of statements that the server still allows would be thrown away."""
    statement, answer = timeouts.DATABASE_STATEMENT.seconds(process), timeouts.DATABASE_ANSWER.seconds(process)
    assert (not answer) if not statement else answer > statement > timeouts.DATABASE_LOCK.seconds(process)


@pytest.mark.parametrize(
    ("argv", "variable", "found"),
    [
        (["manage.py", "migrate"], "", Process.COMMAND),
        (["/srv/.venv/bin/celery", "-A", "config"], "", Process.WORKER),
        (["/srv/.venv/lib/celery/__main__.py"], "", Process.WORKER),
        (["manage.py"], "web", Process.WEB),
        ([], "", Process.COMMAND),
    ],
)
def test_a_process_is_known_by_its_program_unless_it_is_said(
    argv: list[str], variable: str, found: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", argv)
    monkeypatch.setenv("ASSIZE_PROCESS", variable)
    assert timeouts.process_kind() is found


def test_a_wrong_kind_and_a_negative_limit_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSIZE_PROCESS", "cron")
    with pytest.raises(ImproperlyConfigured, match="web, worker or command"):
        timeouts.process_kind()
    monkeypatch.setenv("DATABASE_LOCK_SECONDS", "-1")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_LOCK_SECONDS=-1 is negative"):
        database(URL, Process.WEB)


def test_the_address_decides_over_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_STATEMENT_SECONDS", "7")
    found = database(f"{URL}?connect_timeout=9&options=-c%20lock_timeout%3D1", Process.WEB)
    assert found["OPTIONS"]["connect_timeout"] == "9"
    assert found["OPTIONS"]["options"] == (
        "-c statement_timeout=7000 -c lock_timeout=3000 -c idle_in_transaction_session_timeout=30000 -c lock_timeout=1"
    )
    assert found["PATIENCE"] == Patience(answer=6, probe=2, rest=3)


def test_behind_a_pooler_no_options_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_BEHIND_POOLER", "1")
    found = database(URL, Process.WEB)["OPTIONS"]
    assert "options" not in found
    assert found["tcp_user_timeout"] == 6000


@pytest.mark.parametrize("scheme", ["redis", "amqp", "redis+socket"])
def test_a_page_never_waits_for_a_broker(scheme: str) -> None:
    web, worker = (timeouts.broker_options(kind, scheme) for kind in (Process.WEB, Process.WORKER))
    assert web["max_retries"] == 0
    assert (web.get("socket_timeout") or web.get("read_timeout")) == 1
    assert "read_timeout" not in worker


@pytest.fixture
def mute() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield int(listening.getsockname()[1])


def wrapper_for(port: int, **patience: int) -> DatabaseWrapper:
    made = database(f"postgres://u:p@127.0.0.1:{port}/x?connect_timeout=2&sslmode=disable", Process.WEB)
    made |= {"PATIENCE": Patience(**({"answer": 1, "probe": 1, "rest": 60} | patience))}
    defaults = {name: connection.settings_dict[name] for name in ("AUTOCOMMIT", "TIME_ZONE", "TEST")}
    return DatabaseWrapper(defaults | made)


@pytest.mark.django_db
def test_after_one_silence_nobody_else_waits(mute: int) -> None:
    started = time.monotonic()
    with pytest.raises(OperationalError, match="timeout"):
        wrapper_for(mute).ensure_connection()
    assert silence.lasts()
    asked = time.monotonic()
    with pytest.raises(OperationalError, match="did not answer a moment ago"):
        wrapper_for(mute).ensure_connection()
    assert time.monotonic() - asked < asked - started


@pytest.mark.django_db
def test_without_a_rest_every_process_asks_again(mute: int) -> None:
    with pytest.raises(OperationalError, match="timeout"):
        wrapper_for(mute, rest=0).ensure_connection()
    assert not silence.lasts()


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_does_not_come_closes_the_connection() -> None:
    own = cast("DatabaseWrapper", connections.create_connection("default"))
    own.settings_dict = {**own.settings_dict, "PATIENCE": Patience(answer=1, probe=1, rest=0)}
    try:
        with own.cursor() as cursor, pytest.raises(OperationalError, match="no answer within 1 s"):
            cursor.execute("select pg_sleep(3)")
        assert isinstance(own.connection, BoundedConnection)
        assert own.connection.closed
        assert not own.is_usable()
    finally:
        own.close()


@pytest.mark.django_db(transaction=True)
def test_commits_are_counted_and_reads_are_not() -> None:
    wrapper = cast("DatabaseWrapper", connection)
    before = wrapper.commits_begun
    assert not User.objects.filter(email="x").exists()
    assert wrapper.commits_begun == before
    with transaction.atomic():
        make_user("counted@example.org")
    assert wrapper.commits_begun == before + 1
    with transaction.atomic():
        make_user("undone@example.org")
        transaction.set_rollback(True)
    assert wrapper.commits_begun == before + 1


def test_a_nudge_to_a_broker_that_says_nothing_is_lost_and_the_next_ones_cost_nothing(
    mute: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "BROKER_REST_SECONDS", timeouts.BROKER_REST.seconds(Process.WEB))
    monkeypatch.setenv("CELERY_BROKER_URL", f"redis://127.0.0.1:{mute}/0")  # it takes the place of what an app is given
    app = Celery("mute", set_as_current=False)
    app.conf.broker_transport_options = timeouts.broker_options(Process.WEB, "redis")
    app.conf.broker_connection_timeout = 1
    monkeypatch.setattr(nudges, "current_app", app)
    started = time.monotonic()
    assert not nudges.send("any.task", args=[1])
    first = time.monotonic() - started
    assert not any(nudges.send("any.task", args=[number]) for number in range(1000))
    # A thousand together take less than the one that found out.
    assert time.monotonic() - started - first < first
