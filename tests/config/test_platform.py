"""The make targets, the health page, the flush of append-only tables and the browser that the tests themselves use."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection
from django.test import Client, TransactionTestCase

from config import views
from run.embedded import paths

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_make_help_lists_every_target_that_makefile_declares() -> None:
    make = shutil.which("make")
    assert make
    # Inside `make test` the make of this test would be a sub-make, which prints where it goes and comes from.
    environ = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    told = subprocess.run(
        [make, "help"], cwd=paths.BASE_DIR, env=environ, capture_output=True, text=True, check=True
    ).stdout
    listed = {line.split()[1] for line in told.splitlines()}
    phony = next(line for line in (paths.BASE_DIR / "Makefile").read_text().splitlines() if line.startswith(".PHONY:"))
    assert listed == set(phony.split()[1:])


def test_the_scripts_of_the_set_up_need_nothing_installed() -> None:
    for script in sorted((paths.BASE_DIR / "scripts").glob("*.py")):
        subprocess.run(
            [sys.executable, "-S", "-E", "-c", f"import runpy; runpy.run_path({str(script)!r}, run_name='x')"],
            check=True,
        )


@pytest.mark.django_db
def test_the_health_page_reports_database_and_broker(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "broker": True})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_the_health_page_says_which_one_is_missing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views.celery_app.conf, "broker_write_url", "redis://127.0.0.1:1/0")
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"database": True, "broker": False})


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/periods/?plan=%00", "/plans/%00/", "/plans/?next=a%00b"])
def test_an_address_with_nul_is_a_bad_request_and_no_fault_of_the_service(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 400
    assert "This request was not understood" in response.content.decode()


def test_tables_that_refuse_truncate_are_flushed_between_tests_and_guarded_again(transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("create table kept_for_ever (n int)")
        cursor.execute(
            "create function refuse() returns trigger language plpgsql as"
            " $$ begin raise exception 'append only'; end $$"
        )
        cursor.execute(
            "create trigger no_truncate before truncate on kept_for_ever for each statement execute function refuse()"
        )
        cursor.execute("alter table kept_for_ever enable always trigger no_truncate")
    try:
        TransactionTestCase()._fixture_teardown()
        with connection.cursor() as cursor:
            cursor.execute("select tgenabled::text from pg_trigger where tgname = 'no_truncate'")
            assert cursor.fetchone() == ("A",)
        with pytest.raises(DatabaseError, match="append only"), connection.cursor() as cursor:
            cursor.execute("truncate kept_for_ever")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop table kept_for_ever")
            cursor.execute("drop function refuse()")


GOOD = '<!doctype html><html lang="en"><head><title>A</title></head><body><main><h1>A</h1></main></body></html>'


@pytest.mark.browser
def test_axe_passes_a_good_page_and_names_the_fault_of_a_bad_one(page: Page, axe: Callable[[Page], None]) -> None:
    page.set_content(GOOD)
    axe(page)
    page.set_content(GOOD.replace("<h1>A</h1>", '<h1>A</h1><img src="x.png">'))
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)


@pytest.mark.browser
def test_each_page_of_the_factory_is_another_person(page_factory: Callable[..., Page], tmp_path: Path) -> None:
    first, second = page_factory(), page_factory(viewport={"width": 360, "height": 740})
    first.context.add_cookies([{"name": "who", "value": "first", "url": "http://localhost"}])
    assert second.context.cookies() == []
    assert second.viewport_size == {"width": 360, "height": 740}


@pytest.mark.django_db
def test_a_printed_page_says_the_minute_it_was_printed(client: Client) -> None:
    """No fractions of a second: nobody reads them, and they can look like anything, such as a year of birth."""
    assert re.search(r"Printed \d{4}-\d\d-\d\d \d\d:\d\d<", client.get("/").content.decode())
