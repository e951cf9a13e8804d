"""Whom a message is about, where a log-in has several people; how it was sent, in words; and why it always comes."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from members.models import Message, Person, User
from members.selectors.mail_choices import Owed, mail_kinds_of
from members.services.messages import tell
from members.templatetags.faults import fault_words
from tests.cast import Cast
from tests.factories import make_person
from tests.members.telling import acted, brought_to, told_to

pytestmark = pytest.mark.django_db
INBOX, CHOICES = reverse("inbox"), reverse("mail_choices")


def text(client: Client, user: User, path: str) -> str:
    client.force_login(user)
    return " ".join(client.get(path).content.decode().split())


def path_of(message: Message) -> str:
    return reverse("inbox_item", args=["m", str(message.public_id)])


@pytest.fixture
def child(cast: Cast) -> Person:
    return make_person(payer=cast.membership.person, name="Xiao Ming")


def test_a_payer_reads_whom_of_the_family_a_message_is_about(client: Client, cast: Cast, child: Person) -> None:
    of_child, own = told_to(child), told_to(cast.member)
    assert of_child.to_user == cast.member
    name = cast.membership.person.name
    shown = text(client, cast.member, INBOX)
    assert "About Xiao Ming" in shown
    assert f"About you: {name}" in shown
    assert "About Xiao Ming" in text(client, cast.member, path_of(of_child))
    assert f"About you: {name}" in text(client, cast.member, path_of(own))
    about = {one["key"]: one["about"] for one in client.get("/api/v1/inbox/").json()["results"]}
    assert about[f"m/{of_child.public_id}"] == {"member": child.pk, "name": "Xiao Ming"}


def test_who_has_nobody_else_does_not_read_their_own_name(client: Client, cast: Cast) -> None:
    message = told_to(cast.member)
    name = cast.membership.person.name
    assert f"About you: {name}" not in text(client, cast.member, INBOX)
    assert f"About you: {name}" not in text(client, cast.member, path_of(message))


def test_staff_read_the_log_in_and_the_member_apart(client: Client, cast: Cast, child: Person) -> None:
    message = told_to(child)
    brought_to(message, "bounced", "5.1.1")
    shown = text(client, cast.auditor, reverse("message_of_staff", args=[message.public_id]))
    assert f"<code>user:{cast.member.pk}</code> (of their payer)" in shown
    assert f"Member {child.pk}</a>" in shown
    assert "Xiao Ming" not in shown, "staff see references alone"
    own = told_to(cast.member)
    assert "(of their payer)" not in text(client, cast.auditor, reverse("message_of_staff", args=[own.public_id]))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("failed", "It was refused, or could not be sent for three days."),
        ("bounced", "Your address does not take it."),
        ("delivered", "It has reached you."),
    ],
)
def test_each_way_says_what_became_of_it(client: Client, cast: Cast, status: str, words: str) -> None:
    message = told_to(cast.member)
    brought_to(message, status, "550")
    shown = text(client, cast.member, path_of(message))
    assert words in shown
    assert "It has stood here since it was written." in shown
    assert "550" not in shown


def test_before_it_leaves_it_says_so(client: Client, cast: Cast) -> None:
    assert "It leaves within a minute." in text(client, cast.member, path_of(told_to(cast.member)))


def test_what_was_switched_off_says_that_it_was_the_reader_s_choice(client: Client, cast: Cast) -> None:
    client.force_login(cast.member)
    client.post(CHOICES, {"language": "en"})
    message = tell("test.optional", to=cast.member, entry=acted(), ref="x")
    assert message is not None
    assert "by your choice, messages of this kind do not come by email" in text(client, cast.member, path_of(message))


def test_what_all_members_are_told_is_off_until_it_is_chosen(client: Client, cast: Cast) -> None:
    shown = text(client, cast.member, CHOICES)
    news, usual = (shown.partition(f'value="test.{kind}"')[2].partition(">")[0] for kind in ("to_all", "optional"))
    assert "checked" not in news
    assert "checked" in usual
    assert "By email it comes only if you tick it" in shown
    client.post(CHOICES, {"language": "en", "wanted": ["test.optional"], "wanted_news": ["test.to_all"]})
    assert "checked" in text(client, cast.member, CHOICES).partition('value="test.to_all"')[2].partition(">")[0]


def test_what_always_comes_says_why(client: Client, cast: Cast) -> None:
    _before, _id, owed = text(client, cast.member, CHOICES).partition('id="owed"')
    for why in (Owed.NOTICE, Owed.DEADLINE, Owed.LOGIN, Owed.RIGHT):
        assert str(why.label) in owed
    for user in (cast.member, cast.reviewer, cast.investigator, cast.professional):
        kinds = mail_kinds_of(user)
        assert all((kind.owed_for is not None) == kind.is_owed for kind in kinds)
        assert not [kind.name for kind in kinds if kind.owed_for is Owed.RIGHT and user == cast.reviewer]
    with translation.override("zh-hans"):
        assert len({str(why.label) for why in Owed}) == len(Owed)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("", ""),
        ("5.1.1", "there is no such mailbox"),
        ("552", "the mailbox is full or closed"),
        ("5.7.26", "the other mail server refuses our mail"),
        ("4.2.2", "the other mail server asks us to try later"),
        ("5.5.0", "the other mail server refused it"),
        ("no-phone", "no phone number is known"),
        ("ConnectionRefusedError", "the connection failed"),
    ],
)
def test_a_fault_is_said_in_words(fault: str, words: str) -> None:
    assert fault_words(fault) == words
