"""The pages of periods in a real browser: accessible, and no wider than a small phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from allocation.models import Arrear, Collection, Payout, Period
from allocation.selectors.asking import silence
from allocation.services.asking import ask_all_again
from allocation.services.dissolutions import propose_dissolution
from allocation.services.failures import read_failures
from allocation.services.payments import collect, pay
from members.models import Dissolution, Membership, Plan, User
from tests.allocation.making import charge, its_notice_day, make_approved_claim, make_members, publish, refuse, reject
from tests.allocation.stage import BACKEND
from tests.factories import make_membership, make_person, make_plan_version, make_user
from tests.moving import move_clock

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 800}


@pytest.fixture
def reviewer(settings: Any) -> User:
    """A reviewer who is a member too, with a period of every kind and a payout of unknown fate."""
    user = make_user("both@test.example", "reviewer")
    version = make_plan_version()
    make_membership(version.plan, make_person(user=user))
    refuse(*make_members(version.plan, 12_345)[:2], Membership.objects.get(person__user=user))
    make_approved_claim(version, 300_000_00)
    gone = make_approved_claim(version, 100_000_00)
    period = publish(version.plan)
    reject(gone)
    charge(period)
    collection = Collection.objects.get()
    collect(collection_id=collection.pk)
    read_failures(collection_id=collection.pk)
    settings.PAYMENT_GATEWAY = "tests.allocation.making.DeadBank"
    pay(payout_id=Payout.objects.get().pk)
    move_clock(hours=7)
    for _each in range(4):
        pay(payout_id=Payout.objects.get().pk)
    assert silence() is not None
    ask_all_again(by=user)
    make_approved_claim(version, 50_000_00)
    make_approved_claim(version, 50_000_00, hold_reason="papers awaited")
    return user


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_is_accessible_and_fits_a_phone(
    live_server: Any, page: Page, axe: Callable[[Page], None], reviewer: User, language: str
) -> None:
    client = Client()
    client.force_login(reviewer, backend=BACKEND)
    session = client.cookies["sessionid"].value
    page.context.add_cookies(
        [
            {"name": "sessionid", "value": session, "url": live_server.url},
            {"name": "django_language", "value": language, "url": live_server.url},
        ]
    )
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    period = Period.objects.get()
    notice, desk = f"/periods/xhb/{period.notice_on}/", "/board/periods/xhb/"
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    paths = ["/periods/", notice, "/statements/", "/board/periods/", desk, desk + "publish/", "/board/ledger/xhb/"]
    paths += [
        "/board/payments/",
        "/board/payments/ask/",
        "/board/arrears/",
        "/board/arrears/xhb/",
        f"/statements/{Arrear.objects.get(membership__person__user=reviewer).membership_id}/pay/",
    ]
    for path in paths:
        page.goto(live_server.url + path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    assert not errors


def test_by_keyboard_and_without_scripts(live_server: Any, page_factory: Callable[..., Page], reviewer: User) -> None:
    page = page_factory(java_script_enabled=False)
    client = Client()
    client.force_login(reviewer, backend=BACKEND)
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    its_notice_day(Plan.objects.get())
    page.goto(live_server.url + "/board/periods/xhb/")
    for name in ("Publish this notice…", "Publish the notice"):
        button = page.get_by_role("link" if name.endswith("…") else "button", name=name)
        button.focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
    latest = Period.objects.latest("notice_on")
    assert page.url.endswith(f"/periods/xhb/{latest.notice_on}/")
    assert latest.noticed_by == reviewer


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_end_of_a_plan_is_accessible_and_fits_a_phone(
    live_server: Any, page: Page, axe: Callable[[Page], None], reviewer: User, language: str
) -> None:
    """What another reviewer proposed is confirmed with one press; then everybody reads when the plan ends."""
    found = propose_dissolution(plan=Plan.objects.get(), by=make_user("first@test.example", "reviewer"))
    client = Client()
    client.force_login(reviewer, backend=BACKEND)
    session = client.cookies["sessionid"].value
    page.context.add_cookies(
        [
            {"name": "sessionid", "value": session, "url": live_server.url},
            {"name": "django_language", "value": language, "url": live_server.url},
        ]
    )
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    period, end = Period.objects.get(), "/board/plans/xhb/end/"

    def look(path: str) -> None:
        page.goto(live_server.url + path)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path

    for path in ("/home/", f"/periods/xhb/{period.notice_on}/", end):
        look(path)
    confirm = page.locator(f"form[action='/board/dissolutions/{found.pk}/confirm/'] button")
    confirm.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Dissolution.objects.get(pk=found.pk).confirmed_by == reviewer
    for path in (end, "/home/", "/board/periods/xhb/", f"/periods/xhb/{period.notice_on}/", "/plans/xhb/"):
        look(path)
