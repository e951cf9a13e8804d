"""The pages of memberships in a real browser: accessible, and no wider than a small phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit import clock
from tests.allocation.stage import BACKEND
from tests.factories import make_membership, make_person, make_plan_version, make_user

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_memberships_and_moves_are_accessible_and_fit_a_phone(
    live_server: Any, page: Page, axe: Callable[[Page], None], language: str
) -> None:
    version = make_plan_version()
    make_plan_version("xhb-senior-2019-05-01")
    user = make_user("member@test.example")
    payer = make_person(user=user)
    waiting = make_membership(version.plan, payer, joined_at=clock.now())
    today = timezone.localdate(clock.now())
    elder = make_membership(version.plan, make_person("Elder", today.replace(year=today.year - 62, day=1), payer=payer))
    client = Client()
    client.force_login(user, backend=BACKEND)
    session = client.cookies["sessionid"].value
    page.context.add_cookies(
        [
            {"name": "sessionid", "value": session, "url": live_server.url},
            {"name": "django_language", "value": language, "url": live_server.url},
        ]
    )
    page.set_viewport_size({"width": 360, "height": 800})
    for path in (
        reverse("home"),
        reverse("membership_moves", args=[waiting.pk]),
        reverse("membership_move", args=[elder.pk, "xhb-senior"]),
        reverse("membership_join", args=["xhb"]),
    ):
        page.goto(live_server.url + path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
