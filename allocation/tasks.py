"""Payments by the workers: ids in, one service call, safe to run twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import structlog
from celery import shared_task
from django.utils import timezone

from allocation.selectors.arrears import arrears_to_ask_for, memberships_out_of_grace
from allocation.selectors.failures import collections_to_ask_about
from allocation.selectors.payments import open_collections, open_payouts
from allocation.selectors.refunds import claims_to_refund, open_refunds
from allocation.services import arrears, dissolutions, failures, payments, refunds
from audit.actors import SYSTEM
from members.selectors.dissolutions import ends_that_came, ends_to_settle

log = structlog.get_logger(__name__)


@shared_task(name="allocation.collect")
def collect(collection_id: int) -> None:
    """Collect one cohort's shares, and read who did not pay."""
    payments.collect(collection_id=collection_id)
    failures.read_failures(collection_id=collection_id)


@shared_task(name="allocation.pay")
def pay(payout_id: int) -> None:
    """Pay one claim's aid."""
    payments.pay(payout_id=payout_id)


@shared_task(name="allocation.sweep_payments")
def sweep_payments() -> int:
    """Make every payment whose nudge was lost. One that fails is logged and does not hold up the others."""
    made = _each(open_collections(), "collection", lambda pk: payments.collect(collection_id=pk))
    made += _each(open_payouts(), "payout", lambda pk: payments.pay(payout_id=pk))
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


@shared_task(name="allocation.sweep_arrears")
def sweep_arrears() -> int:
    """Everything that is due for shares that were not paid, and for refunds; from the database's state alone."""
    now = timezone.now()
    done = _each(collections_to_ask_about(now), "failures", lambda pk: failures.read_failures(collection_id=pk))
    done += _each(arrears_to_ask_for(now), "arrear", lambda pk: arrears.retry_arrear(arrear_id=pk, by=SYSTEM))
    done += _each(memberships_out_of_grace(now), "membership", lambda pk: arrears.end_in_arrears(membership_id=pk))
    done += _each(claims_to_refund(now), "claim", lambda pk: refunds.open_refund(claim_id=pk))
    done += _each(open_refunds(), "refund", lambda pk: refunds.pay_refund(refund_id=pk))
    return done


def _each(found: Iterable[int], what: str, act: Callable[[int], object]) -> int:
    """Act on each; says for how many nothing went wrong."""
    return sum(_guarded(partial(act, pk), what, pk) for pk in found)


def _guarded(act: Callable[[], object], what: str, pk: int) -> int:
    try:
        act()
    except Exception:  # the next one must not wait for this one to be mended
        log.exception("sweep.failed", what=what, pk=pk)
        return 0
    return 1
