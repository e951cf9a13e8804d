"""Messages on their way, for the tests of the channels."""

from __future__ import annotations

import datetime as dt

from audit import clock
from audit.actors import SYSTEM
from audit.services import append
from members.models import Delivery, User
from members.services.messages import tell
from tests.factories import make_user


def waiting_for(user: User | None = None, *, kind: str = "test.told", days: float = 4) -> Delivery:
    """A mail that waits to be sent."""
    entry = append(kind="test.acted", stream="test:1", by=SYSTEM)
    values: dict[str, object] = {"ref": "C26-7K3M9Q"}
    if kind != "test.optional":
        values["due_at"] = clock.now() + dt.timedelta(days=days)
    message = tell(kind, to=user or make_user(), entry=entry, **values)
    return Delivery.objects.get(message=message)


def now(delivery: Delivery) -> Delivery:
    """As it stands in the database."""
    return Delivery.objects.get(pk=delivery.pk)
