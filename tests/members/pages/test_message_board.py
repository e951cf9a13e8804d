"""Pages on which the plan's staff see what did not get through, and find messages by reference."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Entry
from members.models import Delivery, User
from members.services.deliveries import report
from tests.cast import Cast
from tests.factories import make_person, make_user
from tests.members.telling import REF, brought_to, told_to

pytestmark = pytest.mark.django_db
BOARD = reverse("message_board")


def text(client: Client, user: User, path: str = BOARD) -> str:
    client.force_login(user)
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def refused(to: User | None = None, fault: str = "550") -> Delivery:
    return brought_to(told_to(to or make_user()), "failed", fault)


@pytest.mark.parametrize("who", ["reviewer", "auditor"])
def test_what_did_not_get_through_is_shown_with_its_fault_and_its_readers_reference(
    client: Client, cast: Cast, who: str
) -> None:
    assert "Everything got through" in text(client, getattr(cast, who))
    delivery = refused(cast.member)
    brought_to(told_to(cast.outsider), "taken")
    shown = text(client, getattr(cast, who))
    assert f"About {REF}" in shown
    assert "<code>550</code>" in shown
    assert cast.member.audit_ref in shown
    assert reverse("person_detail", args=[cast.membership.person_id]) in shown
    assert cast.outsider.audit_ref not in shown, "it was taken"
    assert cast.member.email not in shown
    assert cast.membership.person.name not in shown
    assert ("Send 1 message again" in shown) == (who == "reviewer")
    assert delivery.message.public_id is not None


def test_a_state_and_a_channel_narrow_the_list(client: Client, cast: Cast) -> None:
    one, other = refused(), brought_to(told_to(make_user()), "taken")
    shown = text(client, cast.reviewer, f"{BOARD}?status=taken")
    assert str(other.message.public_id) in shown
    assert str(one.message.public_id) not in shown
    assert "No delivery in this state" in text(client, cast.reviewer, f"{BOARD}?channel=text")
    client.force_login(cast.reviewer)
    assert client.get(f"{BOARD}?status=nothing").status_code == 422


def test_a_message_is_found_by_each_reference_and_by_nothing_else(client: Client, cast: Cast) -> None:
    message = told_to(cast.membership.person, ref="C26-AAAAAA")
    child = told_to(make_person(payer=cast.membership.person), ref="C26-BBBBBB")
    for term, found in (
        ("C26-AAAAAA", [message]),
        (str(message.public_id), [message]),
        (cast.member.audit_ref, [child, message]),
        (str(cast.membership.person_id), [message]),
        ("C26-A", []),
        (cast.member.email, []),
        ("user:", []),
        ("9" * 19, []),
    ):
        shown = text(client, cast.auditor, f"{BOARD}?find={term}")
        assert [one for one in (child, message) if str(one.public_id) in shown] == found, term
        assert ("No message found" in shown) == (not found)


def test_the_way_of_one_message_is_shown_without_its_words(client: Client, cast: Cast) -> None:
    delivery = brought_to(told_to(cast.member), "bounced", "5.1.1")
    path = reverse("message_of_staff", args=[delivery.message.public_id])
    shown = text(client, cast.reviewer, path)
    assert "it came back" in shown
    assert "<code>5.1.1</code>" in shown
    assert "Something happened to" not in shown
    assert "Send it again" in shown
    audited = text(client, cast.auditor, path)
    assert "Send it again" not in audited
    assert reverse("audit_entry", args=[delivery.message.entry_id]) in audited
    client.force_login(cast.member)
    assert client.get(path).status_code == 403


def test_nobody_of_the_staff_sees_that_somebody_was_reminded_to_vote(client: Client, cast: Cast) -> None:
    message = told_to(cast.member, kind="test.secret")
    delivery = brought_to(message, "failed", "550")
    shown = text(client, cast.reviewer)
    assert "Everything got through" in shown
    for term in (REF, cast.member.audit_ref, str(message.public_id)):
        assert "No message found" in text(client, cast.reviewer, f"{BOARD}?find={term}")
    client.force_login(cast.reviewer)
    assert client.get(reverse("message_of_staff", args=[message.public_id])).status_code == 404
    assert client.post(reverse("delivery_retry", args=[delivery.pk])).status_code == 404
    client.post(reverse("deliveries_retry"), {"channel": "email", "status": "failed", "fault": "550"})
    assert Delivery.objects.get().status == "failed"


def test_reviewers_learn_who_sits_on_a_panel_only_where_somebody_must_be_reached(client: Client, cast: Cast) -> None:
    message = told_to(cast.member, kind="test.juror")
    delivery = brought_to(message, "taken")
    path = reverse("message_of_staff", args=[message.public_id])
    assert str(message.public_id) not in text(client, cast.reviewer, f"{BOARD}?status=taken")
    assert "No message found" in text(client, cast.reviewer, f"{BOARD}?find={REF}")
    client.force_login(cast.reviewer)
    assert client.get(path).status_code == 404
    assert str(message.public_id) in text(client, cast.auditor, f"{BOARD}?status=taken")
    assert REF in text(client, cast.auditor, path)
    report(delivery=delivery, says="bounced", source="bounce", code="5.1.1")
    assert str(message.public_id) in text(client, cast.reviewer)
    assert REF in text(client, cast.reviewer, path)
    shown = client.post(reverse("delivery_retry", args=[delivery.pk]), follow=True)
    assert shown.redirect_chain == [(BOARD, 302)]
    assert "sent again within a minute" in shown.content.decode()


def test_a_message_that_does_not_exist_is_no_page(client: Client, cast: Cast) -> None:
    client.force_login(cast.reviewer)
    assert client.get(f"{BOARD}00000000-0000-0000-0000-000000000000/").status_code == 404


def test_a_reviewer_has_one_delivery_sent_again(client: Client, cast: Cast) -> None:
    delivery = refused()
    path = reverse("delivery_retry", args=[delivery.pk])
    client.force_login(cast.reviewer)
    assert client.get(path)["Location"] == reverse("message_of_staff", args=[delivery.message.public_id])
    assert Delivery.objects.get().status == "failed", "looking changes nothing"
    assert "sent again within a minute" in client.post(path, follow=True).content.decode()
    assert Delivery.objects.get().status == "waiting"
    assert Entry.objects.filter(kind="delivery.repeated", actor=cast.reviewer.audit_ref).count() == 1
    assert "Only one that failed" in client.post(path, follow=True).content.decode()
    client.force_login(cast.auditor)
    assert client.post(path).status_code == 403


def test_everything_that_failed_alike_is_sent_again_and_nothing_else(client: Client, cast: Cast) -> None:
    alike = [refused(), refused()]
    other = refused(fault="no-address")
    path = reverse("deliveries_retry")
    client.force_login(cast.reviewer)
    given = {"channel": "email", "status": "failed", "fault": "550"}
    assert "2 messages are sent again" in client.post(path, given, follow=True).content.decode()
    assert {one.pk for one in Delivery.objects.filter(status="waiting")} == {one.pk for one in alike}
    assert Delivery.objects.get(pk=other.pk).status == "failed"
    assert "read" in client.post(path, {"channel": "pigeon"}, follow=True).content.decode()
    client.force_login(cast.auditor)
    assert client.post(path, given).status_code == 403


def test_a_fault_is_no_name_of_a_delivery_that_is_on_its_way(client: Client, cast: Cast) -> None:
    delivery = brought_to(told_to(cast.member), "taken")
    client.force_login(cast.reviewer)
    client.post(reverse("deliveries_retry"), {"channel": "email", "status": "taken", "fault": ""})
    assert Delivery.objects.get(pk=delivery.pk).status == "taken"


@pytest.mark.parametrize("query", ["", f"?find={REF}"])
def test_the_page_costs_the_same_at_one_and_at_three(client: Client, cast: Cast, query: str) -> None:
    def queries() -> int:
        text(client, cast.reviewer, BOARD + query)
        with CaptureQueriesContext(connection) as found:
            text(client, cast.reviewer, BOARD + query)
        return len(found)

    refused(cast.member)
    first = queries()
    refused()
    brought_to(told_to(make_user()), "bounced", "5.1.1")
    assert queries() == first
