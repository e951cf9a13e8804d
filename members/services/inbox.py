"""Opening what stands in the inbox, which notes that it was read."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from audit import clock
from audit.rooms import message_kinds
from members.models import BroadcastReading, Message, User
from members.selectors.broadcasts import unread_broadcasts
from members.selectors.inbox import InboxItem, item_of, ways_of
from members.selectors.messages import messages_visible_to
from members.services.deliveries import report
from members.services.messages import read


@transaction.atomic
def open_item(*, user: User, key: str) -> InboxItem | None:
    """The item that a key opens, as it was before, and note that its reader has seen it; None for no item of theirs.

    A reader who opens it has it, so this settles its deliveries that were sent, or of which nobody knows.
    """
    item = item_of(user, key)
    if item is None:
        return None
    for delivery in ways_of(user, item):
        # What went to an address that they had before says nothing about where they read it.
        if delivery.status in {"taken", "unknown"} and not delivery.to_address:
            report(delivery=delivery, says="arrived", source="inbox")
    if isinstance(item.row, Message):
        read(message=item.row, by=user)
        return item
    _note_read(user, [item.row.pk])
    return item


@transaction.atomic
def read_all(*, by: User) -> None:
    """Note everything in somebody's inbox as read, except what has a consequence if they stay silent.

    Such a notice must be opened: a list of subjects says neither what is asked nor until when.
    """
    notices = [name for name, kind in message_kinds().items() if kind.is_notice]
    unread = messages_visible_to(by).filter(read_at=None).exclude(kind__in=notices)
    # Greatest: a clock that was set back must not let a message be read before it was written.
    unread.order_by().update(read_at=Greatest(clock.now(), F("written_at")))
    _note_read(by, unread_broadcasts(by).order_by().values_list("pk", flat=True))


def _note_read(user: User, ids: Iterable[int]) -> None:
    # Of two pages opened at once, both find the one row.
    rows = [BroadcastReading(user=user, broadcast_id=pk) for pk in ids]
    BroadcastReading.objects.bulk_create(rows, ignore_conflicts=True)
