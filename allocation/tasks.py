"""Payments and periods by the workers: ids in, one service call, safe to run twice.

What waits for the payment service has a queue of its own: a service that hangs delays no deadline.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from celery import shared_task

from allocation.selectors.arrears import arrears_to_ask_for, memberships_out_of_grace
from allocation.selectors.asking import (
    collections_to_escalate,
    is_silent,
    payouts_to_escalate,
    refunds_to_escalate,
    retries_to_escalate,
    services_to_probe,
)
from allocation.selectors.debtors import shares_to_serve
from allocation.selectors.failures import collections_to_ask_about
from allocation.selectors.payments import collections_due, payouts_due, periods_to_settle
from allocation.selectors.refunds import claims_to_refund, refunds_due, refunds_to_calculate
from allocation.selectors.reminders import periods_to_remind_of, shares_to_remind_of
from allocation.services import (
    arrears,
    dissolutions,
    failures,
    notices,
    payments,
    refunds,
    reminders,
    settling,
    silence,
)
from audit import clock
from audit.actors import SYSTEM
from audit.services.sweeps import Part, sweep
from members.selectors.dissolutions import ends_that_came, ends_to_settle


@shared_task(name="allocation.collect", queue="payments")
def collect(collection_id: int) -> None:
    """Collect one cohort's shares, then read which members did not pay."""
    payments.collect(collection_id=collection_id)
    failures.read_failures(collection_id=collection_id)


@shared_task(name="allocation.pay", queue="payments")
def pay(payout_id: int) -> None:
    """Pay one claim's aid."""
    payments.pay(payout_id=payout_id)


@shared_task(name="allocation.sweep_payments", queue="payments")
def sweep_payments() -> int:
    """Make or ask about every payment that is due; returns how many rows were acted on.

    A silent payment service is only probed: what is due keeps its moment until it answers again.
    """
    return sweep(
        "allocation.sweep_payments",
        _timed("service", "allocation.PaymentService", services_to_probe, lambda _pk: silence.probe_if_silent()),
        _asking("collections", "allocation.Collection", collections_due, lambda pk: payments.collect(collection_id=pk)),
        _asking("payouts", "allocation.Payout", payouts_due, lambda pk: payments.pay(payout_id=pk)),
        _timed(
            "long unanswered collections",
            "allocation.Collection",
            collections_to_escalate,
            lambda pk: payments.escalate_collection(collection_id=pk),
        ),
        _timed(
            "long unanswered payouts",
            "allocation.Payout",
            payouts_to_escalate,
            lambda pk: payments.escalate_payout(payout_id=pk),
        ),
    )


@shared_task(name="allocation.sweep_arrears", queue="payments")
def sweep_arrears() -> int:
    """Ask the payment service about unpaid shares, collect them again, and pay refunds."""
    return sweep(
        "allocation.sweep_arrears",
        _asking(
            "failures",
            "allocation.Collection",
            collections_to_ask_about,
            lambda pk: failures.read_failures(collection_id=pk),
        ),
        _asking(
            "arrears",
            "allocation.Arrear",
            arrears_to_ask_for,
            lambda pk: arrears.retry_arrear(arrear_id=pk, by=SYSTEM),
        ),
        # Without the payment service, but of use only to the next part.
        Part(
            "refunds to calculate",
            "allocation.Refund",
            refunds_to_calculate,
            lambda pk: refunds.calculate_refund(refund_id=pk),
        ),
        _asking("refunds", "allocation.Refund", refunds_due, lambda pk: refunds.pay_refund(refund_id=pk)),
        _timed(
            "long unanswered retries",
            "allocation.Retry",
            retries_to_escalate,
            lambda pk: arrears.escalate_retry(retry_id=pk),
        ),
        _timed(
            "long unanswered refunds",
            "allocation.Refund",
            refunds_to_escalate,
            lambda pk: refunds.escalate_refund(refund_id=pk),
        ),
    )


@shared_task(name="allocation.sweep_deadlines", queue="deadlines")
def sweep_deadlines() -> int:
    """Everything about money that ends by time and needs no payment service."""
    return sweep(
        "allocation.sweep_deadlines",
        Part("notices of shares", "allocation.Arrear", shares_to_serve, lambda pk: notices.serve_share(arrear_id=pk)),
        _timed(
            "memberships",
            "members.Membership",
            memberships_out_of_grace,
            lambda pk: arrears.end_in_arrears(membership_id=pk),
        ),
        _timed("claims", "adjudication.Claim", claims_to_refund, lambda pk: refunds.open_refund(claim_id=pk)),
        Part("periods", "allocation.Period", periods_to_settle, lambda pk: settling.settle_period(period_id=pk)),
        _timed(
            "shares to remind of",
            "allocation.Arrear",
            shares_to_remind_of,
            lambda pk: reminders.remind_of_share(arrear_id=pk),
        ),
        _timed(
            "charges to remind of",
            "allocation.Period",
            periods_to_remind_of,
            lambda pk: reminders.remind_of_charge(period_id=pk),
        ),
    )


@shared_task(name="allocation.sweep_dissolutions", queue="bulk")
def sweep_dissolutions() -> int:
    """End the memberships of every plan whose last day has come, and distribute its surplus.

    A plan may have millions of members: their memberships ended at a stated moment, and here they are only written so.
    """
    return sweep(
        "allocation.sweep_dissolutions",
        _timed(
            "ends",
            "members.Dissolution",
            ends_that_came,
            lambda pk: dissolutions.end_memberships(dissolution_id=pk),
        ),
        Part(
            "surpluses",
            "members.Dissolution",
            ends_to_settle,
            lambda pk: settling.distribute_surplus(dissolution_id=pk),
        ),
    )


Due = Callable[[dt.datetime, int], Sequence[int]]


def _timed(name: str, model: str, due: Due, act: Callable[[int], object]) -> Part:
    """A part whose rows are due by the clock."""
    return Part(name, model, lambda behind: due(clock.now(), behind), act)


def _asking(name: str, model: str, due: Due, act: Callable[[int], object]) -> Part:
    """The same for acts that speak with the payment service: nothing is sent to one that is silent."""
    return Part(name, model, lambda behind: due(clock.now(), behind), act, goes_on=lambda: not is_silent())
