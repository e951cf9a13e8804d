from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core import mail

from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from audit.services import append
from members import channels
from members.channels.base import ChannelAway, NotKnown, Refused, TryLater
from members.errors.messages import DeliveryNotRepeatable
from members.models import Delivery, DeliveryReport
from members.selectors.messages import deliveries_due, deliveries_lost
from members.services.deliveries import deliver, lose, report, send_again
from members.services.messages import tell
from members.tasks import sweep_messages
from tests.factories import make_user
from tests.moving import move_clock

pytestmark = pytest.mark.django_db


def waiting(days: int = 30) -> Delivery:
    entry = append(kind="test.acted", stream="test:1", by=SYSTEM)
    due_at = clock.now() + dt.timedelta(days=days)
    message = tell("test.told", to=make_user(), entry=entry, ref="C26-7K3M9Q", due_at=due_at)
    return Delivery.objects.get(message=message)


def again(delivery: Delivery) -> Delivery:
    return Delivery.objects.get(pk=delivery.pk)


class Answering:
    """A channel that answers as it is told to, and counts what it was handed."""

    def __init__(self) -> None:
        self.answer: Callable[[], Exception] | None = None
        self.handed: list[int] = []

    def hand_over(self, delivery: Delivery) -> None:
        self.handed.append(delivery.pk)
        if self.answer:
            raise self.answer()


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Answering:
    answering = Answering()
    channels._made.cache_clear()
    monkeypatch.setattr("members.services.deliveries.adapter_of", lambda channel: answering)
    return answering


def test_a_mail_goes_out_under_the_name_that_stood_before_the_first_try() -> None:
    delivery = waiting()
    assert deliver(delivery_id=delivery.pk)
    (sent,) = mail.outbox
    assert str(delivery.token) in sent.message()["Message-ID"]
    assert again(delivery).status == "taken"


def test_a_delivery_that_was_taken_is_not_tried_again(channel: Answering) -> None:
    delivery = waiting()
    deliver(delivery_id=delivery.pk)
    deliver(delivery_id=delivery.pk)
    assert channel.handed == [delivery.pk]


def test_a_channel_that_is_away_is_asked_again_later(channel: Answering) -> None:
    channel.answer = ChannelAway
    delivery = waiting()
    assert not deliver(delivery_id=delivery.pk)
    assert again(delivery).status == "waiting"
    assert deliveries_due("email") == []
    move_clock(minutes=2)
    assert deliveries_due("email") == [delivery.pk]


def test_three_days_without_an_answer_are_the_end(channel: Answering) -> None:
    channel.answer = lambda: TryLater("451")
    delivery = waiting()
    for _hour in range(100):
        deliver(delivery_id=delivery.pk)
        move_clock(hours=1)
    assert (again(delivery).status, again(delivery).fault) == ("failed", "451")
    assert 15 < len(channel.handed) < 40


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (lambda: Refused("550"), "failed"),
        (NotKnown, "unknown"),
        (ZeroDivisionError, "unknown"),
    ],
)
def test_what_cannot_be_tried_again_is_shown(channel: Answering, answer: Callable[[], Exception], status: str) -> None:
    channel.answer = answer
    delivery = waiting()
    deliver(delivery_id=delivery.pk)
    assert again(delivery).status == status
    move_clock(days=1)
    assert deliveries_due("email") == []


def test_a_worker_that_dies_leaves_a_delivery_of_unknown_fate(channel: Answering) -> None:
    class Killed(BaseException):
        pass

    channel.answer = Killed  # type: ignore[assignment]
    delivery = waiting()
    with pytest.raises(Killed):
        deliver(delivery_id=delivery.pk)
    lose(delivery_id=delivery.pk)
    assert again(delivery).status == "trying"
    move_clock(minutes=6)
    assert deliveries_lost() == [delivery.pk]
    sweep_messages()
    assert (again(delivery).status, again(delivery).fault) == ("unknown", "killed")
    assert channel.handed == [delivery.pk]


def test_what_has_passed_before_it_could_be_sent_is_dropped(channel: Answering) -> None:
    delivery = waiting(days=1)
    move_clock(days=2)
    deliver(delivery_id=delivery.pk)
    assert again(delivery).status == "dropped"
    assert channel.handed == []


def test_a_report_counts_once_and_settles_what_was_not_known(channel: Answering) -> None:
    channel.answer = NotKnown
    delivery = waiting()
    deliver(delivery_id=delivery.pk)
    for _again in range(2):
        report(delivery=delivery, says="arrived", source="service")
    assert again(delivery).status == "delivered"
    assert DeliveryReport.objects.count() == 1


def test_a_bounce_after_an_arrival_is_the_last_word(channel: Answering) -> None:
    delivery = waiting()
    deliver(delivery_id=delivery.pk)
    report(delivery=delivery, says="arrived", source="service")
    report(delivery=delivery, says="bounced", source="bounce", code="5.1.1")
    assert (again(delivery).status, again(delivery).fault) == ("bounced", "5.1.1")


def test_staff_have_a_failed_one_sent_again_under_the_same_name(channel: Answering) -> None:
    channel.answer = lambda: Refused("550")
    delivery = waiting()
    deliver(delivery_id=delivery.pk)
    send_again(delivery=delivery, by=make_user())
    assert Entry.objects.filter(kind="delivery.repeated").count() == 1
    channel.answer = None
    deliver(delivery_id=delivery.pk)
    assert again(delivery).status == "taken"
    assert again(delivery).token == delivery.token
    with pytest.raises(DeliveryNotRepeatable):
        send_again(delivery=delivery, by=make_user())


def test_a_silent_channel_is_asked_once_a_run(channel: Answering) -> None:
    channel.answer = ChannelAway
    for _each in range(5):
        waiting()
    sweep_messages()
    assert len(channel.handed) == 1
    channel.answer = None
    move_clock(minutes=2)
    sweep_messages()
    assert Delivery.objects.filter(status="taken").count() == 5


def test_what_goes_to_an_address_of_its_own_goes_out_and_comes_back_like_the_rest() -> None:
    delivery = waiting()
    Delivery.objects.update(to_address="before@test.example")
    deliver(delivery_id=delivery.pk)
    assert again(delivery).status == "taken"
    report(delivery=delivery, says="bounced", source="bounce", code="550")
    assert again(delivery).status == "bounced"
    assert again(delivery).to_address == "before@test.example"
