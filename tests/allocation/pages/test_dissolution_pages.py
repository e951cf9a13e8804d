"""The pages of a plan's end: the notice, the desk, the plan, the start page; each role and an outsider."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allocation.models import Period
from allocation.services.dissolutions import confirm_dissolution, end_memberships, propose_dissolution
from audit import clock
from members.models import Dissolution, Membership
from members.rules.dates import local_day
from tests.allocation.stage import Stage
from tests.factories import make_plan_version, make_user
from tests.moving import set_clock

QUERIES_OF_THE_START_PAGE = 30
PAGE, PROPOSE = "/board/plans/xhb/end/", "/board/plans/xhb/end/propose/"


def proposed(stage: Stage) -> Dissolution:
    stage.charged()
    return propose_dissolution(plan=stage.cast.plan, by=make_user("first@test.example", "reviewer"))


def confirmed(stage: Stage) -> Dissolution:
    found = proposed(stage)
    return confirm_dissolution(dissolution_id=found.pk, by=make_user("second@test.example", "reviewer"))


def acts(found: Dissolution) -> list[str]:
    return [PROPOSE, f"/board/dissolutions/{found.pk}/confirm/", f"/board/dissolutions/{found.pk}/withdraw/"]


@pytest.mark.parametrize("role", ["outsider", "member", "investigator", "professional"])
def test_others_are_kept_out(stage: Stage, role: str) -> None:
    found = proposed(stage)
    client = stage.as_(stage.cast.by_role()[role])
    assert client.get(PAGE).status_code == 403
    assert {client.post(path).status_code for path in acts(found)} == {403}
    assert Dissolution.objects.get().status == "proposed"


def test_a_stranger_is_sent_to_the_log_in(stage: Stage) -> None:
    found = proposed(stage)
    assert stage.client.get(PAGE)["Location"].startswith("/accounts/login/")
    for path in acts(found):
        assert stage.client.post(path)["Location"].startswith("/accounts/login/")


def test_an_auditor_looks_and_does_not_act(stage: Stage) -> None:
    found = proposed(stage)
    client = stage.as_(stage.cast.auditor)
    page = client.get(PAGE).content.decode()
    assert "first@test.example" in page
    assert "Confirm that the plan ends" not in page
    assert "Withdraw the proposal" not in page
    assert {client.post(path).status_code for path in acts(found)} == {403}


def test_without_a_ground_there_is_nothing_to_propose(stage: Stage) -> None:
    client = stage.as_(stage.cast.reviewer)
    assert "There is no reason to end this plan" in client.get(PAGE).content.decode()
    assert PAGE not in client.get("/board/periods/xhb/").content.decode()
    refused = client.post(PROPOSE)
    assert refused.status_code == 409
    assert "does not show too few members" in refused.content.decode()


def test_the_public_notice_says_in_plain_words_what_could_follow(stage: Stage) -> None:
    period = stage.charged()
    page = stage.client.get(f"/periods/xhb/{period.notice_on}/").content.decode()
    for said in (
        "Too few members to continue",
        f"This notice counts {period.members} members; the plan needs 3,300,000 to continue",
        "Nothing changes for members and their claims until two reviewers have confirmed it",
    ):
        assert said in page
    chinese = stage.client.get(f"/periods/xhb/{period.notice_on}/", headers={"accept-language": "zh-hans"})
    assert "在两名审核员确认之前，成员及其互助申请不受任何影响" in chinese.content.decode()


def test_from_the_desk_one_proposes_and_another_confirms(stage: Stage) -> None:
    stage.charged()
    client = stage.as_(stage.cast.reviewer)
    assert PAGE in client.get("/board/periods/xhb/").content.decode()
    page = client.get(PAGE).content.decode()
    assert "the plan needs 3,300,000 to continue" in page
    assert "is paid in full by the sponsor (The operator of Xiang Hu Bao)" in page
    after = client.post(PROPOSE, follow=True).content.decode()
    assert "The end of the plan is proposed. Another reviewer has to confirm it." in after
    assert "You proposed it yourself" in after
    assert "Confirm that the plan ends" not in after

    found = Dissolution.objects.get()
    refused = client.post(acts(found)[1])
    assert refused.status_code == 403
    assert "You made this proposal yourself" in refused.content.decode()
    assert client.post(PROPOSE).status_code == 409

    other = stage.as_(make_user("second@test.example", "reviewer"))
    assert "Confirm the end of Xiang Hu Bao, or withdraw it" in other.get("/home/").content.decode()
    after = other.post(acts(found)[1], follow=True).content.decode()
    assert "Nobody can join it any more." in after
    assert "Still to come: the notice of" in after
    assert Dissolution.objects.get().status == "confirmed"
    refused = other.post(acts(found)[2])
    assert refused.status_code == 409
    assert "only a proposed end can be confirmed or withdrawn" in refused.content.decode()


def test_a_proposal_can_be_taken_back(stage: Stage) -> None:
    found = proposed(stage)
    after = stage.as_(stage.cast.reviewer).post(acts(found)[2], follow=True).content.decode()
    assert "The proposal is withdrawn." in after
    assert "Propose that the plan ends" in after


def test_everybody_can_read_when_a_plan_ends_and_nobody_joins_it(stage: Stage) -> None:
    found = confirmed(stage)
    period = Period.objects.get(plan=stage.cast.plan)
    for path in ("/plans/xhb/", f"/periods/xhb/{period.notice_on}/"):
        page = stage.as_(None).get(path).content.decode()
        assert "This plan ends on" in page
        assert "/plans/xhb/join/" not in page
    client = stage.as_(stage.cast.outsider)
    for answer in (client.get("/plans/xhb/join/"), client.post("/plans/xhb/join/", {"name": "Li Na"})):
        assert answer.status_code == 409
        assert "accepts no new members" in answer.content.decode()
        assert "Join now" not in answer.content.decode()
    assert found.status == "confirmed"


def test_members_are_told_on_their_start_page_and_others_are_not(stage: Stage) -> None:
    confirmed(stage)
    said = "Its members are covered until 00:00 of that day"
    assert said in stage.as_(stage.cast.member).get("/home/").content.decode()
    assert said not in stage.as_(stage.cast.outsider).get("/home/").content.decode()


def test_a_plan_that_has_ended_says_so(stage: Stage) -> None:
    found = confirmed(stage)
    set_clock(found.ends_at + dt.timedelta(hours=1))
    end_memberships(dissolution_id=found.pk)
    page = stage.as_(stage.cast.reviewer).get(PAGE).content.decode()
    number = Membership.objects.filter(end_reason="dissolved").count()
    assert f"{number}, all of them" in page
    assert "Still to come: the notice of" in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_start_page_asks_as_often_for_one_end_as_for_three(stage: Stage, number: int) -> None:
    plans = [make_plan_version(**{'code = "xhb"': f'code = "plan{n}"'}).plan for n in range(number)]
    on = local_day(clock.now(), "Asia/Shanghai")
    for plan in plans:
        Dissolution.objects.create(
            plan=plan,
            plan_version=plan.versions.get(),
            notice_on=on,
            members=1,
            members_needed=2,
            ends_on=on + dt.timedelta(days=30),
            ends_at=clock.now() + dt.timedelta(days=30),
            surplus_to="sponsor",
            proposed_by=make_user(None, "reviewer"),
            proposed_at=clock.now(),
        )
    client = stage.as_(stage.cast.reviewer)
    client.get("/home/")
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/home/").content.decode()
    assert page.count("Confirm the end of") == number
    assert len(queries) == QUERIES_OF_THE_START_PAGE
