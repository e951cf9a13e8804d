"""The eyes of the journeys: each fault that they are to find, on a page that has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.journeys.looking import Complaints, faults_of
from tests.journeys.visitor import PHONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

GOOD = '<!DOCTYPE html><html lang="en"><head><title>Good</title></head><body><main><h1>Good</h1>{}</main></body></html>'
STRICT = {"content-type": "text/html", "content-security-policy": "default-src 'self'; style-src 'self'"}


def _shown(page: Page, source: str) -> list[str]:
    complaints = Complaints(page)
    page.route("**/*", lambda route: route.fulfill(body=source, headers=STRICT))
    page.goto("http://journey.test/")
    return faults_of(page) + complaints.take()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (GOOD.replace('lang="en"', 'lang="fr"').format(""), "html lang is 'fr', not 'en'"),
        (GOOD.format("<h1>Again</h1>"), "not one h1"),
        (GOOD.replace("<h1>Good</h1>", "<h2>Low</h2>").format(""), "not one h1"),
        (GOOD.format("<pre>" + "wide" * 200 + "</pre>"), "px wider than the screen: <pre>"),
        (GOOD.format("<input name='nameless'>"), "label: input"),
        (GOOD.format("<p style='color: red'>Red</p>"), "console: "),
        (GOOD.format("<script src='/broken.js'></script>"), "script: "),
    ],
)
def test_a_fault_is_found(page_factory: Callable[..., Page], source: str, told: str) -> None:
    faults = _shown(page_factory(viewport=PHONE), source)
    assert any(told in fault for fault in faults), faults


def test_a_good_page_has_none(page_factory: Callable[..., Page]) -> None:
    assert _shown(page_factory(viewport=PHONE), GOOD.format("<p>Nothing is wrong.</p>")) == []
