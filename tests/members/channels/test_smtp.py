"""Mails by the real protocol: what each way in which an exchange can end says about the mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from members import channels
from members.models import Delivery
from members.rules import delivering
from members.selectors.messages import deliveries_due
from members.services.deliveries import deliver
from members.tasks import sweep_messages
from tests.factories import make_user
from tests.mail_server import MailServer, a_mail_server
from tests.members.channels.making import now, waiting_for
from tests.moving import move_clock

pytestmark = pytest.mark.django_db
SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with a_mail_server() as made:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", made.port
        settings.EMAIL_TIMEOUT = settings.EMAIL_END_TIMEOUT = 10
        channels._made.cache_clear()
        yield made
        channels._made.cache_clear()


def to(name: str) -> Delivery:
    return waiting_for(make_user(email=f"{name}@people.example"))


def test_a_mail_is_taken_with_its_return_address_and_its_fixed_name(server: MailServer) -> None:
    delivery = to("anna")
    assert deliver(delivery_id=delivery.pk)
    (taken,) = server.taken
    assert now(delivery).status == "taken"
    assert taken.recipient == "<anna@people.example>"
    assert taken.sender.startswith(f"<bounce+{delivery.token.hex}.")
    assert taken.message["Message-ID"].startswith(f"<{delivery.token}@")
    assert f"ENVID={delivery.token.hex}" in taken.mail_options
    assert "RET=HDRS" in taken.mail_options
    assert taken.rcpt_options == "NOTIFY=FAILURE,DELAY"


@pytest.mark.parametrize(
    ("name", "status", "fault", "answers"),
    [
        ("rcpt-450", "waiting", "450 4.1.1", True),
        ("rcpt-550", "failed", "550 5.1.1", True),
        ("rcpt-421", "waiting", "SMTPResponseException", False),
        ("data-451", "waiting", "451 4.1.1", True),
        ("data-554", "failed", "554 5.1.1", True),
        ("close-data", "waiting", "SMTPServerDisconnected", False),
        # It ended before the final dot, but what had left this machine by then is not known here.
        ("close-before", "unknown", "SMTPServerDisconnected", True),
        ("close-after", "unknown", "SMTPServerDisconnected", True),
        ("end-451", "waiting", "451 4.1.1", True),
        ("end-554", "failed", "554 5.1.1", True),
    ],
)
def test_each_end_of_an_exchange_is_told_apart(
    server: MailServer, name: str, status: str, fault: str, answers: bool
) -> None:
    delivery = to(name)
    assert deliver(delivery_id=delivery.pk) is answers
    assert (now(delivery).status, now(delivery).fault) == (status, fault)
    assert server.taken == []


def test_what_the_server_said_about_somebody_is_not_kept(server: MailServer) -> None:
    delivery = to("rcpt-550")
    deliver(delivery_id=delivery.pk)
    assert "people.example" not in now(delivery).fault


def test_a_server_that_hangs_over_the_final_dot_leaves_a_mail_of_unknown_fate(
    server: MailServer, settings: Any
) -> None:
    settings.EMAIL_END_TIMEOUT = 0.2
    delivery = to("hang-after")
    deliver(delivery_id=delivery.pk)
    assert now(delivery).status == "unknown"
    assert sum(server.whole.values()) == 1


def test_a_server_that_is_gone_loses_nothing(settings: Any) -> None:
    with a_mail_server() as gone:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP, "127.0.0.1", gone.port
    channels._made.cache_clear()
    delivery = to("anna")
    assert not deliver(delivery_id=delivery.pk)
    assert (now(delivery).status, now(delivery).fault) == ("waiting", "ConnectionRefusedError")


def test_a_server_that_refuses_everybody_holds_the_mails_back(server: MailServer) -> None:
    server.greeting = "554 not today"
    deliveries = [to("anna"), to("boris")]
    assert not deliver(delivery_id=deliveries[0].pk)
    assert {now(one).status for one in deliveries} == {"waiting"}


def test_one_connection_carries_many_mails_also_behind_a_refused_one(server: MailServer) -> None:
    names = ["anna", "rcpt-550", "boris", "data-451", "carla", "end-554", "dora"]
    for name in names:
        to(name)
    sweep_messages()
    assert [one.recipient.partition("@")[0] for one in server.taken] == ["<anna", "<boris", "<carla", "<dora"]
    assert server.connections == 1


def test_a_connection_that_broke_is_replaced(server: MailServer) -> None:
    for name in ("anna", "close-after", "boris", "carla"):
        to(name)
    sweep_messages()
    assert len(server.taken) == 3
    assert server.connections == 2


def test_a_mail_that_breaks_every_connection_delays_no_other_for_long(server: MailServer) -> None:
    broken, other = to("close-data"), to("anna")
    sweep_messages()
    assert now(other).status == "waiting"
    sweep_messages()
    assert now(other).status == "taken"
    move_clock(days=3, minutes=1)
    assert deliveries_due("email") == [broken.pk]
    deliver(delivery_id=broken.pk)
    assert now(broken).status == "failed"


def test_a_second_try_goes_out_under_the_same_name(server: MailServer) -> None:
    delivery = to("end-451")
    deliver(delivery_id=delivery.pk)
    move_clock(minutes=2)
    deliver(delivery_id=delivery.pk)
    assert list(server.whole.values()) == [2]


def test_an_exchange_ends_before_its_delivery_is_given_up_as_lost(settings: Any) -> None:
    """Connecting, greeting, EHLO, TLS, log-in, RSET, MAIL, RCPT, DATA and the mail itself, then the last answer."""
    from config import timeouts

    step, end = timeouts.MAIL.worker, timeouts.MAIL_END.worker
    assert step * 6 + end < delivering.HELD.total_seconds()
