"""No membership ends over a share before its notice has reached somebody, and none goes on unseen because of that."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from allocation.errors.arrears import NoShareAwaited, NoSuchShareNotice, OwnShare
from allocation.models import Arrear
from allocation.rules.arrears import grace_ends_at
from allocation.selectors.arrears import memberships_out_of_grace
from allocation.selectors.debtors import debtors_visible_to, shares_to_serve
from allocation.services.arrears import end_in_arrears
from allocation.services.notices import record_contact, serve_share
from allocation.tasks import sweep_arrears, sweep_deadlines, sweep_payments
from audit import clock
from audit.models import Entry
from audit.rooms import all_waiting
from members.errors.roles import ReviewersOnly
from members.models import Membership, Message, User
from members.services.messages import read
from tests.allocation.conftest import Desk
from tests.allocation.making import charge, publish, refuse, work
from tests.bent import bend
from tests.factories import SHANGHAI, make_user
from tests.members.serving import bounce, notices, send
from tests.moving import About, move_clock, set_clock

pytestmark = pytest.mark.django_db
CHARGED_AT = dt.datetime(2024, 3, 14, 9, tzinfo=SHANGHAI)
GRACE_ENDS = dt.datetime(2024, 3, 29, tzinfo=SHANGHAI)
DAY = dt.timedelta(days=1)
WORDS = "I called twice, and nobody answered."


@pytest.fixture(autouse=True)
def _texts(settings: Any, tmp_path: Path) -> None:
    settings.TEXT_FILE_PATH = tmp_path


@pytest.fixture
def reviewer(db: None) -> User:
    return make_user("reviewer@test.example", "reviewer")


@pytest.fixture
def debtor(desk: Desk) -> Membership:
    """A member with a log-in, whose phone nobody knows."""
    membership = Membership.objects.filter(plan=desk.plan).exclude(pk=desk.claim.membership_id).earliest("pk")
    membership.person.user = make_user("debtor@test.example")
    membership.person.phone = ""
    bend(membership.person)
    return membership


@pytest.fixture
def arrear(desk: Desk, debtor: Membership) -> Arrear:
    """A share that could not be collected, and of which nothing has been sent yet."""
    set_clock(CHARGED_AT)
    refuse(debtor)
    charge(publish(desk.plan, dt.date(2024, 3, 7)))
    sweep_payments()
    sweep_arrears()
    return Arrear.objects.get()


def again() -> Arrear:
    return Arrear.objects.get()


def notice(debtor: Membership, kind: str = "arrear.opened") -> Message:
    (found,) = notices(f"membership:{debtor.pk}", kind)
    return found


def is_member(debtor: Membership) -> bool:
    return Membership.objects.get(pk=debtor.pk).left_at is None


def extended(debtor: Membership) -> list[Any]:
    found = Entry.objects.filter(kind="arrear.extended", stream=f"membership:{debtor.pk}").order_by("pk")
    return [one.body["reason"] for one in found]


def attempt(debtor: Membership, reviewer: User, *, reached: bool = False) -> Arrear:
    public_id = notice(debtor).public_id
    return record_contact(public_id=public_id, how="call", was_reached=reached, words=WORDS, by=reviewer)


def test_nobody_is_out_while_nothing_was_sent(debtor: Membership, arrear: Arrear) -> None:
    set_clock(GRACE_ENDS + dt.timedelta(days=60))
    sweep_deadlines()
    assert end_in_arrears(membership_id=debtor.pk) is False
    assert (is_member(debtor), again().status) == (True, "owed")
    assert memberships_out_of_grace(clock.now()) == [], "the sweep does not turn in circles"


def test_a_mail_that_was_taken_serves_and_the_time_stays(debtor: Membership, arrear: Arrear) -> None:
    send(notice(debtor))
    sweep_deadlines()
    served = again()
    assert (served.served_by, served.served_at, served.grace_ends_at) == ("taken", About(clock.now()), GRACE_ENDS)
    assert extended(debtor) == []
    sweep_deadlines()
    assert Entry.objects.filter(kind="arrear.served").count() == 1
    set_clock(GRACE_ENDS)
    sweep_deadlines()
    assert (is_member(debtor), again().status) == (False, "written_off")


def test_a_mail_that_went_out_late_brings_the_full_time(debtor: Membership, arrear: Arrear) -> None:
    set_clock(GRACE_ENDS + 3 * DAY)
    send(notice(debtor))
    assert end_in_arrears(membership_id=debtor.pk) is False, "what is known is noted first, sweep or not"
    served = again()
    assert served.grace_ends_at == GRACE_ENDS + 18 * DAY
    assert served.next_try_at is not None
    assert served.remind_at is not None
    assert extended(debtor) == ["served_later"]
    assert notice(debtor, "arrear.extended").due_at == served.grace_ends_at
    set_clock(served.grace_ends_at - dt.timedelta(seconds=1))
    sweep_deadlines()
    assert is_member(debtor)
    move_clock(seconds=1)
    sweep_deadlines()
    assert not is_member(debtor)


def test_opening_the_message_serves_it(debtor: Membership, arrear: Arrear) -> None:
    assert debtor.person.user is not None
    read(message=notice(debtor), by=debtor.person.user)
    sweep_deadlines()
    assert again().served_by == "opened"


def test_a_bounce_starts_the_time_again_once(debtor: Membership, arrear: Arrear, reviewer: User) -> None:
    send(notice(debtor))
    sweep_deadlines()
    set_clock(CHARGED_AT + 5 * DAY)
    bounce(notice(debtor))
    sweep_deadlines()
    first = again()
    assert (first.served_at, first.restarts, first.grace_ends_at) == (None, 1, GRACE_ENDS + 5 * DAY)
    assert extended(debtor) == ["came_back"]
    assert list(debtors_visible_to(reviewer)) == [first]
    assert "1 member who owes a share was not reached" in [one.words for one in all_waiting(reviewer)]
    set_clock(first.grace_ends_at + DAY)
    sweep_deadlines()
    assert is_member(debtor)
    assert again().grace_ends_at == first.grace_ends_at


def test_a_vain_attempt_after_a_bounce_brings_twice_the_time(
    debtor: Membership, arrear: Arrear, reviewer: User
) -> None:
    send(notice(debtor))
    bounce(notice(debtor))
    found = attempt(debtor, reviewer)
    assert (found.served_by, found.grace_ends_at) == ("inbox", GRACE_ENDS + 14 * DAY)
    assert not debtors_visible_to(reviewer).exists()
    set_clock(GRACE_ENDS + 14 * DAY)
    sweep_deadlines()
    assert not is_member(debtor)


def test_who_was_told_by_a_person_has_the_time_once(debtor: Membership, arrear: Arrear, reviewer: User) -> None:
    set_clock(CHARGED_AT + 2 * DAY)
    found = attempt(debtor, reviewer, reached=True)
    assert (found.served_by, found.grace_ends_at) == ("told", GRACE_ENDS + 2 * DAY)


def test_who_can_be_reached_by_nothing_is_shown_to_staff(desk: Desk, debtor: Membership, reviewer: User) -> None:
    debtor.person.user = None
    bend(debtor.person)
    set_clock(CHARGED_AT)
    refuse(debtor)
    charge(publish(desk.plan, dt.date(2024, 3, 7)))
    work()
    assert list(debtors_visible_to(reviewer)) == [again()]
    set_clock(GRACE_ENDS)
    work()
    assert is_member(debtor)
    assert attempt(debtor, reviewer).served_at is None, "there is no inbox in which it could count as served"
    assert attempt(debtor, reviewer, reached=True).served_by == "told"


def test_a_share_of_an_earlier_release_is_told_again_with_the_full_time(debtor: Membership, arrear: Arrear) -> None:
    Arrear.objects.update(notice_entry=None)
    set_clock(GRACE_ENDS + DAY)
    sweep_deadlines()
    found = again()
    assert (found.grace_ends_at, extended(debtor)) == (GRACE_ENDS + 16 * DAY, ["no_notice"])
    send(notice(debtor, "arrear.extended"))
    sweep_deadlines()
    assert again().served_by == "taken"


def test_who_has_left_takes_no_notice_to_be_written_off(debtor: Membership, arrear: Arrear) -> None:
    Membership.objects.filter(pk=debtor.pk).update(left_at=clock.now(), end_reason="left")
    assert shares_to_serve() == []
    assert serve_share(arrear_id=arrear.pk) is False
    set_clock(GRACE_ENDS)
    sweep_deadlines()
    assert again().status == "written_off"


def test_who_may_record_an_attempt(debtor: Membership, arrear: Arrear, reviewer: User) -> None:
    with pytest.raises(ReviewersOnly):
        attempt(debtor, make_user("auditor@test.example", "auditor"))
    debtor.person.payer = Membership.objects.exclude(pk=debtor.pk).earliest("pk").person
    debtor.person.payer.user = reviewer
    bend(debtor.person.payer)
    bend(debtor.person)
    with pytest.raises(OwnShare):
        attempt(debtor, reviewer)
    other = make_user("other@test.example", "reviewer")
    with pytest.raises(NoSuchShareNotice):
        record_contact(public_id=clock_id(), how="call", was_reached=True, words=WORDS, by=other)
    refuse(debtor, is_refusing=False)
    move_clock(days=3)
    sweep_arrears()
    with pytest.raises(NoShareAwaited):
        attempt(debtor, other)


def clock_id() -> Any:
    return Message(kind="x").public_id


def test_the_time_only_grows_and_only_while_the_share_is_owed(debtor: Membership, arrear: Arrear) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Arrear.objects.update(grace_ends_at=GRACE_ENDS - DAY)
    refuse(debtor, is_refusing=False)
    move_clock(days=3)
    sweep_arrears()
    with pytest.raises(IntegrityError), transaction.atomic():
        Arrear.objects.update(grace_ends_at=GRACE_ENDS + DAY)


def test_twice_the_time_is_twice_the_days() -> None:
    once = grace_ends_at(dt.date(2024, 3, 14), CHARGED_AT, 14, "Asia/Shanghai")
    assert grace_ends_at(dt.date(2024, 3, 14), CHARGED_AT, 14, "Asia/Shanghai", times=2) == once + 14 * DAY
