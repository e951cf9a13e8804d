"""A mail as it goes out: both parts from one source, its headers, and what it must not hold."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest
from django.core import mail

from audit import clock
from members import channels
from members.channels.base import Refused
from members.channels.mail import mail_of
from members.channels.returning import token_of
from members.models import Delivery, User
from members.services.deliveries import deliver
from tests.bent import bend_all
from tests.factories import make_user
from tests.members.channels.making import now, waiting_for
from tests.moving import About, move_clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh(settings: Any) -> None:
    settings.SITE_NAME, settings.SITE_URL = "Mutual Aid Lakeside", "https://aid.example"
    settings.MAIL_DOMAIN, settings.DEFAULT_FROM_EMAIL = "aid.example", "Aid <aid@aid.example>"
    channels._made.cache_clear()


def sent(delivery: Delivery) -> EmailMessage:
    content = mail_of(delivery).message().as_bytes()
    return BytesParser(policy=default).parsebytes(content)  # type: ignore[return-value]


def part(message: EmailMessage, kind: str) -> str:
    (found,) = [each for each in message.walk() if each.get_content_type() == kind]
    return str(found.get_content()) if kind != "text/calendar" else found.get_payload(decode=True).decode()


def reader(**fields: Any) -> User:
    return make_user(email="anna@people.example", **fields)


def test_both_parts_say_the_same() -> None:
    message = sent(waiting_for(reader()))
    text, page = part(message, "text/plain"), re.sub(r"<[^>]*>", "\n", part(message, "text/html"))
    for words in (
        "Something happened to C26-7K3M9Q.",
        "You have until",
        "Open it",
        "You get this because it is yours.",
    ):
        assert words in text
        assert words in page
    assert "https://aid.example/" in text
    assert 'href="https://aid.example/' in part(message, "text/html")


def test_the_site_has_its_own_name_and_the_reply_goes_to_its_address() -> None:
    message = sent(waiting_for(reader()))
    assert message["From"] == "Mutual Aid Lakeside <aid@aid.example>"
    assert message["Subject"] == "About C26-7K3M9Q"
    assert message["To"] == "anna@people.example"
    assert "Mutual Aid Lakeside" in part(message, "text/plain")


def test_a_name_in_chinese_arrives_as_it_is(settings: Any) -> None:
    settings.SITE_NAME = "湖畔互助"
    message = sent(waiting_for(reader()))
    assert message["From"].addresses[0].display_name == "湖畔互助"


def test_it_says_that_a_program_wrote_it_and_when() -> None:
    delivery = waiting_for(reader())
    move_clock(hours=5)
    message = sent(delivery)
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == About(clock.now())
    assert message["Message-ID"] == f"<{delivery.token}@aid.example>"
    assert token_of(mail_of(delivery).from_email) == delivery.token


@pytest.mark.parametrize(("language", "written"), [("en", "en"), ("zh-hans", "zh-hans"), ("", "en"), ("fr", "en")])
def test_it_is_written_in_the_language_of_its_reader(language: str, written: str) -> None:
    message = sent(waiting_for(reader(language=language)))
    assert message["Content-Language"] == written
    assert f'<html lang="{written}">' in part(message, "text/html")
    assert ("打开链接" in part(message, "text/plain")) == (written == "zh-hans")


def test_what_is_owed_cannot_be_switched_off() -> None:
    message = sent(waiting_for(reader()))
    assert "List-Unsubscribe" not in message
    assert "Switch off" not in part(message, "text/plain") + part(message, "text/html")


def test_what_is_not_owed_leads_to_the_choices_and_no_program_acts_by_it() -> None:
    message = sent(waiting_for(reader(), kind="test.optional"))
    assert message["List-Unsubscribe"].startswith("<https://aid.example/")
    assert "List-Unsubscribe-Post" not in message
    assert "Switch off mails of this kind" in part(message, "text/plain")
    assert "Switch off mails of this kind" in part(message, "text/html")


def test_the_html_needs_nothing_from_elsewhere_and_runs_nothing() -> None:
    page = part(sent(waiting_for(reader())), "text/html")
    assert not re.search(r"<(script|img|link|iframe|form|object)\b|\bsrc=|@import|url\(", page, re.IGNORECASE)
    assert set(re.findall(r'href="(https?://[^/"]+)', page)) == {"https://aid.example"}
    assert "prefers-color-scheme: dark" in page


def test_the_end_of_the_readers_time_comes_as_a_calendar_file() -> None:
    delivery = waiting_for(reader())
    calendar = part(sent(delivery), "text/calendar")
    assert f"UID:{delivery.message.public_id}@aid.example\r\n" in calendar
    assert "anna" not in calendar
    without = sent(waiting_for(reader_two(), kind="test.optional"))
    assert "text/calendar" not in [each.get_content_type() for each in without.walk()]


def reader_two() -> User:
    return make_user(email="boris@people.example")


@pytest.mark.parametrize("address", ["anna@people.example\nBcc: all@people.example", "an\r\nna@people.example"])
def test_an_address_brings_no_header_of_its_own(address: str) -> None:
    user = reader()
    User.objects.filter(pk=user.pk).update(email=address)
    delivery = waiting_for(user)
    deliver(delivery_id=delivery.pk)
    assert (now(delivery).status, now(delivery).fault) == ("failed", "bad-address")
    assert mail.outbox == []


def test_markup_in_the_name_of_the_site_stays_text(settings: Any) -> None:
    settings.SITE_NAME = "A <b>&</b> B"
    message = sent(waiting_for(reader()))
    assert "A &lt;b&gt;&amp;&lt;/b&gt; B" in part(message, "text/html")
    assert "A <b>&</b> B" in part(message, "text/plain")


def test_a_log_in_that_is_closed_gets_no_mail() -> None:
    user = reader()
    delivery = waiting_for(user)
    bend_all(User.objects.filter(pk=user.pk), is_active=False)
    with pytest.raises(Refused):
        mail_of(now(delivery))
