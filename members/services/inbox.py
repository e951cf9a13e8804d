"""Opening what stands in the inbox, which notes that it was read."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from audit import clock
from audit.rooms import message_kinds
from members.models import BroadcastReading, Message, User
from members.selectors.broadcasts import broadcasts_visible_to
from members.selectors.inbox import InboxItem, item_of, ways_of
from members.selectors.messages import messages_visible_to
from members.services.deliveries import report
from members.services.messages import read


@transaction.atomic
def open_item(*, user: User, key: str) -> InboxItem | None:
    """The item that a key opens, as it was before, and note that its reader has seen it; None for no item of theirs.

    What all members are told is read in its order: opening one notes those before it as seen too. A reader who opens
    it has it, so this settles its deliveries that were sent, or of which nobody knows.
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
    _read_to(user, item.row.pk)
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
    last = broadcasts_visible_to(by).first()
    if last is not None:
        _read_to(by, last.pk)


def _read_to(user: User, pk: int) -> None:
    BroadcastReading.objects.get_or_create(user=user)
    # Greatest: of two pages opened at once, the later message stays the last one.
    ours = BroadcastReading.objects.filter(user=user, read_to__lt=pk)
    ours.update(read_to=Greatest("read_to", pk), changed_at=clock.now())
