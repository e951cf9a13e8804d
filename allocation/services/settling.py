"""What the sweeps settle, by id: acts that wait for nobody outside."""

from __future__ import annotations

from allocation.models import Period
from allocation.services.dissolutions import settle_dissolution
from allocation.services.payments import settle_if_done


def settle_period(*, period_id: int) -> bool:
    """Settle a charged period that has no open payment; returns whether it is settled. Idempotent."""
    period = Period.objects.get(pk=period_id)
    return settle_if_done(period=period).status == Period.Status.SETTLED


def distribute_surplus(*, dissolution_id: int) -> None:
    """Distribute the surplus of an ended plan once its last shared notice is charged. Idempotent."""
    settle_dissolution(dissolution_id=dissolution_id)
