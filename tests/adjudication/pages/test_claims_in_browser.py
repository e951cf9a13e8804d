"""Members and investigators in a real browser: on a phone, without script, and searching as they type."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from adjudication.models import Claim, ClaimDraft
from adjudication.services.drafts import save_step, start_draft
from adjudication.services.evidence import add_files
from adjudication.services.investigations import return_report
from members.models import User
from tests.adjudication.making import PDF, days_ago, investigated_claim, make_claim, pdf, record_all, taken
from tests.cast import Cast
from tests.factories import make_membership, make_person

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 360, "height": 740}


def sign_in(page: Page, live_server: LiveServer, user: User) -> None:
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])


def _member_paths(cast: Cast) -> list[str]:
    claim = make_claim(cast.membership, cast.member)
    add_files(uploads=[pdf()], kind="diagnosis", title="Report", by=cast.member, claim=claim)
    draft = start_draft(by=cast.member)
    save_step(draft_id=draft.pk, step="hospital", answers={"hospital": "Ruijin", "account": "x"}, by=cast.member)
    add_files(uploads=[pdf()], kind="bill", title="A bill", by=cast.member, draft=draft)
    steps = ("who", "diagnosis", "illness", "days", "hospital", "papers", "check", "discard")
    return [
        reverse("claim_list"),
        reverse("claim_new"),
        *(reverse("claim_draft", args=[draft.pk, step]) for step in steps),
        reverse("claim_draft", args=[draft.pk, "diagnosis"]) + "?q=breast",
        reverse("icd10_search") + "?q=breast",
        *(
            reverse(name, args=[claim.ref])
            for name in ("claim_detail", "claim_withdraw", "claim_papers", "claim_nonce")
        ),
    ]


def _investigator_paths(cast: Cast) -> list[str]:
    waiting = make_membership(cast.plan, make_person("Li Lei"))
    make_claim(waiting, cast.reviewer)
    open_one = taken(make_claim(make_membership(cast.plan, make_person("Han Mei")), cast.reviewer), cast.investigator)
    ready = taken(make_claim(make_membership(cast.plan, make_person("Lin Tao")), cast.reviewer), cast.investigator)
    record_all(ready, cast.investigator)
    heard = investigated_claim_of(cast)
    return_report(claim_ref=heard.ref, reason="Ask the second hospital.", by=cast.reviewer)
    again = taken(heard, cast.investigator)
    return [
        *(reverse("worklist") + f"?list={name}" for name in ("waiting", "mine", "signed")),
        reverse("investigation_detail", args=[open_one.pk]),
        reverse("investigation_detail", args=[again.pk]),
        reverse("investigation_detail", args=[heard.investigations.get(round=1).pk]),
        reverse("duty_edit", args=[open_one.pk, "interview"]),
        reverse("duty_edit", args=[heard.investigations.get(round=1).pk, "interview"]),
        reverse("report_sign", args=[open_one.pk]),
        reverse("report_sign", args=[ready.pk]),
    ]


def investigated_claim_of(cast: Cast) -> Claim:
    child = make_membership(cast.plan, make_person("Wei Hua", payer=cast.membership.person))
    return investigated_claim(dataclasses.replace(cast, membership=child))


# In Chinese and in the dark every third page: the parts are the same, and each look takes seconds.
@pytest.mark.parametrize(("locale", "scheme", "every"), [("en-GB", "light", 1), ("zh-CN", "dark", 3)])
def test_every_page_can_be_used_on_a_phone(
    page_factory: Callable[..., Page],
    live_server: LiveServer,
    axe: Callable[[Page], None],
    cast: Cast,
    locale: str,
    scheme: str,
    every: int,
) -> None:
    for user, paths in ((cast.member, _member_paths(cast)), (cast.investigator, _investigator_paths(cast))):
        page = page_factory(viewport=PHONE, locale=locale, color_scheme=scheme)
        sign_in(page, live_server, user)
        for path in paths[::every]:
            answer = page.goto(live_server.url + path)
            assert answer is not None
            assert answer.status == 200, path
            axe(page)
            wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wider == 0, f"{path} is {wider} px wider than the screen"


def test_the_diagnoses_appear_while_one_types(page: Page, live_server: LiveServer, cast: Cast) -> None:
    draft = start_draft(by=cast.member)
    sign_in(page, live_server, cast.member)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(live_server.url + reverse("claim_draft", args=[draft.pk, "diagnosis"]))
    page.locator("#diagnosis-search").press_sequentially("thyroid canc")
    page.get_by_label("C73", exact=False).check()
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_url("**/who/")
    assert ClaimDraft.objects.get(pk=draft.pk).answers["diagnosis"] == {"icd10": "C73"}
    assert complaints == []


def test_a_claim_is_filed_without_script(
    page_factory: Callable[..., Page], live_server: LiveServer, cast: Cast, tmp_path: Path
) -> None:
    paper = tmp_path / "report.pdf"
    paper.write_bytes(PDF)
    page = page_factory(viewport=PHONE, java_script_enabled=False)
    sign_in(page, live_server, cast.member)
    page.goto(live_server.url + reverse("claim_new"))
    page.get_by_role("button", name="Start").click()
    go_on = page.get_by_role("button", name="Save and continue")
    page.get_by_label(cast.membership.person.name, exact=False).check()
    go_on.click()
    go_on.click()
    assert page.get_by_role("alert").get_by_role("link").count() == 1
    page.get_by_label("Search by the name of the illness").fill("breast cancer")
    page.get_by_role("button", name="Search").click()
    page.get_by_label("C50 –", exact=False).check()
    go_on.click()
    page.get_by_label("Severe").check()
    page.get_by_role("group", name="Was it caused by an accident?").or_(
        page.get_by_role("radiogroup", name="Was it caused by an accident?")
    ).get_by_label("No").check()
    go_on.click()
    page.get_by_label("First diagnosis").fill(days_ago(30).isoformat())
    go_on.click()
    page.get_by_label("Hospital that made the diagnosis").fill("Ruijin")
    go_on.click()
    page.locator("input[type=file]").set_input_files(paper)
    go_on.click()
    assert "Check your answers" in page.title()
    page.get_by_role("button", name="Send the claim").click()
    claim = Claim.objects.get()
    assert page.get_by_text(claim.ref).is_visible()
    assert claim.evidence.get().title == "report.pdf"
