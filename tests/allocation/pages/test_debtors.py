"""Members who owe a share and were not reached: the list, one of them, an attempt, and why a membership goes on."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from allocation.models import Arrear
from allocation.tasks import sweep_arrears, sweep_deadlines, sweep_payments
from members.models import ContactAttempt, Message
from tests.allocation.conftest import Desk
from tests.allocation.making import charge, make_members, publish, refuse
from tests.bent import bend
from tests.factories import SHANGHAI, make_user
from tests.members.serving import bounce, send
from tests.moving import set_clock

pytestmark = pytest.mark.django_db
CHARGED_AT = dt.datetime(2024, 3, 14, 9, tzinfo=SHANGHAI)
LIST, API = "/board/arrears/not-reached/", "/api/v1/arrears/not-reached/"
GIVEN = {"how": "call", "result": "no", "words": "I called twice, and nobody answered."}


@pytest.fixture
def message(desk: Desk) -> Message:
    """The notice of a share, which came back."""
    [debtor] = make_members(desk.plan, 1)
    debtor.person.user = make_user("debtor@test.example")
    bend(debtor.person)
    set_clock(CHARGED_AT)
    refuse(debtor)
    charge(publish(desk.plan, dt.date(2024, 3, 7)))
    sweep_payments()
    sweep_arrears()
    message = Message.objects.get(kind="allocation.share_failed")
    send(message)
    bounce(message)
    sweep_deadlines()
    return message


def shown(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


def test_the_member_reads_that_the_membership_goes_on(client: Client, message: Message) -> None:
    assert message.to_user is not None
    client.force_login(message.to_user)
    pay = reverse("arrear_pay", args=[Arrear.objects.get().membership_id])
    assert "nothing shows that our message reached you" in shown(client, pay)
    client.get(reverse("inbox_item", args=["m", str(message.public_id)]))
    sweep_deadlines()
    assert "nothing shows that our message reached you" not in shown(client, pay)


def test_a_reviewer_finds_who_was_not_reached_and_records_an_attempt(client: Client, message: Message) -> None:
    client.force_login(make_user("reviewer@test.example", "reviewer"))
    page = reverse("debtor_detail", args=[message.public_id])
    assert page in shown(client, LIST)
    assert LIST in shown(client, reverse("message_board"))
    assert "The membership goes on: the notice is not served yet." in shown(client, "/board/arrears/xhb/")
    assert "Not served" in shown(client, page)
    assert client.post(page, GIVEN | {"words": "short"}).status_code == 422
    assert client.post(page, GIVEN)["Location"] == page
    assert ContactAttempt.objects.get().was_reached is False
    assert "it counts as served in the inbox" in shown(client, page)
    assert "Everybody was reached" in shown(client, LIST)
    assert "it counts as served in the inbox" in shown(client, "/board/arrears/xhb/")


def test_an_auditor_reads_and_records_nothing(client: Client, message: Message) -> None:
    client.force_login(make_user("auditor@test.example", "auditor"))
    page = reverse("debtor_detail", args=[message.public_id])
    assert "Record an attempt" not in shown(client, page)
    assert client.post(page, GIVEN).status_code == 403
    assert client.get("/board/arrears/not-reached/00000000-0000-0000-0000-000000000000/").status_code == 404


def test_the_api_says_the_same(client: Client, message: Message) -> None:
    client.force_login(make_user("reviewer@test.example", "reviewer"))
    [row] = client.get(API).json()["results"]
    assert (row["message"], row["notice_on"]) == (str(message.public_id), "2024-03-07")
    assert row["deliveries"][0]["status"] == "bounced"
    given = {"how": "call", "was_reached": True, "words": GIVEN["words"]}
    answer = client.post(f"{API}{message.public_id}/attempts/", given, content_type="application/json").json()
    assert (answer["served_by"], answer["restarts"]) == ("told", 0)
    assert client.get(API).json()["results"] == []
