"""The jury's own pages in a real browser: accessible, and no wider than a small phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from tests.factories import make_membership, make_person, make_plan_version, make_user
from tests.jury.conftest import CASE, Court

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 800}


@pytest.fixture
def court(transactional_db: None) -> Court:
    version = make_plan_version()
    return Court(version, make_membership(version.plan, make_person("Chen Ill", user=make_user())))


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_the_record_of_a_draw(live_server: Any, page: Page, axe: Callable[[Page], None], court: Court) -> None:
    court.add_juror(court.claimant.person)
    court.add_jurors(4)
    court.drawn()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{live_server.url}/draws/{CASE}/1/")
    axe(page)
    assert fits(page)


def test_the_exam(live_server: Any, page: Page, axe: Callable[[Page], None], court: Court, client: Client) -> None:
    user = make_user()
    make_membership(court.plan, make_person(user=user))
    client.force_login(user)
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{live_server.url}/jury/join/")
    axe(page)
    assert fits(page)
    page.get_by_role("button", name="Send my answers").click()
    assert page.get_by_role("alert").is_visible()
    axe(page)
    assert fits(page)
