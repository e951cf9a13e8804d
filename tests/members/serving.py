"""What became of notices, for tests: by the services that record it."""

from __future__ import annotations

from audit.models import Entry
from members.models import Delivery, Message
from members.services.deliveries import deliver, report


def notices(stream: str, kind: str = "answer.asked") -> list[Message]:
    """The messages of the last entry of this kind in a stream."""
    entry = Entry.objects.filter(stream=stream, kind=kind).order_by("-pk").first()
    return list(Message.objects.filter(entry=entry).order_by("pk")) if entry else []


def send(*messages: Message) -> None:
    """Try what waits to be sent of these messages, once."""
    for pk in Delivery.objects.filter(message__in=messages, status="waiting").values_list("pk", flat=True):
        deliver(delivery_id=pk)


def bounce(message: Message, channel: str = "email") -> None:
    """What was sent by a channel comes back."""
    report(delivery=message.deliveries.get(channel=channel), says="bounced", source="bounce", code="5.1.1")
