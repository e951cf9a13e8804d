"""A live service, people at browsers, and the real workers behind it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from config.celery import app
from tests.journeys.visitor import DESK, Visitor
from tests.test_access import world  # noqa: F401 - the demonstration, with its people by role
from tests.waiting import until as wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

    from members.models import User

Enter = Callable[..., Visitor]
Until = Callable[[Callable[[], Any], str], float]


@pytest.fixture
def enter(live_server: LiveServer, page_factory: Callable[..., Page]) -> Enter:
    """Somebody sits down at a browser: signed in as `user`, or as nobody; on a desk, or with a `screen` given."""

    def sit_down(user: User | None = None, screen: dict[str, int] = DESK, **options: Any) -> Visitor:
        has_script = options.get("java_script_enabled", True)
        # A colour that is on its way to another is neither: transitions are for those who have not asked for less.
        page = page_factory(viewport=screen, reduced_motion="reduce", **options)
        visitor = Visitor(page, live_server.url, looks_around=has_script)
        return visitor.is_signed_in_as(user) if user is not None else visitor

    return sit_down


@pytest.fixture
def workers(transactional_db: None) -> Iterator[None]:
    """A real worker on this session's queue and database."""
    environ = {**os.environ, "DATABASE_URL": _test_database_url()}
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool=solo", "--loglevel=WARNING"]
    app.control.purge()
    log = settings.VAR_DIR / "journey-worker.log"
    with log.open("wb") as sink:
        worker = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environ, stdout=sink, stderr=sink)
    try:
        wait_until(lambda: worker.poll() is not None or app.control.ping(timeout=0.5), f"the worker answers; see {log}")
        assert worker.poll() is None, log.read_text()
        yield
    finally:
        # Ended at once: a connection left over would keep the database from being emptied and dropped.
        worker.kill()
        worker.wait(timeout=20)


@pytest.fixture
def until() -> Until:
    """Waits until the workers have done something, and says what did not happen."""
    return wait_until


@pytest.fixture
def clock_strikes(workers: None) -> Callable[[], None]:
    """What beat does every few seconds: ask the worker to sign the log, and to look for whatever is due."""

    def strike() -> None:
        app.send_task("audit.publish")
        app.send_task("adjudication.sweep_deadlines")
        app.send_task("allocation.sweep_payments")
        app.send_task("allocation.sweep_deadlines")

    return strike


def _test_database_url() -> str:
    parts = urlsplit(settings.DATABASE_URL)
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
