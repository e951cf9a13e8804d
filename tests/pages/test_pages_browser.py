"""The look in a real browser: phone and desk, light and dark, both languages, keyboard, no script, paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.urls import reverse

from tests.factories import make_user
from tests.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.pages.parts_urls"),
]

LOCALES = {"en": "en-GB", "zh-Hans": "zh-CN"}
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
PASSWORD = "secret-word"
SMALLER_THAN_A_FINGER = """() => {
    const wanted = `.button, button, header a, nav a, footer a, select, textarea, summary, .choice,
        .field input:not([type=radio], [type=checkbox])`;
    return [...document.querySelectorAll(wanted)]
        .filter(each => each.getClientRects().length && each.getBoundingClientRect().height < 43.9)
        .map(each => each.outerHTML.slice(0, 90));
}"""


@pytest.fixture(autouse=True)
def _nobody_tried_before() -> None:
    cache.clear()


def _public_paths() -> list[str]:
    names = ["front", "account_login", "account_signup", "account_reset_password"]
    return [*(reverse(name) for name in names), "/no/such/page/", "/test/parts/", "/test/parts/?bad"]


def _own_paths() -> list[str]:
    names = ["account_email", "account_change_password", "account_logout", "mfa_index", "mfa_activate_totp"]
    return [reverse(name) for name in [*names, "mfa_list_webauthn"]]


def _sign_in(page: Page, live_server: LiveServer, email: str) -> None:
    page.goto(live_server.url + reverse("account_login"))
    page.fill("#id_login", email)
    page.fill("#id_password", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: reverse("account_login") not in url)


def _look_at(page: Page, url: str, axe: Callable[[Page], None], language: str) -> None:
    complaints: list[str] = []

    def note(message: object) -> None:
        text = str(getattr(message, "text", message))
        # The page asked for may be an error page on purpose; a blocked style or script never is.
        if "Failed to load resource" not in text:
            complaints.append(text)

    page.on("console", note)
    page.on("pageerror", note)
    page.goto(url)
    assert page.locator("html").get_attribute("lang") == language
    axe(page)
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider == 0, f"{url} is {wider} px wider than the screen"
    assert complaints == []
    page.remove_listener("console", note)
    page.remove_listener("pageerror", note)


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_public_pages_can_be_used_by_everybody(
    live_server: LiveServer,
    page_factory: Callable[..., Page],
    axe: Callable[[Page], None],
    screen: dict[str, int],
    scheme: str,
    language: str,
) -> None:
    page = page_factory(viewport=screen, color_scheme=scheme, locale=LOCALES[language])
    for path in _public_paths():
        _look_at(page, live_server.url + path, axe, language)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_about_the_own_account_can_be_used_by_everybody(
    live_server: LiveServer,
    page_factory: Callable[..., Page],
    axe: Callable[[Page], None],
    screen: dict[str, int],
    scheme: str,
) -> None:
    make_user("member@test.example")
    page = page_factory(viewport=screen, color_scheme=scheme)
    _sign_in(page, live_server, "member@test.example")
    _look_at(page, live_server.url + reverse("account_reauthenticate"), axe, "en")
    page.fill("#id_password", PASSWORD)
    page.click("main form button[type=submit]")
    page.wait_for_url(lambda url: reverse("account_reauthenticate") not in url)
    for path in _own_paths():
        _look_at(page, live_server.url + path, axe, "en")


def test_a_finger_hits_and_an_eye_reads_on_a_phone(live_server: LiveServer, page_factory: Callable[..., Page]) -> None:
    page = page_factory(viewport=PHONE)
    page.goto(live_server.url + "/test/parts/")
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "17px"
    small = page.evaluate(SMALLER_THAN_A_FINGER)
    assert small == []


def test_the_keyboard_reaches_the_content_first(live_server: LiveServer, page: Page) -> None:
    page.goto(live_server.url + "/test/parts/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip-link"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_list_of_mistakes_has_the_focus_and_leads_to_the_field(live_server: LiveServer, page: Page) -> None:
    page.goto(live_server.url + "/test/parts/?bad")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.click(".error-summary a[href='#id_side_0']")
    assert page.evaluate("document.activeElement.id") == "id_side_0"


def test_without_script_one_can_switch_the_language_and_sign_in_by_keyboard(
    live_server: LiveServer, page_factory: Callable[..., Page]
) -> None:
    make_user("member@test.example")
    page = page_factory(java_script_enabled=False, viewport=PHONE)
    page.goto(live_server.url + reverse("account_login"))
    page.click("text=简体中文")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.focus("#id_login")
    page.keyboard.type("member@test.example")
    page.focus("#id_password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: reverse("account_login") not in url)
    page.goto(live_server.url + reverse("account_email"))
    assert page.locator(f"form[action='{reverse('account_logout')}'] button").count() == 1


def test_a_form_is_sent_once_however_often_the_button_is_pressed(live_server: LiveServer, page: Page) -> None:
    page.goto(live_server.url + reverse("account_reset_password"))
    sent = page.evaluate(
        """() => {
            let count = 0;
            document.addEventListener('submit', (event) => { if (!event.defaultPrevented) { count += 1; }
                event.preventDefault(); });
            const button = document.querySelector('main form button[type=submit]');
            button.click(); button.click(); button.click();
            return count;
        }"""
    )
    assert sent == 1


def test_on_paper_there_is_the_content_and_no_controls(live_server: LiveServer, page: Page) -> None:
    page.goto(live_server.url + "/test/parts/")
    page.emulate_media(media="print")
    assert page.locator("main h1").is_visible()
    assert page.locator(".site-header .brand").is_visible()
    for control in (".site-tools", ".pagination", ".back-link", "main .button"):
        assert not page.locator(control).first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_a_wide_table_scrolls_by_keyboard_inside_its_region(
    live_server: LiveServer, page_factory: Callable[..., Page]
) -> None:
    page = page_factory(viewport=PHONE)
    page.goto(live_server.url + "/test/parts/")
    region = page.locator(".table-region[aria-label=Wide]")
    region.focus()
    page.keyboard.press("ArrowRight")
    until(lambda: region.evaluate("region => region.scrollLeft") > 0, "the region scrolls")
