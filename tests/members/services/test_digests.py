"""The daily digest of staff: once a day from 8:00 on, in their language, and only if something waits."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from audit.models import SweepRun
from audit.rooms import all_periodic_tasks
from members.channels.letters import letter_of
from members.models import Delivery, MailChoice, Message, StaffDigest, User
from members.rules.digests import counted, day_of_digest
from members.selectors.digests import digests_due
from members.services.digests import send_digest
from members.tasks import send_digests
from pages.waiting import Waiting, WaitingState
from tests.factories import make_user, take_roles_back
from tests.members.telling import brought_to, told_to
from tests.moving import set_clock

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
MORNING = dt.datetime(2026, 3, 12, 8, 0, tzinfo=SHANGHAI)


def everything_runs() -> None:
    """No sweep is late, as under a service whose workers run."""
    for one in all_periodic_tasks().values():
        SweepRun.objects.update_or_create(task=one.task, defaults={"began_at": MORNING, "through_at": MORNING})


def something_failed() -> None:
    brought_to(told_to(make_user()), "failed", "550")


def reviewer(**fields: Any) -> User:
    return make_user(None, "reviewer", **fields)


@pytest.fixture
def quiet(db: None) -> None:
    set_clock(MORNING)
    everything_runs()


def digest_of(user: User) -> Message | None:
    return Message.objects.filter(to_user=user, kind="members.digest").first()


@pytest.mark.usefixtures("quiet")
def test_a_reviewer_gets_what_waits_for_them_and_what_failed() -> None:
    user = reviewer()
    something_failed()
    assert send_digests() >= 1
    message = digest_of(user)
    assert message is not None
    assert message.params == {"waiting": 0, "soon": 0, "problems": 1}
    letter = letter_of(message)
    assert [item.words for item in letter.items] == ["1 message was not delivered"]
    assert letter.items[0].url.endswith("/board/messages/")
    assert "1 message was not delivered" in letter.as_text()
    assert "1 message was not delivered" in letter.as_html()
    assert Delivery.objects.filter(message=message).exists()


@pytest.mark.usefixtures("quiet")
def test_it_is_written_in_the_language_of_its_reader() -> None:
    user = reviewer(language="zh-hans")
    something_failed()
    send_digest(user_id=user.pk)
    message = digest_of(user)
    assert message is not None
    letter = letter_of(message)
    assert letter.subject == "今日待办：0项"
    assert "打开您的主页" in letter.as_text()


@pytest.mark.usefixtures("quiet")
def test_nobody_hears_that_nothing_waits() -> None:
    user = reviewer()
    assert not send_digest(user_id=user.pk)
    assert digest_of(user) is None
    assert digests_due() == []


@pytest.mark.usefixtures("quiet")
def test_it_comes_once_a_day_and_again_on_the_next() -> None:
    user = reviewer()
    something_failed()
    for _again in range(2):
        send_digest(user_id=user.pk)
    assert Message.objects.filter(kind="members.digest").count() == 1
    set_clock(MORNING + dt.timedelta(days=1))
    assert digests_due() == [user.pk]
    send_digest(user_id=user.pk)
    assert Message.objects.filter(kind="members.digest").count() == 2
    assert StaffDigest.objects.count() == 2


@pytest.mark.usefixtures("quiet")
def test_who_switched_it_off_gets_none() -> None:
    user = reviewer()
    MailChoice.objects.create(user=user, kind="members.digest", is_wanted=False)
    something_failed()
    assert not send_digest(user_id=user.pk)
    assert digest_of(user) is None


@pytest.mark.usefixtures("quiet")
def test_only_staff_get_one() -> None:
    member, former = make_user(), reviewer()
    take_roles_back(former, MORNING)
    closed = reviewer(is_active=False)
    something_failed()
    assert not {member.pk, former.pk, closed.pk} & set(digests_due())
    assert not send_digest(user_id=member.pk)


@pytest.mark.usefixtures("quiet")
def test_late_workers_are_among_what_went_wrong() -> None:
    user = reviewer()
    SweepRun.objects.filter(task="members.sweep_messages").update(through_at=MORNING - dt.timedelta(hours=2))
    send_digest(user_id=user.pk)
    message = digest_of(user)
    assert message is not None
    assert [item.words for item in letter_of(message).items] == ["Some of the service's work is late"]


@pytest.mark.usefixtures("quiet")
def test_a_bounce_is_among_what_went_wrong() -> None:
    user = reviewer()
    brought_to(told_to(make_user()), "bounced", "5.1.1")
    assert send_digest(user_id=user.pk)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (MORNING - dt.timedelta(seconds=1), None),
        (MORNING, MORNING.date()),
        (MORNING.replace(hour=23, minute=59), MORNING.date()),
        (MORNING.replace(hour=0), None),
    ],
)
def test_a_day_s_digest_is_due_from_eight_in_the_morning_on(at: dt.datetime, day: dt.date | None) -> None:
    assert day_of_digest(at, "Asia/Shanghai") == day


def test_the_hour_is_that_of_the_wall_where_clocks_change() -> None:
    night = dt.datetime(2026, 3, 29, 5, 59, tzinfo=dt.UTC)
    assert day_of_digest(night, "Europe/Berlin") is None
    assert day_of_digest(night + dt.timedelta(minutes=1), "Europe/Berlin") == dt.date(2026, 3, 29)


def test_what_ends_within_a_day_is_counted_and_problems_are_no_work() -> None:
    day = dt.timedelta(days=1)
    found = [
        Waiting("a", "/", due_at=MORNING + day),
        Waiting("b", "/", due_at=MORNING + day + dt.timedelta(seconds=1)),
        Waiting("c", "/", due_at=MORNING - day),
        Waiting("d", "/"),
        Waiting("e", "/", state=WaitingState.PROBLEM),
    ]
    figures = counted(found, MORNING)
    assert (figures.waiting, figures.soon, figures.problems) == (4, 2, 1)
