"""Payments by the workers: ids in, one service call, safe to run twice."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.utils import timezone

from allocation.selectors.payments import open_collections, open_payouts
from allocation.services import dissolutions, payments
from members.selectors.dissolutions import ends_that_came, ends_to_settle

log = structlog.get_logger(__name__)


@shared_task(name="allocation.collect")
def collect(collection_id: int) -> None:
    """Collect one cohort's shares."""
    payments.collect(collection_id=collection_id)


@shared_task(name="allocation.pay")
def pay(payout_id: int) -> None:
    """Pay one claim's aid."""
    payments.pay(payout_id=payout_id)


@shared_task(name="allocation.sweep_payments")
def sweep_payments() -> int:
    """Make every payment whose nudge was lost. One that fails is logged and does not hold up the others."""
    made = 0
    for collection_id in open_collections():
        made += _guarded(collection_id, "collection")
    for payout_id in open_payouts():
        made += _guarded(payout_id, "payout")
    payments.settle_periods()
    return made


@shared_task(name="allocation.sweep_dissolutions")
def sweep_dissolutions() -> int:
    """End the memberships of every plan whose day has come, and hand on its surplus; says how many ended."""
    ended = 0
    for dissolution_id in ends_that_came(timezone.now()):
        ended += dissolutions.end_memberships(dissolution_id=dissolution_id)
    for dissolution_id in ends_to_settle():
        dissolutions.settle_dissolution(dissolution_id=dissolution_id)
    return ended


def _guarded(pk: int, what: str) -> int:
    try:
        if what == "collection":
            payments.collect(collection_id=pk)
        else:
            payments.pay(payout_id=pk)
    except Exception:  # the next payment must not wait for this one to be mended
        log.exception("sweep.payment_failed", what=what, pk=pk)
        return 0
    return 1
