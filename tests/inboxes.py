"""What somebody has been told, as tests ask for it."""

from __future__ import annotations

from django.utils import translation

from members.models import Message, Person, User
from members.selectors.messages import told


def inbox(whose: User | Person) -> list[str]:
    """The kinds of somebody's messages, the oldest first."""
    return [message.kind for message in _of(whose)]


def subjects(whose: User | Person, language: str = "en") -> list[str]:
    """The subjects of somebody's messages, the oldest first."""
    with translation.override(language):
        return [told(message).subject for message in _of(whose)]


def last_told(whose: User | Person) -> Message:
    """The message that came last."""
    return _of(whose)[-1]


def _of(whose: User | Person) -> list[Message]:
    found = (
        Message.objects.filter(to_user=whose) if isinstance(whose, User) else Message.objects.filter(to_person=whose)
    )
    return list(found.order_by("pk"))
