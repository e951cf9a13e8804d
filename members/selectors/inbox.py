"""The inbox: a user's own messages and what all members of their plans were told, as one list, the newest first."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import merge
from typing import overload

from django.db.models import QuerySet
from django.urls import reverse

from audit.message_kinds import Asked, AskedState, Question
from audit.rooms import all_asked, message_kinds
from members.access import AnyUser, is_signed_in
from members.models import Broadcast, Delivery, Message, Person, User
from members.selectors.broadcasts import broadcasts_visible_to, read_among, unread_broadcasts
from members.selectors.messages import Told, due_of, messages_visible_to, told
from members.selectors.people import family_of

_A_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class InboxItem:
    """One line of the inbox. Its words are written when they are asked for, in the language that is active then."""

    row: Message | Broadcast
    is_read: bool
    about: Person | None = None
    """Whom it concerns, where that is not plain: somebody else than the reader, or one of several that they pay for."""
    asked: Asked | None = None
    """How far the act is that it asks for until a moment; None for a message that asks for none."""

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
        """The end of the reader's time as it is now, if the message asks for an act that can still be done."""
        if self.asked is None:
            return due_of(self.row)
        return self.asked.due_at if self.asked.state is AskedState.OPEN else None

    @property
    def is_done(self) -> bool:
        """Whether what it asks for is done."""
        return self.asked is not None and self.asked.state is AskedState.DONE

    @property
    def is_over(self) -> bool:
        """Whether nobody can do any more what it asks for."""
        return self.asked is not None and self.asked.state is AskedState.OVER

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

    Two queries count it and six read a page, however much there is.
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
        messages = Message.objects.select_related("to_person").in_bulk(
            [pk for _at, model, pk in page if model is Message]
        )
        broadcasts = Broadcast.objects.in_bulk([pk for _at, model, pk in page if model is Broadcast])
        opened = read_among(self._user, broadcasts) if broadcasts and isinstance(self._user, User) else set()
        has_family = bool(messages) and family_of(self._user).exists()
        return _with_acts(
            [
                _own(messages[pk], has_family) if model is Message else InboxItem(broadcasts[pk], is_read=pk in opened)
                for _at, model, pk in page
            ]
        )


def inbox_of(user: AnyUser) -> Inbox:
    """Everything that a user was told, the newest first."""
    return Inbox(user)


def unread_count(user: AnyUser) -> int:
    """How much of their inbox a user has not opened: one query, on every page."""
    if not is_signed_in(user):
        return 0
    own = messages_visible_to(user).filter(read_at=None).order_by().values("pk")
    return own.union(unread_broadcasts(user).order_by().values("pk"), all=True).count()


def item_of(user: AnyUser, key: str) -> InboxItem | None:
    """The item of a user's inbox that a key opens; None for a key of anybody else's, or of nothing.

    The copy that carried a message to all members into the mail opens that message.
    """
    found = _item_of(user, key) if isinstance(user, User) and user.is_active else None
    return _with_acts([found])[0] if found is not None else None


def _item_of(user: User, key: str) -> InboxItem | None:
    where, _slash, name = key.partition("/")
    if where == "m" and (public_id := _uuid(name)) is not None:
        message = Message.objects.filter(to_user=user, public_id=public_id).select_related("to_person").first()
        original = _carried(user, message) if message is not None else None
        return original or (_own(message, family_of(user).exists()) if message is not None else None)
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
    return InboxItem(broadcast, is_read=bool(read_among(user, [broadcast.pk]))) if broadcast is not None else None


def _with_acts(items: list[InboxItem]) -> list[InboxItem]:
    """The items with how far their acts are: one look-up an act, however many messages ask for it."""
    asking: dict[str, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        kind = message_kinds().get(item.kind)
        # A message of an earlier release may lack a reference; then it shows what it said when it was written.
        if kind is not None and kind.asks and kind.params.keys() <= item.row.params.keys():
            asking[kind.asks].append(place)
    for act, places in asking.items():
        questions = [Question(items[place].row.params, items[place].written_at) for place in places]
        for place, asked in zip(places, all_asked()[act](questions), strict=True):
            items[place] = replace(items[place], asked=asked)
    return items


def _own(message: Message, has_family: bool) -> InboxItem:
    person = message.to_person
    is_plain = person is None or (person.user_id == message.to_user_id and not has_family)
    return InboxItem(message, is_read=message.read_at is not None, about=None if is_plain else person)


def _heads(rows: QuerySet[Message] | QuerySet[Broadcast], number: int) -> list[tuple[dt.datetime, int]]:
    return list(rows.values_list("written_at", "pk")[:number])


def _uuid(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name)
    except ValueError:
        return None
