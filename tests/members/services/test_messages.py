from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError
from django.test.utils import CaptureQueriesContext

from audit import clock
from audit.actors import SYSTEM
from audit.message_kinds import ParamWrong
from audit.services import append
from members.models import Delivery, MailChoice, Message, Person, User
from members.selectors.messages import messages_visible_to, told, unread_count
from members.services.messages import MessageUnknown, Telling, read, tell, tell_all, tell_each
from tests.factories import make_person, make_user
from tests.members.telling import acted, tell_one
from tests.moving import PLAYED_AT, set_clock

pytestmark = pytest.mark.django_db


def test_a_message_stands_in_the_inbox_and_waits_to_be_mailed() -> None:
    user = make_user()
    message = tell_one(user)
    assert list(messages_visible_to(user)) == [message]
    assert unread_count(user) == 1
    delivery = Delivery.objects.get(message=message)
    assert (delivery.channel, delivery.status, delivery.tries) == ("email", "waiting", 0)


def test_nobody_reads_the_messages_of_somebody_else() -> None:
    tell_one(make_user())
    assert not messages_visible_to(make_user()).exists()


def test_an_act_that_is_undone_tells_nobody() -> None:
    user = make_user()
    with transaction.atomic():
        tell_one(user)
        transaction.set_rollback(True)
    assert not Message.objects.exists()


def test_an_entry_tells_somebody_once_however_often_it_is_asked_to() -> None:
    user, entry = make_user(), acted()
    assert tell_one(user, entry) is not None
    assert tell_one(user, entry) is None
    assert Message.objects.count() == 1


def test_somebody_who_is_told_in_two_roles_is_told_once() -> None:
    user = make_user()
    assert len(tell_each("test.optional", to=[user, user, make_user()], entry=acted(), ref="x")) == 2


def test_a_child_is_told_at_the_log_in_of_its_payer() -> None:
    payer = make_person(user=make_user())
    child = make_person(payer=payer)
    message = tell_one(child)
    assert message is not None
    assert (message.to_user, message.to_person) == (payer.user, child)


def test_a_person_without_a_log_in_gets_a_text() -> None:
    message = tell_one(make_person(phone="13800000001"))
    assert Delivery.objects.get(message=message).channel == "text"


def test_a_person_without_log_in_and_phone_is_told_by_nobody_but_the_row_stands() -> None:
    message = tell_one(make_person(phone=""))
    assert message is not None
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("ref", "due_at"),
    [("Zhang Wei", None), ("", None), (7, None), ("C26", "tomorrow"), ("C26", dt.date(2026, 1, 1)), ("x" * 81, None)],
)
def test_a_reference_holds_no_words_and_no_other_kind_of_value(ref: object, due_at: object) -> None:
    with pytest.raises(ParamWrong):
        tell("test.told", to=make_user(), entry=acted(), ref=ref, due_at=due_at or clock.now())


def test_a_value_too_few_or_too_many_is_a_fault() -> None:
    with pytest.raises(ParamWrong):
        tell("test.optional", to=make_user(), entry=acted())
    with pytest.raises(ParamWrong):
        tell("test.optional", to=make_user(), entry=acted(), ref="x", amount=5)


def test_an_entry_tells_only_what_its_room_declares() -> None:
    entry = append(kind="thing.done", stream="test:1", by=SYSTEM)
    with pytest.raises(MessageUnknown):
        tell("test.optional", to=make_user(), entry=entry, ref="x")
    with pytest.raises(MessageUnknown):
        tell("test.nothing", to=make_user(), entry=acted(), ref="x")


def test_what_is_not_owed_is_not_mailed_to_somebody_who_does_not_want_it() -> None:
    user = make_user()
    for kind in ("test.optional", "test.told"):
        MailChoice.objects.create(user=user, kind=kind, is_wanted=False)
    tell("test.optional", to=user, entry=acted(), ref="x")
    assert not Delivery.objects.exists()
    tell_one(user)
    assert Delivery.objects.count() == 1


def test_a_message_is_read_once_and_by_its_reader_alone() -> None:
    user = make_user()
    message = tell_one(user)
    assert message is not None
    read(message=message, by=make_user())
    message.refresh_from_db()
    assert message.read_at is None
    read(message=message, by=user)
    message.refresh_from_db()
    first = message.read_at
    assert first is not None
    read(message=Message.objects.get(pk=message.pk), by=user)
    message.refresh_from_db()
    assert message.read_at == first
    assert unread_count(user) == 0


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'x'",
        "params = '{}'",
        "to_user_id = null",
        "written_at = assize_now()",
        "due_at = null",
        "entry_id = 0",
        "about = 'x'",
    ],
)
def test_what_was_told_never_changes(change: str) -> None:
    message = tell_one(make_person(user=make_user()))
    assert message is not None
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE members_message SET {change} WHERE id = %s", [message.pk])


def test_the_words_name_each_reference_and_the_moment_in_the_readers_language() -> None:
    message = tell_one(make_user())
    assert message is not None
    words = told(message)
    assert words.subject == "About C26-7K3M9Q"
    assert words.body[0] == "Something happened to C26-7K3M9Q."
    assert "Beijing\xa0time" in words.body[1]
    assert words.due_at == message.due_at


def remind(to: User | Person, about: str = "thing:1", hours: int = 1) -> Message | None:
    return tell("test.reminder", to=to, about=about, due_at=clock.now() + dt.timedelta(hours=hours))


def test_a_reminder_about_one_thing_and_one_end_of_time_is_written_once() -> None:
    user = make_user()
    set_clock(PLAYED_AT)
    assert remind(user) is not None
    assert remind(user) is None
    assert [remind(user, hours=2), remind(user, about="thing:2"), remind(make_user())].count(None) == 0
    assert Message.objects.count() == 4


def test_a_reminder_says_what_it_is_about() -> None:
    with pytest.raises(MessageUnknown, match="about"):
        remind(make_user(), about="")


def test_a_juror_is_not_told_at_the_log_in_of_their_payer() -> None:
    child = make_person(payer=make_person(user=make_user()), phone="13800000001")
    message = tell("test.summons", to=child, entry=acted(), ref="C26-7K3M9Q")
    assert message is not None
    assert (message.to_user, message.to_person) == (None, child)
    assert Delivery.objects.get(message=message).channel == "text"


def people_of_every_sort(number: int) -> list[User | Person]:
    """Log-ins, people with one, people with a payer, and people who have neither."""
    found: list[User | Person] = []
    for _each in range(number):
        own = make_person(user=make_user())
        found += [make_user(), own, make_person(payer=own), make_person(phone="13800000001")]
    return [again if isinstance(again, User) else Person.objects.get(pk=again.pk) for again in found]


def statements_to_tell(people: list[User | Person]) -> int:
    entry = acted()
    with CaptureQueriesContext(connection) as queries:
        told = tell_all("test.optional", [Telling(one, entry, values={"ref": f"x{n}"}) for n, one in enumerate(people)])
    assert len(told) == len(people)
    assert [one.params["ref"] for one in told] == [f"x{n}" for n in range(len(people))]
    return len(queries)


def test_many_are_told_in_the_statements_of_one() -> None:
    assert statements_to_tell(people_of_every_sort(1)) == statements_to_tell(people_of_every_sort(3)) <= 10


def test_those_who_want_it_are_asked_for_at_once() -> None:
    people: list[User | Person] = [make_user(), make_user(is_active=False), make_user()]
    refusing = people[2]
    assert isinstance(refusing, User)
    MailChoice.objects.create(user=refusing, kind="test.optional", is_wanted=False)
    statements_to_tell(people)
    assert [one.message.to_user for one in Delivery.objects.select_related("message__to_user")] == [people[0]]
