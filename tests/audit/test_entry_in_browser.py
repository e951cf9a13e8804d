"""The auditor's pages in a real browser: on a phone, in both languages, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from audit.services import append, publish
from tests.cast import Cast

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

REF = "C26-AAAAAA"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("zh-CN", "dark")])
def test_the_log_an_entry_and_a_story_on_a_phone(
    cast: Cast,
    page_factory: Callable[..., Page],
    live_server: LiveServer,
    axe: Callable[[Page], None],
    locale: str,
    scheme: str,
) -> None:
    with transaction.atomic():
        for number in range(5):
            body = {"sha256": "ab" * 32, "nested": {"number": number}}
            entry = append(kind="evidence.added", stream=f"claim:{REF}", by=cast.member, body=body)
    publish()
    client = Client()
    client.force_login(cast.auditor)
    page = page_factory(viewport={"width": 360, "height": 740}, locale=locale, color_scheme=scheme)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    for path in (f"/audit/?stream={REF}", f"/audit/entries/{entry.pk}/", f"/audit/claims/{REF}/"):
        page.goto(live_server.url + path)
        axe(page)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider == 0, f"{path} is {wider} px wider than the screen"

    page.locator("summary").first.click()
    assert page.get_by_text("ab" * 32).first.is_visible()
    page.locator(f'a[href="/audit/entries/{entry.pk}/"]').click()
    assert page.locator("pre").inner_text().startswith("c2sp.org/tlog-proof@v1\nindex ")
