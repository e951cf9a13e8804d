"""What every test may ask for: the database and broker, the flush of append-only tables, a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase
from django.utils import translation

from tests.cast import cast  # noqa: F401

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WCAG_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_TRUNCATE_TRIGGERS = """
    select format('%I.%I', n.nspname, c.relname), quote_ident(t.tgname), t.tgenabled::text
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where not t.tgisinternal and t.tgtype & 32 <> 0 and t.tgenabled <> 'D'
"""
_KEPT = {"django_migrations", "django_content_type", "auth_permission"}
_ENABLE = {"O": "enable", "A": "enable always", "R": "enable replica"}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, embedded_servers: object) -> None:
    """The servers are started before the test database is made."""


@pytest.fixture(autouse=True)
def _language_of_the_settings() -> Iterator[None]:
    """A page asked for in another language leaves it switched on in its thread: no test shall inherit it."""
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
