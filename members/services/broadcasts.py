"""Carrying what all members are told into the mail, for those who want it there."""

from __future__ import annotations

from django.db import transaction

from members.models import Broadcast, Channel, Delivery, MailChoice, Message
from members.selectors.broadcasts import PAGE, choices_behind, told_among
from members.selectors.messages import due_of

PAGES_A_RUN = 40
"""How many pages of people one run of the sweep takes, so that other messages do not wait for a large plan."""


def mail_broadcast(*, broadcast_id: int, pages: int = PAGES_A_RUN) -> int:
    """Write a message of their own to each person who wants this by mail; returns how many were written.

    Page by page, each in a transaction with the place that was reached: it may be killed anywhere, and two workers
    write nothing twice. What is left when a run's pages are used up is done by the next run.
    """
    written = 0
    for _page in range(pages):
        number, is_done = _mail_page(broadcast_id)
        written += number
        if is_done:
            break
    return written


@transaction.atomic
def _mail_page(broadcast_id: int) -> tuple[int, bool]:
    # Locked: of two workers the second begins where the first stopped.
    broadcast = Broadcast.objects.select_for_update().get(pk=broadcast_id)
    if broadcast.is_mailed:
        return 0, True
    choices = choices_behind(broadcast)
    counted = told_among(broadcast, [choice.user for choice in choices])
    wanted = [choice for choice in choices if choice.user_id in counted]
    messages = Message.objects.bulk_create(_copy(broadcast, choice) for choice in wanted)
    Delivery.objects.bulk_create(Delivery(message=message, channel=Channel.EMAIL) for message in messages)
    broadcast.mailed_to = choices[-1].pk if choices else broadcast.mailed_to
    broadcast.is_mailed = len(choices) < PAGE
    broadcast.save(update_fields=["mailed_to", "is_mailed"])
    return len(messages), broadcast.is_mailed


def _copy(broadcast: Broadcast, choice: MailChoice) -> Message:
    return Message(
        to_user=choice.user,
        to_person=getattr(choice.user, "person", None),
        kind=broadcast.kind,
        params=broadcast.params,
        entry_id=broadcast.entry_id,
        # As in a message of somebody's own: its mail brings a calendar file, and says nothing any more after the end.
        due_at=due_of(broadcast),
    )
