"""What every test may ask for: the database and broker, the flush of append-only tables, a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from celery import current_app
from django.conf import settings
from django.db import connection, connections
from django.test import TransactionTestCase
from django.utils import translation

from audit import nudges
from config.celery import app
from tests.cast import cast  # noqa: F401
from tests.guards import untold
from tests.kinds import declare_kinds
from tests.moving import PLAYED_AT, start_clock
from tests.unsaved import _every_change_is_saved  # noqa: F401

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

# How long an example takes says what else the machine does, and decides no test.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WCAG_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_TRUNCATE_TRIGGERS = """
    select format('%I.%I', n.nspname, c.relname), quote_ident(t.tgname), t.tgenabled::text
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where not t.tgisinternal and t.tgtype & 32 <> 0 and t.tgenabled <> 'D'
"""
_KEPT = {"django_migrations", "django_content_type", "auth_permission", "assize_clock"}
_DATABASE_FIXTURES = {"db", "transactional_db", "django_db_serialized_rollback", "live_server"}
_ENABLE = {"O": "enable", "A": "enable always", "R": "enable replica"}


LONGEST_FIRST = (
    "tests/journeys",
    "tests/upgrade",
    "tests/run",
    "tests/outages",
    "tests/bench",
    "tests/test_clock_set_back.py",
)
"""Where tests take a minute and more: one that began last would keep one process busy and the others idle."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest; the rest stays in its order."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST_FIRST))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, embedded_servers: object) -> None:
    """The servers are started before the test database is made."""


@pytest.fixture(autouse=True, scope="session")
def _kinds_of_the_tests() -> None:
    """Tests of the log write entries that are no room's."""
    declare_kinds()


@pytest.fixture(autouse=True)
def _the_day_of_the_tests(request: pytest.FixtureRequest) -> None:
    """Every test begins at the same moment, before anything else of it is made."""
    if request.node.get_closest_marker("django_db") or _DATABASE_FIXTURES & set(request.fixturenames):
        request.getfixturevalue("db")
        start_clock(PLAYED_AT)


@pytest.fixture(autouse=True)
def _one_celery_app() -> Iterator[None]:
    """An app that a test makes and leaves as the current one would take the nudges of all tests after it."""
    yield
    assert current_app._get_current_object() is app, "make it with set_as_current=False"


@pytest.fixture(autouse=True)
def _everyone_is_told(request: pytest.FixtureRequest, _the_day_of_the_tests: None) -> Iterator[None]:
    """An act that should tell somebody and does not is a fault of whichever test performs it."""
    yield
    is_with_database = request.node.get_closest_marker("django_db") or _DATABASE_FIXTURES & set(request.fixturenames)
    if not is_with_database or request.node.get_closest_marker("bare_entries") or not _is_usable(connection):
        return
    assert not (found := untold()), "\n".join(found)


def _is_usable(connection: Any) -> bool:
    """Whether the test has left the connection so that something can be asked of it."""
    return not connection.needs_rollback and (connection.connection is None or connection.is_usable())


@pytest.fixture(autouse=True)
def _no_rest_after_a_lost_nudge(monkeypatch: pytest.MonkeyPatch) -> None:
    """A nudge that set-up loses on a busy machine must not keep back the one that the test looks for."""
    nudges.forget_losses()
    monkeypatch.setattr(settings, "BROKER_REST_SECONDS", 0)


@pytest.fixture(autouse=True)
def _language_of_the_settings() -> Iterator[None]:
    """A page asked for in another language leaves it switched on in its thread: no test may inherit it."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


def _empty_what_was_filled(cursor: Any) -> None:
    """Delete the rows of the few tables that have any: much quicker than to truncate all of them.

    As a replica the session fires no trigger, so that append-only tables and references do not stand in the way.
    """
    cursor.execute("select tablename from pg_tables where schemaname = current_schema()")
    tables = [name for (name,) in cursor.fetchall() if name not in _KEPT]
    cursor.execute(" union all ".join(f"(select '{name}' from \"{name}\" limit 1)" for name in tables))
    filled = [name for (name,) in cursor.fetchall()]
    cursor.execute("set session_replication_role = replica")
    try:
        for name in filled:
            cursor.execute(f'delete from "{name}"')
    finally:
        cursor.execute("set session_replication_role = origin")


def _truncate_with_guards_lifted(self: TransactionTestCase, truncate: Callable[[TransactionTestCase], None]) -> None:
    """Django's own way, for an owner who is no superuser: append-only tables refuse it, so their guards are lifted."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    try:
        for alias in self._databases_names(include_mirrors=False):
            with connections[alias].cursor() as cursor:
                cursor.execute(_TRUNCATE_TRIGGERS)
                found[alias] = cursor.fetchall()
                for table, trigger, _mode in found[alias]:
                    cursor.execute(f"alter table {table} disable trigger {trigger}")
        truncate(self)
    finally:
        for alias, triggers in found.items():
            with connections[alias].cursor() as cursor:
                for table, trigger, mode in triggers:
                    cursor.execute(f"alter table {table} {_ENABLE[mode]} trigger {trigger}")


@pytest.fixture(autouse=True, scope="session")
def _flush_of_append_only_tables() -> Iterator[None]:
    """How the database is emptied after a test that commits."""
    original = TransactionTestCase._fixture_teardown

    def emptied(self: TransactionTestCase) -> None:
        for alias in self._databases_names(include_mirrors=False):
            with connections[alias].cursor() as cursor:
                cursor.execute("select rolsuper from pg_roles where rolname = current_user")
                if not cursor.fetchone()[0]:
                    _truncate_with_guards_lifted(self, original)
                    return
                _empty_what_was_filled(cursor)

    TransactionTestCase._fixture_teardown = emptied  # type: ignore[method-assign]
    yield
    TransactionTestCase._fixture_teardown = original  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser of this machine; without one the browser tests fail, never skip."""
    found = next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("No Chromium on this machine: apt-get install chromium fonts-noto-cjk", pytrace=False)
    return found


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One headless Chromium for the session."""
    from playwright.sync_api import sync_playwright

    arguments = ["--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"]
    arguments += ["--disable-sync", "--no-first-run"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    # The driver keeps an event loop in this thread; Django would take every query for one made inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        yield running
        running.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def page_factory(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Makes a page with cookies of its own, one for each person in a test; takes `browser.new_context` options."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> Page:
        context = browser.new_context(**({"locale": "en-GB", "viewport": {"width": 1280, "height": 900}} | options))
        # Patient: a machine that is busy with something else is no fault of the page.
        context.set_default_timeout(45_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(page_factory: Callable[..., Page]) -> Page:
    """One person's page."""
    return page_factory()


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """Fails when a page breaks WCAG 2.2 AA, naming the rule and the elements."""
    from axe_playwright_python.sync_playwright import Axe

    checker = Axe()

    def check(page: Page) -> None:
        options = {"runOnly": {"type": "tag", "values": WCAG_TAGS}}
        violations = checker.run(page, options=options).response["violations"]
        told = [
            f"{violation['id']} ({violation['impact']}): {violation['help']}\n    "
            + "\n    ".join(node["html"] for node in violation["nodes"][:5])
            for violation in violations
        ]
        assert not told, f"{page.url} breaks WCAG 2.2 AA:\n" + "\n".join(told)

    return check
