"""Jurors, doctors and reviewers in a real browser: on a phone, without script, by keyboard, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from adjudication.models import Decision
from jury.models import Ballot, Opinion
from members.models import User
from tests.adjudication.trials import at_vote, juror_of, vote

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 740}
Look = Callable[[str], None]


def sign_in(page: Page, live_server: LiveServer, user: User) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])


@pytest.fixture
def make_look(live_server: LiveServer, axe: Callable[[Page], None]) -> Callable[[Page], Look]:
    """Opens an address, holds it to WCAG and to the width of the screen."""

    def of(page: Page) -> Look:
        def look(path: str) -> None:
            page.goto(live_server.url + path)
            axe(page)
            wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wider == 0, f"{path} is {wider} px wider than the screen"

        return look

    return of


@pytest.mark.parametrize(("locale", "scheme"), [("en-GB", "light"), ("zh-CN", "dark")])
def test_every_page_can_be_used_on_a_phone(
    page_factory: Callable[..., Page],
    live_server: LiveServer,
    make_look: Callable[[Page], Look],
    locale: str,
    scheme: str,
) -> None:
    trial = at_vote()
    ref, seat = trial.claim.ref, trial.seats[0]
    vote(seat)

    def walk(user: User, *paths: str) -> None:
        page = page_factory(viewport=PHONE, locale=locale, color_scheme=scheme)
        sign_in(page, live_server, user)
        look = make_look(page)
        for path in paths:
            look(path)

    of_seat = [reverse(name, args=[seat.pk]) for name in ("seat_detail", "ballot_cast", "seat_recuse")]
    walk(juror_of(seat), reverse("home"), reverse("seat_list"), *of_seat)
    walk(trial.cast.member, reverse("home"))
    vote(trial.seats[1])
    vote(trial.seats[2], "against")
    trial.advance()
    opinion = Opinion.objects.get(professional=trial.cast.professional)
    asked = reverse("opinion_detail", args=[opinion.pk])
    walk(trial.cast.professional, reverse("home"), reverse("opinion_list"), asked)
    trial.opine("yes")
    walk(trial.cast.professional, reverse("opinion_list"), asked)
    walk(juror_of(seat), reverse("seat_list"), reverse("seat_detail", args=[seat.pk]))
    of_claim = [reverse(name, args=[ref]) for name in ("board_claim", "decision_issue", "report_return")]
    walk(trial.cast.reviewer, reverse("home"), reverse("board"), *of_claim)


def test_a_claim_is_judged_without_script(page_factory: Callable[..., Page], live_server: LiveServer) -> None:
    trial = at_vote()
    for seat, choice in zip(trial.seats, ("support", "support", "against"), strict=True):
        page = page_factory(viewport=PHONE, java_script_enabled=False)
        sign_in(page, live_server, juror_of(seat))
        page.goto(live_server.url + reverse("home"))
        page.get_by_role("link", name=f"Vote on claim {trial.claim.ref}").click()
        page.get_by_role("link", name="Vote", exact=True).click()
        page.get_by_role("button", name="Cast your ballot").click()
        assert page.get_by_role("heading", name="There is a problem").is_visible()
        page.check(f'input[name="choice"][value="{choice}"]')
        page.get_by_role("button", name="Cast your ballot").click()
        assert page.get_by_role("heading", name="Your ballot is cast").is_visible()
    assert Ballot.objects.count() == 3
    assert trial.advance() == "second_opinion"
    for opinion in Opinion.objects.select_related("professional"):
        page = page_factory(viewport=PHONE, java_script_enabled=False)
        sign_in(page, live_server, opinion.professional)
        page.goto(live_server.url + reverse("opinion_detail", args=[opinion.pk]))
        for radio in page.locator('input[name^="answer-"][value="yes"]').all():
            radio.check()
        page.fill("textarea", "The papers show it.")
        page.get_by_role("button", name="Check your answers").click()
        page.get_by_role("button", name="Give this opinion").click()
        assert page.get_by_role("heading", name="Your opinion is given").is_visible()
    trial.advance()
    page = page_factory(java_script_enabled=False)
    sign_in(page, live_server, trial.cast.reviewer)
    page.goto(live_server.url + reverse("home"))
    page.get_by_role("link", name=f"Issue the decision on claim {trial.claim.ref}").click()
    page.get_by_role("button", name="Issue this decision").click()
    assert page.get_by_text("is issued").is_visible()
    assert Decision.objects.get().outcome == "approved"


def test_a_ballot_can_be_cast_by_keyboard_alone(page: Page, live_server: LiveServer) -> None:
    trial = at_vote()
    seat = trial.seats[0]
    sign_in(page, live_server, juror_of(seat))
    page.goto(live_server.url + reverse("seat_detail", args=[seat.pk]))
    page.get_by_role("link", name="Vote", exact=True).press("Enter")
    page.locator('input[name="choice"]').first.focus()
    page.keyboard.press("ArrowDown")
    assert page.locator('input[name="choice"][value="against"]').is_checked()
    page.get_by_role("button", name="Cast your ballot").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Your ballot is cast").first.wait_for()
    assert Ballot.objects.count() == 1
