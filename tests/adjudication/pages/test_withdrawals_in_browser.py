"""A withdrawn record in a real browser: on a phone, without script, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from adjudication.models import Withdrawal
from tests.adjudication.making import make_claim, make_withdrawal, taken
from tests.cast import Cast

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("locale", "scheme", "button"), [("en-GB", "light", "Note the withdrawal"), ("zh-CN", "dark", "提交撤回说明")]
)
def test_it_is_read_and_noted_on_a_phone_without_script(
    page_factory: Callable[..., Page],
    live_server: LiveServer,
    axe: Callable[[Page], None],
    cast: Cast,
    locale: str,
    scheme: str,
    button: str,
) -> None:
    claim = make_claim(cast.membership, cast.member, icd10="C50.911")
    investigation = taken(claim, cast.investigator)
    withdrawal = make_withdrawal(claim)
    plain = page_factory(locale=locale, color_scheme=scheme, viewport={"width": 360, "height": 740})
    quiet = page_factory(locale=locale, viewport={"width": 360, "height": 740}, java_script_enabled=False)
    client = Client()
    client.force_login(cast.investigator)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    for page in (plain, quiet):
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    for name, number in (("investigation_detail", investigation.pk), ("withdrawal", withdrawal.pk)):
        plain.goto(live_server.url + reverse(name, args=[number]))
        axe(plain)
        wider = plain.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider == 0
    quiet.goto(live_server.url + reverse("withdrawal", args=[withdrawal.pk]))
    quiet.fill("textarea", "The ward confirms it.")
    quiet.get_by_role("button", name=button).click()
    assert "The ward confirms it." in quiet.content()
    assert Withdrawal.objects.get().noted_by == cast.investigator
