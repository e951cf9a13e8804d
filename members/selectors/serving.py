"""How notices reached their readers, by what is stored about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from audit import clock
from members.models import ContactAttempt, Delivery, DeliveryReport, Message
from members.rules.serving import Attempt, Notice, Sent, Served, earliest, is_fruitless, served


def notices_of(entry_id: int) -> QuerySet[Message]:
    """The messages that an entry brought with it, with all that is known of their ways; at most four queries."""
    return (
        Message.objects.filter(entry_id=entry_id)
        .select_related("to_user", "to_person")
        .prefetch_related("deliveries__reports", "attempts")
        .order_by("pk")
    )


def notice(message: Message) -> Notice:
    """One message as the rule reads it; `notices_of` has fetched what it needs."""
    return Notice(
        written_at=message.written_at,
        opened_at=message.read_at,
        sent=tuple(_sent(one) for one in message.deliveries.all()),
        attempts=tuple(Attempt(one.attempted_at, one.was_reached) for one in message.attempts.all()),
        has_inbox=message.to_user is not None and message.to_user.is_active,
    )


def service_of(messages: Iterable[Message], now: dt.datetime | None = None) -> Served | None:
    """How the readers of these messages were served; for people who answer for one another one of them is enough."""
    at = now or clock.now()
    return earliest([served(notice(message), at) for message in messages])


def all_fruitless(messages: Iterable[Message]) -> bool:
    """Whether nothing is on its way to any of the readers, and nothing has reached one."""
    return all(is_fruitless(notice(message)) for message in messages)


def has_news(entry: OuterRef) -> Exists:
    """Whether anything is known of the messages of an entry by which they may have been served."""
    sent = Delivery.objects.filter(message=OuterRef("pk"), status__in=["taken", "delivered"])
    attempts = ContactAttempt.objects.filter(message=OuterRef("pk"))
    return Exists(Message.objects.filter(Q(read_at__isnull=False) | Exists(sent) | Exists(attempts), entry_id=entry))


def has_come_back(entry: OuterRef, since: OuterRef) -> Exists:
    """Whether anything came back about the messages of an entry since a moment."""
    reports = DeliveryReport.objects.filter(
        delivery__message__entry_id=entry, says__in=["bounced", "delayed"], told_at__gte=since
    )
    return Exists(reports)


def has_failed(entry: OuterRef) -> Q:
    """Whether any delivery of the messages of an entry did not get through, or one of them could go nowhere."""
    lost = Delivery.objects.filter(message__entry_id=entry, status__in=["failed", "bounced", "unknown"])
    sent = Delivery.objects.filter(message=OuterRef("pk"))
    nowhere = Message.objects.filter(~Exists(sent), Q(to_user=None) | Q(to_user__is_active=False), entry_id=entry)
    return Q(Exists(lost)) | Q(Exists(nowhere))


def _sent(delivery: Delivery) -> Sent:
    doubts = [one for one in delivery.reports.all() if one.says == "delayed" and one.told_at >= delivery.first_due_at]
    return Sent(
        status=str(delivery.status),
        taken_at=delivery.taken_at,
        arrived_at=delivery.arrived_at,
        changed_at=delivery.changed_at,
        has_come_back=bool(doubts),
    )
