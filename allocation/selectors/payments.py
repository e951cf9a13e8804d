"""Payments that still have to be made or asked about."""

from __future__ import annotations

from allocation.models import Collection, Payout

MOST_AT_ONCE = 500


def open_collections() -> list[int]:
    """Collections that are not settled, oldest first."""
    found = Collection.objects.exclude(status=Collection.Status.SETTLED)
    return list(found.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])


def open_payouts() -> list[int]:
    """Payouts to send or to ask about; one of unknown fate waits for a person."""
    found = Payout.objects.filter(status__in=[Payout.Status.PENDING, Payout.Status.SENT])
    return list(found.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
