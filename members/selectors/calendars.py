"""The calendar file of a message."""

from __future__ import annotations

from django.conf import settings

from audit.rooms import message_kinds
from members.models import Broadcast, Message
from members.rules.calendars import calendar_of
from members.selectors.messages import due_of, told, told_in_language


def calendar_for(row: Message | Broadcast) -> bytes | None:
    """The end of its reader's time, in their language; None for a message that sets none.

    What all members are told has one event, whether it comes by mail or from the inbox, where it is read in the
    language of the page.
    """
    due_at = due_of(row)
    if due_at is None:
        return None
    words = told_in_language(row) if isinstance(row, Message) else told(row)
    url = f"{settings.SITE_URL}{words.path}"
    return calendar_of(
        uid=f"{_name(row)}@{settings.MAIL_DOMAIN}",
        written_at=row.written_at,
        due_at=due_at,
        summary=f"{settings.SITE_NAME}: {words.subject}",
        description=f"{words.act}\n{url}",
        url=url,
        product=settings.SITE_NAME,
    )


def _name(row: Message | Broadcast) -> str:
    kind = message_kinds().get(row.kind)
    is_to_all = kind is not None and kind.is_to_all
    return f"{row.kind}-{row.entry_id}" if is_to_all or isinstance(row, Broadcast) else str(row.public_id)
