"""What all members are told: each is read by itself, whatever the order of its commit, and may have a deadline."""

from __future__ import annotations

import datetime as dt
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from audit import clock
from members.channels.mail import mail_of
from members.models import Broadcast, BroadcastReading, Delivery, MailChoice
from members.selectors.inbox import inbox_of, unread_count
from members.services.broadcasts import mail_broadcast
from members.services.inbox import open_item, read_all
from members.services.messages import tell_members
from tests.cast import Cast
from tests.members.telling import acted
from tests.moving import move_clock


def told(cast: Cast) -> Broadcast:
    made = tell_members("test.to_all", members_of=cast.plan, counted_at=clock.now(), entry=acted(), ref="x")
    assert made is not None
    return made


def told_until(cast: Cast, due_at: dt.datetime) -> Broadcast:
    entry, now = acted(), clock.now()
    made = tell_members("test.to_all_until", members_of=cast.plan, counted_at=now, entry=entry, ref="x", due_at=due_at)
    assert made is not None
    return made


@pytest.mark.django_db(transaction=True)
def test_one_that_is_committed_late_under_a_lower_number_is_unread(cast: Cast) -> None:
    written, may_end = Event(), Event()
    late: list[int] = []

    def tell_slowly() -> None:
        with transaction.atomic():
            late.append(told(cast).pk)
            written.set()
            may_end.wait(20)
        connection.close()

    slow = Thread(target=tell_slowly)
    slow.start()
    assert written.wait(20)
    with transaction.atomic():
        later = told(cast)
    open_item(user=cast.member, key=f"b/{later.pk}")
    read_all(by=cast.member)
    may_end.set()
    slow.join(20)
    assert late[0] < later.pk
    assert unread_count(cast.member) == 1
    assert {item.row.pk: item.is_read for item in inbox_of(cast.member)} == {late[0]: False, later.pk: True}


@pytest.mark.django_db
def test_all_are_marked_as_read_and_opening_twice_counts_once(cast: Cast) -> None:
    for _each in range(3):
        told(cast)
    read_all(by=cast.member)
    assert unread_count(cast.member) == 0
    newest = Broadcast.objects.latest("pk")
    open_item(user=cast.member, key=f"b/{newest.pk}")
    assert BroadcastReading.objects.filter(user=cast.member).count() == 3


@pytest.mark.django_db
def test_one_with_a_deadline_brings_a_calendar_file_by_mail_and_in_the_inbox(client: Client, cast: Cast) -> None:
    MailChoice.objects.create(user=cast.member, kind="test.to_all_until", is_wanted=True)
    broadcast = told_until(cast, clock.now() + dt.timedelta(days=3))
    mail_broadcast(broadcast_id=broadcast.pk)
    delivery = Delivery.objects.get()
    assert delivery.message.due_at is not None
    [attached] = [part for part in mail_of(delivery).message().walk() if part.get_content_type() == "text/calendar"]
    client.force_login(cast.member)
    path = reverse("inbox_item", args=["b", str(broadcast.pk)])
    assert f"{path}deadline.ics" in client.get(path).content.decode()
    file = client.get(f"{path}deadline.ics").content
    name = next(line for line in file.splitlines() if line.startswith(b"UID:"))
    assert name in bytes(attached.get_payload(decode=True)).replace(b"\r\n ", b""), "calendars show it once"
    move_clock(days=4)
    assert "deadline.ics" not in client.get(path).content.decode()
