"""The pages of plan drafts and of what-if in a real browser: accessible, no wider than a phone, and without scripts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from members.models import PlanDraft, User
from members.services.plan_drafts import propose_draft, start_draft
from tests.adjudication.deciding import make_decided_claim
from tests.allocation.making import charge, make_members, publish
from tests.factories import SHANGHAI, make_plan_version, make_user
from tests.members.services.test_plan_drafts import next_version

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BACKEND = "members.sessions.LogInBackend"
PHONE = {"width": 360, "height": 800}


@pytest.fixture
def drafts() -> tuple[PlanDraft, PlanDraft, PlanDraft]:
    """One that is wrong, one being written, one that somebody else proposed; and a period to ask about."""
    version = make_plan_version()
    make_plan_version("xhb-2019-01-01")
    make_members(version.plan, 20)
    make_decided_claim(version, decided_at=dt.datetime(2026, 3, 1, tzinfo=SHANGHAI))
    charge(publish(version.plan, dt.date(2026, 3, 7)))
    other = make_user("other@test.example", "reviewer", name="Chen")
    source = next_version().replace('amount = "300,000"', 'amount = "200,000"')
    wrong = start_draft(source=source.replace("seats = 7", "seats = 6"), by=other)
    written = start_draft(source=source, based_on=version, by=other)
    proposed = start_draft(source=source, based_on=version, by=other)
    return wrong, written, propose_draft(draft_id=proposed.pk, revision=1, by=other)


def sign_in(page: Page, url: str, user: User, language: str = "en") -> None:
    client = Client()
    client.force_login(user, backend=BACKEND)
    cookies = {"sessionid": client.cookies["sessionid"].value, "django_language": language}
    page.context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_is_accessible_and_fits_a_phone(
    live_server: Any,
    page: Page,
    axe: Callable[[Page], None],
    drafts: tuple[PlanDraft, PlanDraft, PlanDraft],
    language: str,
) -> None:
    sign_in(page, live_server.url, make_user("reviewer@test.example", "reviewer"), language)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    wrong, written, proposed = (f"/board/plans/drafts/{draft.pk}/" for draft in drafts)
    what_if = f"/board/plans/xhb/what-if/?against=draft-{drafts[1].pk}"
    for path in (
        "/board/plans/drafts/",
        "/board/plans/drafts/new/",
        *(wrong, wrong + "edit/"),
        *(written, written + "edit/", written + "propose/", written + "withdraw/"),
        *(proposed, proposed + "publish/", proposed + "send-back/"),
        *("/board/plans/xhb/what-if/", what_if),
        "/plans/xhb/differences/",
    ):
        page.goto(live_server.url + path)
        page.wait_for_load_state("networkidle")
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    assert not errors


def test_the_effect_comes_into_the_draft_s_page(
    live_server: Any, page: Page, drafts: tuple[PlanDraft, PlanDraft, PlanDraft]
) -> None:
    sign_in(page, live_server.url, make_user("auditor@test.example", "auditor"))
    page.goto(f"{live_server.url}/board/plans/drafts/{drafts[1].pk}/")
    page.get_by_text("Of the last 1 decided claims, 1 would be decided differently.").wait_for()


def test_published_by_a_second_reviewer_without_scripts(
    live_server: Any, page_factory: Callable[..., Page], drafts: tuple[PlanDraft, PlanDraft, PlanDraft]
) -> None:
    page = page_factory(java_script_enabled=False)
    sign_in(page, live_server.url, make_user("reviewer@test.example", "reviewer"))
    page.goto(f"{live_server.url}/board/plans/drafts/")
    for role, name in (("link", f"Draft {drafts[2].pk} for plan xhb"), ("button", "Confirm and publish")):
        place = page.get_by_role(role, name=name)  # type: ignore[arg-type]
        place.focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
    page.get_by_text("Version 2990-01-01 of plan xhb is published.").wait_for()
    assert PlanDraft.objects.get(pk=drafts[2].pk).status == "published"
