"""The page on which an applicant asks for the jury, or accepts that the claim is rejected."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.test import Client

from adjudication.selectors.answers import latest_answer
from adjudication.services.holds import place_hold
from tests.adjudication.trials import AGAINST, DISPUTED, Trial, make_trial, small_cast

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer


@pytest.fixture
def trial(db: None) -> Trial:
    """A claim that the investigator would reject, whose applicant is asked."""
    trial = make_trial(small_cast(DISPUTED), report=AGAINST, jurors=3)
    trial.advance()
    return trial


def member_of(trial: Trial) -> Client:
    client = Client()
    client.force_login(trial.cast.member)
    return client


def address(trial: Trial) -> str:
    return f"/claims/{trial.claim.ref}/answer/"


def test_the_way_from_the_start_page_to_the_jury(trial: Trial) -> None:
    client = member_of(trial)
    task = f"Claim {trial.claim.ref} would be rejected: ask for the jury, or accept it"
    assert task in client.get("/home/").content.decode()
    assert "Read the report and answer" in client.get(f"/claims/{trial.claim.ref}/").content.decode()
    page = client.get(address(trial)).content.decode()
    for said in ("All papers agree.", "The papers agree with what the member says.", "You can answer until:"):
        assert said in page
    assert "Seen and checked." not in page  # the report itself names people; the summary does not
    done = client.post(address(trial), {"choice": "jury"}, follow=True).content.decode()
    assert "A jury of members will judge the claim." in done
    assert "The applicant asked for the jury" in done
    assert task not in client.get("/home/").content.decode()
    trial.advance()
    assert trial.claim.status == "jury_review"


def test_consent_is_given_knowingly_and_what_was_chosen_stays(trial: Trial) -> None:
    client = member_of(trial)
    refused = client.post(address(trial), {"choice": "accepted"})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Tick this if you accept the rejection, or choose the jury." in page
    assert re.search(r'<input[^>]*value="accepted"[^>]*checked', page)
    assert page.count("data-error-summary") == 1
    assert page.index("error-summary") < page.index("What the investigator found"), "on top, where it is read first"
    client.post(address(trial), {"choice": "accepted", "is_sure": "on"})
    trial.advance()
    after = client.get(address(trial)).content.decode()
    assert "Accepts the rejection" in after
    assert "Send my answer" not in after
    reviewer = Client()
    reviewer.force_login(trial.cast.reviewer)
    board = reviewer.get(f"/board/claims/{trial.claim.ref}/").content.decode()
    assert "Accepts the rejection" in board
    issuing = reviewer.get(f"/board/claims/{trial.claim.ref}/decision/").content.decode()
    assert "The applicant could ask for the jury, and accepted the rejection." in issuing
    trial.issue()
    assert "By the report the claim is rejected." in reviewer.get(f"/board/claims/{trial.claim.ref}/").content.decode()


def test_a_second_answer_is_refused_because_there_was_a_first(trial: Trial) -> None:
    client = member_of(trial)
    client.post(address(trial), {"choice": "jury"})
    second = client.post(address(trial), {"choice": "accepted", "is_sure": "on"})
    assert second.status_code == 409
    assert "you were not asked, or have answered" in second.content.decode()


def test_nothing_is_asked_where_every_claim_goes_before_a_jury(db: None) -> None:
    trial = make_trial(report=AGAINST, jurors=3)
    page = member_of(trial).get(address(trial)).content.decode()
    assert "Nothing is asked of you" in page
    assert "Send my answer" not in page


def test_on_hold_the_time_does_not_run_and_the_page_says_so(trial: Trial) -> None:
    place_hold(claim_ref=trial.claim.ref, reason="A letter came back.", by=trial.cast.reviewer)
    client = member_of(trial)
    assert "your time does not run" in client.get(address(trial)).content.decode()
    assert "Read the report and answer" in client.get(f"/claims/{trial.claim.ref}/").content.decode()


def test_in_chinese(trial: Trial) -> None:
    page = member_of(trial).get(address(trial), headers={"accept-language": "zh-hans"}).content.decode()
    assert "是否要求由赔审团审理？" in page
    assert "不需要赔审团：我接受申请不予通过" in page


def test_over_the_api(trial: Trial) -> None:
    client = member_of(trial)
    place = f"/api/v1/claims/{trial.claim.ref}/"
    shown = client.get(place).json()
    assert shown["next_step"]["awaits_answer"] is True
    assert client.post(f"{place}answer/", {"choice": "perhaps"}).status_code == 400
    stranger = Client()
    stranger.force_login(trial.cast.outsider)
    assert stranger.post(f"{place}answer/", {"choice": "jury"}).status_code == 404
    answered = client.post(f"{place}answer/", {"choice": "jury"})
    assert answered.status_code == 200
    assert answered.json()["next_step"]["awaits_answer"] is False
    found = latest_answer(trial.claim)
    assert found is not None
    assert found.status == "jury"
    assert client.post(f"{place}answer/", {"choice": "accepted"}).json()["code"] == "NoAnswerAwaited"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_on_a_phone_by_keyboard(
    page_factory: Callable[..., Page], live_server: LiveServer, axe: Callable[[Page], None], language: str
) -> None:
    trial = make_trial(small_cast(DISPUTED), report=AGAINST, jurors=3)
    trial.advance()
    page = page_factory(viewport={"width": 360, "height": 740}, java_script_enabled=True, locale=language)
    cookie = member_of(trial).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page.goto(live_server.url + address(trial))
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator("input[value=jury]").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/claims/{trial.claim.ref}/")
    axe(page)
    found = latest_answer(trial.claim)
    assert found is not None
    assert found.status == "jury"
