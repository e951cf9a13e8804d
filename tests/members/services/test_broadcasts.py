from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from audit.services import append
from members.models import Broadcast, Delivery, MailChoice, Membership, Message, Plan, User
from members.selectors import broadcasts as selectors
from members.selectors.broadcasts import broadcasts_to_mail, broadcasts_visible_to
from members.selectors.inbox import inbox_of, item_of, unread_count
from members.services import broadcasts as services
from members.services.broadcasts import mail_broadcast
from members.services.inbox import open_item
from members.services.messages import MessageUnknown, tell, tell_members
from members.tasks import sweep_messages
from tests.bent import bend_all
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_user
from tests.moving import move_clock

pytestmark = pytest.mark.django_db
A_TICK = dt.timedelta(microseconds=1)


def acted() -> Entry:
    return append(kind="test.acted", stream="test:1", by=SYSTEM)


def tell_all(plan: Plan, counted_at: dt.datetime | None = None, entry: Entry | None = None) -> Broadcast:
    found = tell_members(
        "test.to_all", members_of=plan, counted_at=counted_at or clock.now(), entry=entry or acted(), ref=plan.code
    )
    assert found is not None
    return found


def wants_mail(user: User, *, is_wanted: bool = True) -> User:
    MailChoice.objects.create(user=user, kind="test.to_all", is_wanted=is_wanted)
    return user


def members_who_want_mail(plan: Plan, number: int) -> list[User]:
    users = [wants_mail(make_user()) for _one in range(number)]
    for user in users:
        make_membership(plan, make_person(user=user))
    return users


def sees(user: User) -> bool:
    return broadcasts_visible_to(user).exists()


# Who finds it.


def test_all_members_are_told_by_one_row(cast: Cast) -> None:
    members_who_want_mail(cast.plan, 2)
    broadcast = tell_all(cast.plan)
    assert list(broadcasts_visible_to(cast.member)) == [broadcast]
    assert (Broadcast.objects.count(), Message.objects.count()) == (1, 0)


def test_an_entry_tells_all_once(cast: Cast) -> None:
    entry = acted()
    tell_all(cast.plan, entry=entry)
    again = tell_members("test.to_all", members_of=cast.plan, counted_at=clock.now(), entry=entry, ref="x")
    assert again is None


def test_a_kind_for_one_person_is_not_told_to_all(cast: Cast) -> None:
    with pytest.raises(MessageUnknown):
        tell_members("test.optional", members_of=cast.plan, counted_at=clock.now(), entry=acted(), ref="x")


@pytest.mark.parametrize(("joined", "is_told"), [(-A_TICK, True), (0 * A_TICK, False), (A_TICK, False)])
def test_somebody_who_joined_before_the_count_is_told(cast: Cast, joined: dt.timedelta, is_told: bool) -> None:
    user, counted_at = make_user(), clock.now()
    make_membership(cast.plan, make_person(user=user), counted_at + joined)
    tell_all(cast.plan, counted_at)
    assert sees(user) == is_told


@pytest.mark.parametrize(("left", "is_told"), [(-A_TICK, False), (0 * A_TICK, True), (A_TICK, True)])
def test_somebody_who_left_before_the_count_is_not_told(cast: Cast, left: dt.timedelta, is_told: bool) -> None:
    user, counted_at = make_user(), clock.now()
    make_membership(cast.plan, make_person(user=user), left_at=counted_at + left, end_reason="left")
    tell_all(cast.plan, counted_at)
    assert sees(user) == is_told


def test_a_payer_is_told_for_whom_they_pay(cast: Cast) -> None:
    payer = make_user()
    make_membership(cast.plan, make_person("Wang Lele", payer=make_person(user=payer)))
    tell_all(cast.plan)
    assert sees(payer)


def test_a_dependant_is_not_told_for_their_payer(cast: Cast) -> None:
    dependant = make_user()
    make_person(user=dependant, payer=cast.membership.person)
    tell_all(cast.plan)
    assert not sees(dependant)


def test_members_of_another_plan_and_strangers_are_not_told(cast: Cast) -> None:
    other = Plan.objects.create(code="other", title_en="Other", title_zh="其他", currency="CNY")
    tell_all(other)
    assert not sees(cast.member)
    assert not sees(cast.reviewer)
    assert not broadcasts_visible_to(AnonymousUser()).exists()


def test_a_log_in_that_was_closed_reads_nothing(cast: Cast) -> None:
    tell_all(cast.plan)
    cast.member.is_active = False
    assert not sees(cast.member)
    assert (unread_count(cast.member), len(inbox_of(cast.member))) == (0, 0)


# The inbox.


def test_the_inbox_has_both_kinds_by_time(cast: Cast) -> None:
    first = tell_all(cast.plan)
    move_clock(hours=1)
    own = tell("test.optional", to=cast.member, entry=acted(), ref="C26-7K3M9Q")
    move_clock(hours=1)
    last = tell_all(cast.plan)
    assert own is not None
    keys = [item.key for item in inbox_of(cast.member)]
    assert keys == [f"b/{last.pk}", f"m/{own.public_id}", f"b/{first.pk}"]
    assert [item.subject for item in inbox_of(cast.member)] == [
        "About the plan xhb",
        "About C26-7K3M9Q",
        "About the plan xhb",
    ]
    assert inbox_of(cast.member)[1].kind == "test.optional"


def test_pages_of_the_inbox_lack_and_repeat_nothing(cast: Cast) -> None:
    for number in range(7):
        move_clock(minutes=1)
        if number % 3:
            tell("test.optional", to=cast.member, entry=acted(), ref="x")
        else:
            tell_all(cast.plan)
    pages = Paginator(inbox_of(cast.member), 3)
    found = [item.key for page in pages for item in page]
    assert pages.count == 7
    assert found == [item.key for item in inbox_of(cast.member)]
    assert len(set(found)) == 7


def test_a_page_of_the_inbox_asks_no_more_questions_for_more_messages(cast: Cast) -> None:
    def questions() -> tuple[int, int]:
        with CaptureQueriesContext(
            connection,
        ) as of_the_page:
            assert [item.subject for item in Paginator(inbox_of(cast.member), 25).get_page(1)]
        with CaptureQueriesContext(connection) as of_the_header:
            assert unread_count(cast.member)
        return len(of_the_page), len(of_the_header)

    def tell_both() -> None:
        tell_all(cast.plan)
        tell("test.optional", to=cast.member, entry=acted(), ref="x")

    tell_both()
    at_one = questions()
    tell_both()
    tell_both()
    make_membership(cast.plan, make_person("Wang Lele", payer=cast.membership.person))
    assert questions() == at_one == (8, 1)


def test_what_is_opened_is_read(cast: Cast) -> None:
    own = tell("test.optional", to=cast.member, entry=acted(), ref="x")
    broadcast = tell_all(cast.plan)
    assert own is not None
    assert unread_count(cast.member) == 2
    for key, left in ((f"b/{broadcast.pk}", 1), (f"m/{own.public_id}", 0)):
        item = open_item(user=cast.member, key=key)
        assert item is not None
        assert not item.is_read
        assert unread_count(cast.member) == left
        again = open_item(user=cast.member, key=key)
        assert again is not None
        assert again.is_read


def test_opening_an_earlier_message_to_all_leaves_later_ones_unread(cast: Cast) -> None:
    first, second, third = (tell_all(cast.plan) for _one in range(3))
    open_item(user=cast.member, key=f"b/{second.pk}")
    open_item(user=cast.member, key=f"b/{first.pk}")
    assert [item.is_read for item in inbox_of(cast.member)] == [False, True, True]
    assert unread_count(cast.member) == 1
    assert third.pk > second.pk


def test_nobody_opens_what_is_not_theirs(cast: Cast) -> None:
    own = tell("test.optional", to=cast.member, entry=acted(), ref="x")
    broadcast = tell_all(cast.plan)
    assert own is not None
    for key in (f"m/{own.public_id}", f"b/{broadcast.pk}"):
        assert open_item(user=cast.outsider, key=key) is None
        assert item_of(AnonymousUser(), key) is None
    own.refresh_from_db()
    assert own.read_at is None


@pytest.mark.parametrize("key", ["", "b", "b/", "b/x", "b/-1", "b/²", "b/" + "9" * 30, "m/", "m/1", "x/1", "b/0"])
def test_a_key_of_nothing_opens_nothing(cast: Cast, key: str) -> None:
    assert open_item(user=cast.member, key=key) is None
    assert item_of(cast.member, f"m/{uuid.UUID(int=0)}") is None


# By mail.


def test_those_who_chose_so_get_it_by_mail(cast: Cast) -> None:
    member, no_member, no_mail = members_who_want_mail(cast.plan, 1)[0], wants_mail(make_user()), make_user()
    make_membership(cast.plan, make_person(user=wants_mail(no_mail, is_wanted=False)))
    payer = make_person(user=wants_mail(make_user()))
    make_membership(cast.plan, make_person("Wang Lele", payer=payer))
    broadcast = tell_all(cast.plan)
    assert mail_broadcast(broadcast_id=broadcast.pk) == 2
    assert set(Message.objects.values_list("to_user", flat=True)) == {member.pk, payer.user_id}
    assert {d.channel for d in Delivery.objects.filter(message__entry=broadcast.entry_id)} == {"email"}
    assert not sees(no_member)
    assert broadcasts_to_mail() == []


def test_a_household_with_two_members_gets_one_mail(cast: Cast) -> None:
    user = wants_mail(cast.member)
    make_membership(cast.plan, make_person("Wang Lele", payer=cast.membership.person))
    mail_broadcast(broadcast_id=tell_all(cast.plan).pk)
    assert Message.objects.filter(to_user=user).count() == 1


def test_a_log_in_that_was_closed_gets_no_mail(cast: Cast) -> None:
    wants_mail(cast.member)
    bend_all(User.objects.filter(pk=cast.member.pk), is_active=False)
    assert mail_broadcast(broadcast_id=tell_all(cast.plan).pk) == 0


def test_what_was_mailed_stands_in_the_inbox_once(cast: Cast) -> None:
    wants_mail(cast.member)
    broadcast = tell_all(cast.plan)
    mail_broadcast(broadcast_id=broadcast.pk)
    assert [item.key for item in inbox_of(cast.member)] == [f"b/{broadcast.pk}"]
    assert unread_count(cast.member) == 1
    copy = Message.objects.get()
    item = open_item(user=cast.member, key=f"m/{copy.public_id}")
    assert item is not None
    assert item.row == broadcast
    assert unread_count(cast.member) == 0


def test_mailing_goes_on_page_by_page_where_it_was_stopped(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (selectors, services):
        monkeypatch.setattr(module, "PAGE", 2)
    users = members_who_want_mail(cast.plan, 5)
    broadcast = tell_all(cast.plan)
    assert mail_broadcast(broadcast_id=broadcast.pk, pages=1) == 2
    assert broadcasts_to_mail() == [broadcast.pk]
    assert mail_broadcast(broadcast_id=broadcast.pk, pages=1) == 2
    assert mail_broadcast(broadcast_id=broadcast.pk) == 1
    assert mail_broadcast(broadcast_id=broadcast.pk) == 0
    assert sorted(Message.objects.values_list("to_user", flat=True)) == sorted(user.pk for user in users)


def test_a_page_that_is_killed_is_written_again_as_a_whole(cast: Cast) -> None:
    members_who_want_mail(cast.plan, 2)
    broadcast = tell_all(cast.plan)
    with transaction.atomic():
        mail_broadcast(broadcast_id=broadcast.pk)
        transaction.set_rollback(True)
    assert not Message.objects.exists()
    assert mail_broadcast(broadcast_id=broadcast.pk) == 2


def test_the_database_lets_nobody_be_mailed_twice(cast: Cast) -> None:
    wants_mail(cast.member)
    broadcast = tell_all(cast.plan)
    mail_broadcast(broadcast_id=broadcast.pk)
    bend_all(Broadcast.objects.filter(pk=broadcast.pk), mailed_to=0, is_mailed=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        mail_broadcast(broadcast_id=broadcast.pk)
    assert Message.objects.count() == 1


def test_mailing_a_page_asks_as_much_for_three_as_for_one(cast: Cast) -> None:
    def questions() -> int:
        broadcast = tell_all(cast.plan)
        with CaptureQueriesContext(connection) as asked:
            assert mail_broadcast(broadcast_id=broadcast.pk)
        return len(asked)

    members_who_want_mail(cast.plan, 1)
    at_one = questions()
    members_who_want_mail(cast.plan, 2)
    assert questions() == at_one


def test_the_sweep_carries_it_into_the_mail(cast: Cast, mailoutbox: list[object]) -> None:
    wants_mail(cast.member)
    tell_all(cast.plan)
    sweep_messages()
    assert len(mailoutbox) == 1
    assert Membership.objects.count() == 1
