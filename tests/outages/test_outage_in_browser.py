"""The error page in a browser: readable on a phone, accessible, and a way back to what was typed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from run.embedded import paths
from tests.outages.service import Service
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "typing@example.org", "a long word for tests"
TYPED = "It began in spring, and it took me an hour to write this."


def make_login(service: Service) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "create_login", EMAIL],
        input=f"{PASSWORD}\n",
        cwd=paths.BASE_DIR,
        env=service.environ,
        text=True,
        check=True,
        capture_output=True,
    )


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_the_page_is_readable_on_every_screen(
    service: Service, page_factory: Callable[..., Page], axe: Callable[[Page], None], width: int, locale: str
) -> None:
    with service.web() as web, service.database_stopped():
        page = page_factory(viewport={"width": width, "height": 800}, locale=locale)
        response = page.goto(web.address)
        assert response is not None
        assert response.status == 503
        axe(page)
        # Nothing sticks out to the side, and the one thing to do is a link of its own.
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.get_by_role("link", name="重试" if locale == "zh-CN" else "Try again").is_visible()


def test_what_was_typed_is_kept_until_it_is_taken(service: Service, page_factory: Callable[..., Page]) -> None:
    make_login(service)
    with service.web() as web:
        page = page_factory()
        page.goto(f"{web.address}/accounts/login/")
        page.get_by_label("Email").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        token = page.locator("input[name=csrfmiddlewaretoken]").first.input_value()
        begun = page.request.post(
            f"{web.address}/claims/new/",
            form={"csrfmiddlewaretoken": token},
            headers={"Referer": f"{web.address}/claims/new/"},
        )
        hospital = f"{begun.url.rstrip('/').rpartition('/')[0]}/hospital/"
        page.goto(hospital)
        page.get_by_label("Hospital").fill("Ruijin Hospital")
        page.locator("textarea").fill(TYPED)
        with service.database_stopped():
            page.locator("main form button[type=submit]").first.click()
            page.get_by_role("heading", name="The service is not available right now", level=1).wait_for()
            assert "Nothing that you sent was stored." in page.inner_text("main")

        def is_taken() -> bool:
            with page.expect_response(hospital) as sent:
                page.get_by_role("button", name="Send it again").click()
            return sent.value.status == 302

        # Each process of the web server finds out for itself that the database is back; the page keeps what was typed.
        until(is_taken, "what was typed is taken")
        page.goto(hospital)
        assert page.locator("textarea").input_value() == TYPED
