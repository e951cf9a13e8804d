"""Reaching the readers of notices: the second channel, and what staff did where no channel helped."""

from __future__ import annotations

from django.db import transaction

from audit.rooms import message_kinds
from audit.services import append
from members.access import is_reviewer
from members.errors.messages import AttemptUnfit, NoNotice
from members.errors.roles import ReviewersOnly
from members.models import ContactAttempt, Message, User

SHORTEST_WORDS, LONGEST_WORDS = 10, 1000


@transaction.atomic
def record_attempt(*, message: Message, how: str, was_reached: bool, words: str, by: User) -> ContactAttempt:
    """Record that a reviewer tried to reach the reader of a notice by another way, once for each time they tried.

    The words are stored for staff, encrypted, and stay out of the log. Raises ReviewersOnly, NoNotice, AttemptUnfit.
    """
    if not is_reviewer(by):
        raise ReviewersOnly
    kind = message_kinds().get(message.kind)
    if kind is None or not kind.is_notice or message.to_user_id == by.pk:
        raise NoNotice
    told = " ".join(words.split())
    if how not in ContactAttempt.How.values or not SHORTEST_WORDS <= len(told) <= LONGEST_WORDS:
        raise AttemptUnfit(least=SHORTEST_WORDS, most=LONGEST_WORDS)
    attempt = ContactAttempt.objects.create(message=message, by=by, how=how, was_reached=was_reached, words=told)
    body = {"how": how, "was_reached": was_reached}
    append(kind="contact.attempted", stream=message.stream, by=by, body=body)
    return attempt
