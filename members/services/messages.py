"""Telling people: a row of the outbox in the transaction of the act, which waits for no delivery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet, prefetch_related_objects

from audit import clock, nudges
from audit.message_kinds import Audience, MessageKind
from audit.models import Entry
from audit.rooms import message_kinds, told_by
from members.models import Broadcast, Channel, Delivery, Message, Person, Plan, User
from members.selectors.messages import channels_for, who_want

DELIVER, DELIVER_ALL = "members.deliver_message", "members.sweep_messages"
NUDGED_ONE_BY_ONE = 20
"""More messages at once are left to one run of the sweep: a jury of a thousand would keep its act waiting."""
ROWS_A_STATEMENT = 1000
Recipient = User | Person


class MessageUnknown(LookupError):
    """A message was about to be written of a kind, or by an entry, for which no room declares it."""


@dataclass(frozen=True)
class Telling:
    """One person to be told, with what the kind's parameters are for them: by an entry, or as a reminder `about`."""

    to: Recipient
    entry: Entry | None = None
    about: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


def tell(kind: str, *, to: Recipient, entry: Entry | None = None, about: str = "", **values: object) -> Message | None:
    """Tell one person, in the transaction of the act that `entry` records; returns None if they were told already.

    `values` are the parameters that the kind declares. A reminder has no entry: it is written once for what it is
    `about` (such as `seat:7`) and its end of time. A person is told at their own log-in, or, in what is not for a juror
    in person, at their payer's; one with neither gets a text message where a phone number is known. Raises
    MessageUnknown, audit.message_kinds.ParamWrong.
    """
    told = tell_all(kind, [Telling(to, entry, about, values)])
    return told[0] if told else None


def tell_at(address: str, kind: str, *, to: User, entry: Entry) -> Message | None:
    """Tell a user by a mail to an address that is theirs no longer; it stands in their inbox as well."""
    message = tell(kind, to=to, entry=entry)
    if message is not None:
        # Before the commit, and so before any worker sees the delivery.
        message.deliveries.filter(channel=Channel.EMAIL).update(to_address=address)
    return message


def tell_each(
    kind: str, *, to: Iterable[Recipient], entry: Entry | None = None, about: str = "", **values: object
) -> list[Message]:
    """Tell the same to several people at once, such as all reviewers; each person once."""
    return tell_all(kind, [Telling(one, entry, about, values) for one in to])


def tell_all(kind: str, tellings: Sequence[Telling]) -> list[Message]:
    """Tell many people at once, each with values of their own: the same few statements, however many they are.

    Returns the messages that are new. Raises what `tell` raises.
    """
    declared = _declared(kind, tellings)
    if not tellings:
        return []
    rows: dict[tuple[object, ...], Message] = {}
    for one, (user, person) in zip(tellings, _reached(declared, tellings), strict=True):
        row = Message(
            to_user=user,
            to_person=person,
            kind=kind,
            params=declared.stored(one.values),
            entry=one.entry,
            about=one.about,
            due_at=_moment(one.values[declared.due]) if declared.due else None,
        )
        rows.setdefault((row.entry_id, row.about, row.due_at, row.to_user_id, row.to_person_id), row)
    written = _insert(list(rows.values()))
    _send(kind, declared, written)
    return written


def tell_members(
    kind: str, *, members_of: Plan, counted_at: dt.datetime, entry: Entry, **values: object
) -> Broadcast | None:
    """Tell everybody who was a member of the plan at `counted_at`: one row, however many they are.

    Returns None if the entry told them already. Raises MessageUnknown, audit.message_kinds.ParamWrong.
    """
    declared = _declared(kind, [Telling(User(), entry)])
    if not declared.is_to_all:
        raise MessageUnknown(f"{kind}: it is for one person; say `is_to_all` where all members are told at once")
    try:
        with transaction.atomic():
            return Broadcast.objects.create(
                plan=members_of, kind=kind, params=declared.stored(values), entry=entry, counted_at=counted_at
            )
    except IntegrityError:
        return None


def read(*, message: Message, by: User) -> None:
    """Note that its reader opened it, once; anyone else who looks at it changes nothing."""
    if message.to_user_id != by.pk or message.read_at is not None:
        return
    _unread(message).update(read_at=clock.now_after(message.written_at))


def _unread(message: Message) -> QuerySet[Message]:
    return Message.objects.filter(pk=message.pk, read_at=None)


def _declared(kind: str, tellings: Sequence[Telling]) -> MessageKind:
    declared = message_kinds().get(kind)
    if declared is None:
        raise MessageUnknown(f"{kind}: declare it in the `messages.py` of the room that sends it")
    if not connection.in_atomic_block:
        raise MessageUnknown(f"{kind}: tell in the act's own transaction.atomic()")
    for entry_kind in {one.entry.kind for one in tellings if one.entry is not None}:
        told = told_by().get(entry_kind)
        if not isinstance(told, tuple) or kind not in {each.message for each in told}:
            raise MessageUnknown(f"{entry_kind} tells {kind}: say so in TOLD of the room's `messages.py`")
    if declared.reminds and not all(one.about for one in tellings):
        raise MessageUnknown(f"{kind}: say what it is about, or it would be sent at every run of the sweep")
    return declared


def _reached(kind: MessageKind, tellings: Sequence[Telling]) -> list[tuple[User | None, Person | None]]:
    """The log-ins at which people are told, and who they are: a child or a gifted member at their payer's log-in."""
    people = [one.to for one in tellings if isinstance(one.to, Person)]
    _fetch(people, "user")
    # A seat is its juror's own: their payer could not vote for them, and need not know that they sit on a jury.
    is_at_payer = kind.audience is not Audience.JUROR
    if is_at_payer:
        _fetch([person for person in people if person.user_id is None], "payer__user")
    users = {one.to.pk for one in tellings if isinstance(one.to, User)}
    found = Person.objects.filter(user__in=users).only("pk", "user_id") if users else []
    of_user = {person.user_id: person for person in found}
    return [
        (one.to, of_user.get(one.to.pk))
        if isinstance(one.to, User)
        else (one.to.user or (one.to.payer.user if is_at_payer and one.to.payer else None), one.to)
        for one in tellings
    ]


def _fetch(people: Sequence[Person], path: str) -> None:
    if people:
        prefetch_related_objects(people, path)


def _moment(due: object) -> dt.datetime | None:
    if isinstance(due, dt.datetime) or due is None:
        return due
    raise TypeError(f"the end of somebody's time is a moment, not {due!r}")


def _insert(rows: Sequence[Message]) -> list[Message]:
    """The rows that were not there yet: another worker may have told the same, and its row stays the only one."""
    Message.objects.bulk_create(rows, ignore_conflicts=True, batch_size=ROWS_A_STATEMENT)
    people = {row.public_id: row for row in rows}
    written = list(Message.objects.filter(public_id__in=people).order_by("pk"))
    for message in written:
        message.to_user, message.to_person = people[message.public_id].to_user, people[message.public_id].to_person
    return written


def _send(kind: str, declared: MessageKind, messages: Sequence[Message]) -> None:
    wanted = who_want(kind, declared, {message.to_user for message in messages if message.to_user is not None})
    ways = [(message, channel) for message in messages for channel in channels_for(message, wanted)]
    if not ways:
        return
    deliveries = [Delivery(message=message, channel=channel) for message, channel in ways]
    Delivery.objects.bulk_create(deliveries, batch_size=ROWS_A_STATEMENT)
    sent = list(dict.fromkeys(message.pk for message, _channel in ways))
    # On commit: a worker that is faster than the transaction would find nothing to send.
    transaction.on_commit(lambda: _nudge(sent))


def _nudge(message_ids: Sequence[int]) -> None:
    if len(message_ids) > NUDGED_ONE_BY_ONE:
        nudges.send(DELIVER_ALL)
        return
    for message_id in message_ids:
        nudges.send(DELIVER, args=[message_id])
