"""The inbox: a user's own messages and what all members of their plans were told, as one list, the newest first."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import merge
from typing import overload

from django.db.models import QuerySet
from django.urls import reverse

from members.access import AnyUser, is_signed_in
from members.models import Broadcast, Delivery, Message, User
from members.selectors.broadcasts import broadcasts_visible_to, read_to, unread_broadcasts
from members.selectors.messages import Told, due_of, messages_visible_to, told

_A_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class InboxItem:
    """One line of the inbox. Its words are written when they are asked for, in the language that is active then."""

    row: Message | Broadcast
    is_read: bool

    @property
    def key(self) -> str:
        """What opens it: `m/<uuid>` for a message of the user's own, `b/<id>` for one to all members."""
        return f"m/{self.row.public_id}" if isinstance(self.row, Message) else f"b/{self.row.pk}"

    @property
    def kind(self) -> str:
        """The name of its kind."""
        return self.row.kind

    @property
    def written_at(self) -> dt.datetime:
        """When the act that it is about was done."""
        return self.row.written_at

    @property
    def due_at(self) -> dt.datetime | None:
        """The end of the reader's time, if the message asks for an act."""
        return due_of(self.row)

    @property
    def words(self) -> Told:
        """The whole message."""
        return told(self.row)

    @property
    def path(self) -> str:
        """Its page."""
        where, _slash, name = self.key.partition("/")
        return reverse("inbox_item", args=[where, name])

    @property
    def subject(self) -> str:
        """Its line in the list."""
        return self.words.subject


class Inbox(Sequence[InboxItem]):
    """Somebody's whole inbox, of which pages are read: `Paginator(inbox_of(user), 25)`.

    Two queries count it and five read a page, however much there is.
    """

    def __init__(self, user: AnyUser) -> None:
        self._messages = messages_visible_to(user)
        self._broadcasts = broadcasts_visible_to(user)
        self._user = user

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> InboxItem: ...
    @overload
    def __getitem__(self, index: slice) -> list[InboxItem]: ...
    def __getitem__(self, index: int | slice) -> InboxItem | list[InboxItem]:
        """A page, or one item."""
        if isinstance(index, slice):
            first, stop, _step = index.indices(len(self))
            return self._read(first, stop)
        return self[index : index + 1][0]

    def __iter__(self) -> Iterator[InboxItem]:
        return iter(self[:])

    @cached_property
    def _length(self) -> int:
        return self._messages.order_by().count() + self._broadcasts.order_by().count()

    def _read(self, first: int, stop: int) -> list[InboxItem]:
        # Each list stands in the order of its ids, and is merged by time: a page needs at most `stop` of each.
        own = [(at, Message, pk) for at, pk in _heads(self._messages, stop)]
        to_all = [(at, Broadcast, pk) for at, pk in _heads(self._broadcasts, stop)]
        page = list(merge(own, to_all, key=lambda head: head[0], reverse=True))[first:stop]
        messages = Message.objects.in_bulk([pk for _at, model, pk in page if model is Message])
        broadcasts = Broadcast.objects.in_bulk([pk for _at, model, pk in page if model is Broadcast])
        opened = read_to(self._user) if broadcasts and isinstance(self._user, User) else 0
        return [
            _own(messages[pk]) if model is Message else InboxItem(broadcasts[pk], is_read=pk <= opened)
            for _at, model, pk in page
        ]


def inbox_of(user: AnyUser) -> Inbox:
    """Everything that a user was told, the newest first."""
    return Inbox(user)


def unread_count(user: AnyUser) -> int:
    """How much of their inbox a user has not opened: two queries."""
    if not is_signed_in(user):
        return 0
    own = messages_visible_to(user).filter(read_at=None)
    return own.order_by().count() + unread_broadcasts(user).order_by().count()


def item_of(user: AnyUser, key: str) -> InboxItem | None:
    """The item of a user's inbox that a key opens; None for a key of anybody else's, or of nothing.

    The copy that carried a message to all members into the mail opens that message.
    """
    where, _slash, name = key.partition("/")
    if not isinstance(user, User) or not user.is_active:
        return None
    if where == "m" and (public_id := _uuid(name)) is not None:
        message = Message.objects.filter(to_user=user, public_id=public_id).first()
        original = _carried(user, message) if message is not None else None
        return original or (_own(message) if message is not None else None)
    if where == "b" and _A_NUMBER.fullmatch(name):
        return _to_all(user, broadcasts_visible_to(user).filter(pk=int(name)).first())
    return None


def ways_of(user: User, item: InboxItem) -> list[Delivery]:
    """How an item was sent to its reader: the deliveries of the message, or of the copy that a choice of mail made."""
    found = Delivery.objects.order_by("pk")
    if isinstance(item.row, Message):
        return list(found.filter(message=item.row))
    copy = {"message__entry": item.row.entry_id, "message__kind": item.row.kind, "message__to_user": user}
    return list(found.filter(**copy))


def _carried(user: User, message: Message) -> InboxItem | None:
    found = broadcasts_visible_to(user).filter(entry=message.entry_id, kind=message.kind)
    return _to_all(user, found.first()) if message.entry_id is not None else None


def _to_all(user: User, broadcast: Broadcast | None) -> InboxItem | None:
    return InboxItem(broadcast, is_read=broadcast.pk <= read_to(user)) if broadcast is not None else None


def _own(message: Message) -> InboxItem:
    return InboxItem(message, is_read=message.read_at is not None)


def _heads(rows: QuerySet[Message] | QuerySet[Broadcast], number: int) -> list[tuple[dt.datetime, int]]:
    return list(rows.values_list("written_at", "pk")[:number])


def _uuid(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name)
    except ValueError:
        return None
