"""Payments that still have to be sent or queried."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from adjudication.models import Claim
from allocation.models import Collection, Payout, Period, Refund
from audit.selectors.sweeps import ROWS_A_PAGE


def collections_due(now: dt.datetime, behind: int = 0) -> list[int]:
    """Collections to order or to ask about now: the next ones behind this id."""
    found = Collection.objects.filter(status=Collection.Status.PENDING, next_attempt_at__lte=now, pk__gt=behind)
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])


def payouts_due(now: dt.datetime, behind: int = 0) -> list[int]:
    """Payouts to send or to ask about now, escalated ones too: the next ones behind this id.

    One that was never sent waits while its claim is on hold or no longer approved.
    """
    may_be_sent = Q(claim__status=Claim.Status.APPROVED, claim__hold_reason="")
    found = Payout.objects.filter(
        Q(status__in=[Payout.Status.SENT, Payout.Status.UNKNOWN]) | (Q(status=Payout.Status.PENDING) & may_be_sent),
        next_attempt_at__lte=now,
        pk__gt=behind,
    )
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])


def periods_to_settle(behind: int = 0) -> list[int]:
    """Charged periods in which nothing is left to pay: the next ones behind this id."""
    collecting = Collection.objects.filter(share__period=OuterRef("pk")).exclude(status=Collection.Status.SETTLED)
    paying = Payout.objects.filter(period=OuterRef("pk")).exclude(status=Payout.Status.SETTLED)
    found = Period.objects.filter(~Exists(collecting), ~Exists(paying), status=Period.Status.CHARGED, pk__gt=behind)
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])


@dataclass(frozen=True)
class ClaimPayments:
    """What is paid for one claim: its aid, or the refund to a member who fell ill inside the waiting period."""

    payout: Payout | None
    refund: Refund | None


def payments_of_claim(claim: Claim) -> ClaimPayments:
    """The claim's payout and its refund, if there are any."""
    return ClaimPayments(Payout.objects.filter(claim=claim).first(), Refund.objects.filter(claim=claim).first())
