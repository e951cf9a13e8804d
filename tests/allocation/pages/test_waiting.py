"""What waits on the start pages of members and reviewers: money, rules, messages, all by the time that is left."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from allocation.services.dissolutions import confirm_dissolution, propose_dissolution
from audit.rooms import rooms
from members.models import User
from members.services.plan_drafts import propose_draft, send_back_draft, start_draft
from pages.waiting import Waiting, by_time_left
from tests.allocation.making import charge, its_charge_day, its_notice_day, make_approved_claim, publish, refuse, work
from tests.allocation.stage import Stage
from tests.factories import make_user
from tests.members.services.test_plan_drafts import next_version
from tests.members.telling import brought_to, told_to
from tests.moving import move_clock

pytestmark = pytest.mark.django_db


def waiting(user: User) -> list[Waiting]:
    """What waits, without the state of the workers, of which there are none in a test."""
    return by_time_left(one for room in rooms() if room.name != "audit" for one in room.waiting(user))


def words(user: User) -> list[str]:
    return [one.words for one in waiting(user)]


def test_a_period_waits_from_its_charge_day_and_the_next_notice_from_its_day(stage: Stage) -> None:
    reviewer = stage.cast.reviewer
    assert words(reviewer) == [], "no series of periods runs yet"
    make_approved_claim(stage.cast.version)
    its_notice_day(stage.cast.plan)
    period = publish(stage.cast.plan)
    assert words(reviewer) == []
    its_charge_day(period)
    (one,) = waiting(reviewer)
    assert one.words.startswith("Charge the period of Xiang Hu Bao")
    assert one.path == reverse("period_charge", args=[period.plan.code, period.notice_on])
    charge(period)
    assert words(reviewer) == []
    its_notice_day(stage.cast.plan)
    (one,) = waiting(reviewer)
    assert one.words.startswith("Publish the notice of Xiang Hu Bao")
    assert words(stage.cast.auditor) == words(stage.cast.member) == []


def test_a_plan_that_ended_has_no_notice_to_publish_after_its_last_day(stage: Stage) -> None:
    stage.charged()
    end = propose_dissolution(plan=stage.cast.plan, by=make_user("first@test.example", "reviewer"))
    assert words(stage.cast.reviewer) == [f"Confirm the end of {stage.cast.plan.title_en}, or withdraw it"]
    end = confirm_dissolution(dissolution_id=end.pk, by=stage.cast.reviewer)
    days = []
    while True:
        notice_on = its_notice_day(stage.cast.plan)
        if not any(one.startswith("Publish the notice") for one in words(stage.cast.reviewer)):
            break
        days.append(notice_on)
        charge(publish(stage.cast.plan, notice_on))
    assert days[-1] == end.ends_on
    assert len(days) > 10


def test_a_draft_waits_for_the_second_reviewer_and_sent_back_for_the_first(stage: Stage) -> None:
    first, second = stage.cast.reviewer, stage.cast.other_reviewer
    draft = start_draft(source=next_version(), by=first)
    assert words(first) == []
    propose_draft(draft_id=draft.pk, revision=draft.revision, by=first)
    assert words(second) == ["Publish the new rules of plan xhb, or send them back"]
    assert words(first) == []
    send_back_draft(draft_id=draft.pk, remark="The fee is wrong.", by=second)
    assert words(first) == ["Change your draft of plan xhb: it was sent back"]
    assert words(second) == []


def test_messages_that_did_not_get_through_wait_for_reviewers(stage: Stage) -> None:
    brought_to(told_to(make_user()), "failed", "550")
    brought_to(told_to(make_user()), "taken")
    (one,) = waiting(stage.cast.reviewer)
    assert one.words == "1 message was not delivered"
    assert one.path == reverse("message_board")
    assert words(stage.cast.auditor) == []


def test_each_membership_in_arrears_waits_with_its_first_deadline(stage: Stage) -> None:
    refuse(stage.cast.membership)
    stage.charged()
    work()
    (one,) = waiting(stage.cast.member)
    assert "could not be collected" in one.words
    assert one.path == reverse("arrear_pay", args=[stage.cast.membership.pk])
    assert one.due_at is not None
    move_clock(days=1)
    assert [each.due_at for each in waiting(stage.cast.member)] == [one.due_at]


@pytest.mark.parametrize("room", rooms(), ids=lambda room: room.name)
def test_a_room_asks_the_same_number_of_questions_however_much_waits(stage: Stage, room: object) -> None:
    def queries() -> int:
        user = User.objects.get(pk=stage.cast.reviewer.pk)
        with CaptureQueriesContext(connection) as found:
            list(room.waiting(user))  # type: ignore[attr-defined]
        return len(found)

    def more() -> None:
        draft = start_draft(source=next_version(), by=stage.cast.other_reviewer)
        propose_draft(draft_id=draft.pk, revision=draft.revision, by=stage.cast.other_reviewer)
        brought_to(told_to(make_user()), "failed", "550")

    its_charge_day(publish(stage.cast.plan))
    more()
    first = queries()
    more()
    assert queries() == first
