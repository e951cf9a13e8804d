"""The calendar file of a message."""

from __future__ import annotations

from django.conf import settings

from members.models import Message
from members.rules.calendars import calendar_of
from members.selectors.messages import told_in_language


def calendar_for(message: Message) -> bytes | None:
    """The end of its reader's time, in their language; None for a message that sets none."""
    if message.due_at is None:
        return None
    words = told_in_language(message)
    url = f"{settings.SITE_URL}{words.path}"
    return calendar_of(
        uid=f"{message.public_id}@{settings.MAIL_DOMAIN}",
        written_at=message.written_at,
        due_at=message.due_at,
        summary=f"{settings.SITE_NAME}: {words.subject}",
        description=f"{words.act}\n{url}",
        url=url,
        product=settings.SITE_NAME,
    )
