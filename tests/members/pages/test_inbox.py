"""The inbox of everybody with a log-in, one message of it, and the count in the header of every page."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import clock
from members.models import Broadcast, Delivery, DeliveryReport, MailChoice, Membership, Message, User
from members.services.broadcasts import mail_broadcast
from members.services.messages import tell_members
from tests.cast import Cast
from tests.factories import make_membership, make_person, make_user
from tests.members.telling import REF, acted, brought_to, told_to
from tests.moving import move_clock

pytestmark = pytest.mark.django_db
INBOX = reverse("inbox")


def text(client: Client, user: User, path: str = INBOX) -> str:
    client.force_login(user)
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def path_of(message: Message) -> str:
    return reverse("inbox_item", args=["m", str(message.public_id)])


def to_all(membership: Membership) -> None:
    tell_members("test.to_all", members_of=membership.plan, counted_at=clock.now(), entry=acted(), ref="x")


def test_an_empty_inbox_says_what_will_be_there(client: Client, cast: Cast) -> None:
    assert "Your inbox is empty" in text(client, cast.outsider)


def test_a_stranger_is_sent_to_the_log_in(client: Client) -> None:
    assert client.get(INBOX)["Location"].startswith("/accounts/login/")


def test_messages_stand_with_their_time_and_whether_they_are_read(client: Client, cast: Cast) -> None:
    told_to(cast.outsider, ref="C26-OTHER1")
    message, later = told_to(cast.member, ref="C26-FIRST1"), told_to(cast.member, ref="C26-LATER1")
    shown = text(client, cast.member)
    assert shown.index("About C26-LATER1") < shown.index("About C26-FIRST1")
    assert "C26-OTHER1" not in shown
    assert shown.count(">Unread<") == 2
    assert "You have until:" in shown
    assert '<span class="left">(in 23 hours)</span>' in shown
    client.get(path_of(message))
    shown = text(client, cast.member)
    assert shown.count(">Unread<") == 1
    assert shown.count(">Read<") == 1
    assert later.read_at is None


def test_a_message_says_what_why_until_when_and_leads_to_the_one_act(client: Client, cast: Cast) -> None:
    message = told_to(cast.member)
    shown = text(client, cast.member, path_of(message))
    assert f"About {REF}" in shown
    assert f"Something happened to {REF}." in shown
    assert "You get this because it is yours." in shown
    assert f'href="{reverse("home")}">Open it</a>' in shown
    assert "You have until:" in shown
    assert "Not sent yet" in shown
    assert f'{path_of(message)}deadline.ics"' in shown


def test_nobody_opens_the_message_of_somebody_else_or_of_nobody(client: Client, cast: Cast) -> None:
    message = told_to(cast.member)
    client.force_login(cast.outsider)
    for path in (path_of(message), reverse("inbox_item", args=["m", str(uuid.uuid4())]), "/inbox/b/9/", "/inbox/x/9/"):
        assert client.get(path).status_code == 404
        assert client.get(f"{path}deadline.ics").status_code == 404
    assert Message.objects.get().read_at is None


@pytest.mark.parametrize("status", ["taken", "unknown"])
def test_opening_is_evidence_that_it_arrived(client: Client, cast: Cast, status: str) -> None:
    message = told_to(cast.member)
    brought_to(message, status)
    shown = text(client, cast.member, path_of(message))
    assert "Arrived" in shown
    assert Message.objects.get().read_at is not None
    assert Delivery.objects.get().status == "delivered"
    text(client, cast.member, path_of(message))
    assert DeliveryReport.objects.get().source == "inbox"


@pytest.mark.parametrize("status", ["bounced", "failed"])
def test_opening_does_not_undo_what_is_known_about_a_mail(client: Client, cast: Cast, status: str) -> None:
    message = told_to(cast.member)
    brought_to(message, status, "550")
    text(client, cast.member, path_of(message))
    assert Delivery.objects.get().status == status


def test_opening_says_nothing_about_a_mail_to_the_address_before(client: Client, cast: Cast) -> None:
    message = told_to(cast.member)
    message.deliveries.update(to_address="before@test.example")
    brought_to(message, "taken")
    text(client, cast.member, path_of(message))
    assert Delivery.objects.get().status == "taken"


def test_the_deadline_goes_into_a_calendar(client: Client, cast: Cast) -> None:
    message = told_to(cast.member)
    client.force_login(cast.member)
    response = client.get(f"{path_of(message)}deadline.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    assert b"BEGIN:VEVENT" in response.content
    assert message.due_at is not None
    assert f"DTSTART:{message.due_at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}".encode() in response.content
    assert Message.objects.get().read_at is None, "the file is no opening"


def test_what_all_members_are_told_stands_among_the_rest_and_opens(client: Client, cast: Cast) -> None:
    to_all(cast.membership)
    told_to(cast.member)
    shown = text(client, cast.member)
    assert shown.count(">Unread<") == 2
    assert "Inbox is empty" not in shown
    to_open = next(part.partition('"')[0] for part in shown.split('href="') if part.startswith("/inbox/b/"))
    assert text(client, cast.member, to_open).count("deadline.ics") == 0
    assert text(client, cast.member).count(">Unread<") == 1
    client.force_login(cast.outsider)
    assert client.get(to_open).status_code == 404


def test_opening_what_all_were_told_is_evidence_for_its_copy_by_mail(client: Client, cast: Cast) -> None:
    MailChoice.objects.create(user=cast.member, kind="test.to_all", is_wanted=True)
    to_all(cast.membership)
    mail_broadcast(broadcast_id=Broadcast.objects.get().pk)
    brought_to(Message.objects.get(), "taken")
    shown = text(client, cast.member, f"/inbox/b/{Broadcast.objects.get().pk}/")
    assert "Arrived" in shown


def test_all_is_marked_as_read_but_what_must_be_opened(client: Client, cast: Cast) -> None:
    told_to(cast.member)
    to_all(cast.membership)
    others = told_to(cast.outsider)
    client.force_login(cast.member)
    client.get(reverse("inbox_read_all"))
    assert "2 unread" in text(client, cast.member), "looking changes nothing"
    shown = client.post(reverse("inbox_read_all"), follow=True).content.decode()
    assert "marked as read" in shown
    assert ">Unread<" not in shown
    assert Message.objects.get(pk=others.pk).read_at is None

    told_to(cast.member, kind="test.notice")
    shown = client.post(reverse("inbox_read_all"), follow=True).content.decode()
    assert shown.count(">Unread<") == 1


def test_reading_is_never_before_writing_when_the_clock_was_set_back(client: Client, cast: Cast) -> None:
    message = told_to(cast.member)
    move_clock(hours=-2)
    client.force_login(cast.member)
    client.post(reverse("inbox_read_all"))
    assert Message.objects.get().read_at == message.written_at


@pytest.mark.parametrize("path", [INBOX, reverse("home"), reverse("plan_list")])
def test_every_page_counts_what_is_unread_in_words(client: Client, cast: Cast, path: str) -> None:
    assert "unread</span>" not in text(client, cast.member, path)
    told_to(cast.member)
    to_all(cast.membership)
    assert '>Inbox<span class="visually-hidden">, 2 unread</span>' in text(client, cast.member, path)
    assert "unread</span>" not in text(client, cast.outsider, path)


def test_a_count_above_99_is_said_in_full_and_drawn_short(client: Client, cast: Cast) -> None:
    Message.objects.bulk_create(Message(to_user=cast.member, kind="test.optional", params={}) for _ in range(120))
    shown = text(client, cast.member)
    assert ", 120 unread" in shown
    assert ">99+<" in shown
    assert "Page 1 of 5" in shown


def test_the_count_costs_one_query_and_nothing_for_strangers(client: Client, cast: Cast) -> None:
    def counting(path: str) -> list[str]:
        client.get(path)
        with CaptureQueriesContext(connection) as found:
            client.get(path)
        return [one["sql"] for one in found if "members_message" in one["sql"] or "members_broadcast" in one["sql"]]

    assert counting(reverse("plan_list")) == []
    client.force_login(cast.member)
    assert len(counting(reverse("plan_list"))) == 1
    with CaptureQueriesContext(connection) as found:
        client.post(reverse("mail_choices"), {})
    assert not [one for one in found if "members_message" in one["sql"]], "an answer to a form does not count"


def test_the_inbox_costs_the_same_at_one_and_at_three(client: Client, cast: Cast) -> None:
    def queries() -> int:
        text(client, cast.member)
        with CaptureQueriesContext(connection) as found:
            text(client, cast.member)
        return len(found)

    to_all(cast.membership)
    told_to(cast.member)
    first = queries()
    for _ in range(2):
        told_to(cast.member)
        told_to(make_person(payer=cast.membership.person))
        to_all(cast.membership)
    assert queries() == first


def test_a_message_that_a_release_no_longer_knows_is_shown_as_that(client: Client, cast: Cast) -> None:
    message = Message.objects.create(to_user=cast.member, kind="old.kind", params={"ref": "x"})
    assert "no longer has words for" in text(client, cast.member, path_of(message))


def test_a_user_of_no_plan_finds_nothing_of_members(client: Client, cast: Cast) -> None:
    to_all(make_membership(cast.plan, make_person(user=make_user())))
    assert "Your inbox is empty" in text(client, cast.outsider)
