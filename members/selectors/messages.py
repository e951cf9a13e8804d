"""Reading the outbox: what somebody was told, in words, and what is due to be sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise

from audit import clock
from audit.message_kinds import Address, MessageKind, Param
from audit.rooms import message_kinds
from members.access import AnyUser, is_signed_in
from members.models import Broadcast, Channel, Delivery, MailChoice, Message, User
from members.selectors.plans import plan_title
from pages.words import day, is_chinese, moment

PAGE = 500
CHANNELS = tuple(str(channel.value) for channel in Channel)


@dataclass(frozen=True)
class Told:
    """A message in words, in the language that was active when it was read."""

    subject: str
    body: tuple[str, ...]
    why: str
    act: str
    path: str
    """Of the page that it leads to, behind the log-in."""
    due_at: dt.datetime | None


def told(message: Message | Broadcast) -> Told:
    """The message in words, for the active language. One whose kind no release knows any more says so."""
    kind, due_at = message_kinds().get(message.kind), due_of(message)
    if kind is None:
        return Told(subject=message.kind, body=(), why="", act="", path=reverse("home"), due_at=due_at)
    values = kind.read(message.params)
    words = dict.fromkeys(kind.params, "—") | {
        name: _in_words(kind.params[name], value) for name, value in values.items()
    }
    return Told(
        subject=_filled(kind.subject, words),
        body=tuple(_filled(paragraph, words) for paragraph in kind.body),
        why=_filled(kind.why, words),
        act=_filled(kind.act, words),
        path=_path(kind.address, values),
        due_at=due_at,
    )


def due_of(message: Message | Broadcast) -> dt.datetime | None:
    """The end of the reader's time; a message to all members has it among its references alone."""
    if isinstance(message, Message):
        return message.due_at
    kind = message_kinds().get(message.kind)
    due = kind.read(message.params).get(kind.due) if kind is not None else None
    return due if isinstance(due, dt.datetime) else None


def language_of(user: User | None) -> str:
    """The language in which somebody is written to: their own, else the site's."""
    known = {code for code, _name in settings.LANGUAGES}
    return user.language if user is not None and user.language in known else settings.LANGUAGE_CODE


def told_in_language(message: Message) -> Told:
    """The message in the language of its reader."""
    with translation.override(language_of(message.to_user)):
        return told(message)


def messages_visible_to(user: AnyUser) -> QuerySet[Message]:
    """Somebody's own messages, the newest first.

    Without the copies that carry a message to all members into the mail: that message itself is in the inbox.
    """
    if not is_signed_in(user):
        return Message.objects.none()
    original = Broadcast.objects.filter(entry=OuterRef("entry"), kind=OuterRef("kind"))
    return Message.objects.filter(~Exists(original), to_user_id=user.pk).order_by("-pk")


def unread_count(user: AnyUser) -> int:
    """How many of their own messages somebody has not opened: one query, by an index of the unread alone."""
    return messages_visible_to(user).filter(read_at=None).order_by().count() if is_signed_in(user) else 0


def channels_for(message: Message, wanted_by: Collection[int]) -> list[Channel]:
    """By which channels a message leaves the service: e-mail to a log-in, a text to a person without one.

    `wanted_by` are the log-ins that want it outside their inbox, which has it in any case (`who_want`).
    """
    user = message.to_user
    if user is not None:
        return [Channel.EMAIL] if user.pk in wanted_by else []
    person = message.to_person
    is_reachable = bool(settings.TEXT_CHANNEL) and person is not None and bool(person.phone)
    return [Channel.TEXT] if is_reachable else []


def who_want(name: str, kind: MessageKind, users: Collection[User]) -> frozenset[int]:
    """Those of the log-ins that get a kind outside their inbox: all active ones, but of what is not owed only those
    that have not switched it off. One query at most.
    """
    active = frozenset(user.pk for user in users if user.is_active)
    if kind.is_owed or not active:
        return active
    refused = MailChoice.objects.filter(user__in=active, kind=name, is_wanted=False)
    return active - frozenset(refused.values_list("user_id", flat=True))


def without_unread(users: QuerySet[User], kind: str) -> QuerySet[User]:
    """Those of the users who have opened every message of this kind that they got."""
    unread = Message.objects.filter(to_user=OuterRef("pk"), kind=kind, read_at=None)
    return users.filter(~Exists(unread))


def deliveries_of(message_id: int) -> list[int]:
    """The deliveries of one message that have not been tried, by id."""
    waiting = Delivery.objects.filter(message_id=message_id, status="waiting", tries=0)
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def deliveries_due(channel: str, behind: int = 0) -> list[int]:
    """The next deliveries of this channel that may be tried now, by id."""
    due = Delivery.objects.filter(channel=channel, status="waiting", next_at__lte=clock.now(), pk__gt=behind)
    return list(due.order_by("pk").values_list("pk", flat=True)[:PAGE])


def deliveries_lost(behind: int = 0) -> list[int]:
    """Those that a worker took and never gave back, by id."""
    lost = Delivery.objects.filter(status="trying", held_until__lt=clock.now(), pk__gt=behind)
    return list(lost.order_by("pk").values_list("pk", flat=True)[:PAGE])


def _path(address: Address, values: Mapping[str, object]) -> str:
    """The page that a message leads to; the start page where an old message lacks what the address takes today."""
    if not values.keys() >= set(address.params):
        return reverse("home")
    return reverse(address.url_name, args=[values[name] for name in address.params])


def _in_words(param: Param, value: str | int | dt.datetime | dt.date) -> str:
    if param is Param.PLAN:
        title = plan_title(str(value))
        return str(value) if title is None else title.zh if is_chinese() else title.en
    if isinstance(value, dt.datetime):
        return moment(value)
    return day(value) if isinstance(value, dt.date) else str(value)


def _filled(text: str | Promise, words: Mapping[str, str]) -> str:
    return str(text) % words
