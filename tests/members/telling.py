"""Messages for tests, of the kinds that tests declare (tests/kinds.py)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from audit.services import append
from members.models import Delivery, Message, Person, User
from members.services.deliveries import _record, _take, report
from members.services.messages import tell

REF = "C26-7K3M9Q"


def acted() -> Entry:
    return append(kind="test.acted", stream="test:1", by=SYSTEM)


def tell_one(
    to: User | Person, entry: Entry | None = None, days: int = 1, ref: str = REF, kind: str = "test.told"
) -> Message | None:
    """A message with a deadline, which stands in the inbox and waits to be sent."""
    due_at = clock.now() + dt.timedelta(days=days)
    return tell(kind, to=to, entry=entry or acted(), ref=ref, due_at=due_at)


def told_to(to: User | Person, **given: Any) -> Message:
    """The same, for tests that tell somebody for the first time."""
    message = tell_one(to, **given)
    assert message is not None
    return message


def brought_to(message: Message, status: str, fault: str = "") -> Delivery:
    """The message's one delivery after its channel took, refused, or lost it, or after it came back."""
    delivery = message.deliveries.get()
    taken = _take(delivery.pk)
    assert taken is not None
    first = "taken" if status in {"bounced", "delivered"} else status
    _record(taken, status=first, fault=fault)
    if first != status:
        says = {"bounced": "bounced", "delivered": "arrived"}[status]
        report(delivery=delivery, says=says, source="bounce", code=fault)
    found = Delivery.objects.get(pk=delivery.pk)
    assert found.status == status
    return found


__all__ = ["REF", "acted", "brought_to", "tell_one", "told_to"]
