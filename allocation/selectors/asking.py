"""Whether the payment service answers, which payments are due, and which of them a person is told about."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from allocation.models import Asked, AskingRound, Collection, PaymentService, Payout, Refund, Retry
from allocation.rules.asking import told_if_silent_since
from audit.selectors.sweeps import ROWS_A_PAGE

KINDS: tuple[type[Asked], ...] = (Collection, Payout, Retry, Refund)


def is_silent() -> bool:
    """Whether the payment service has left so many exchanges unanswered that nothing is sent to it now."""
    return PaymentService.objects.filter(name=settings.PAYMENT_GATEWAY, silent_since__isnull=False).exists()


def services_to_probe(now: dt.datetime, behind: int = 0) -> list[int]:
    """The payment service, if it is silent and the moment has come to ask whether it answers again."""
    silent = PaymentService.objects.filter(name=settings.PAYMENT_GATEWAY, silent_since__isnull=False)
    return list(silent.filter(next_probe_at__lte=now, pk__gt=behind).values_list("pk", flat=True))


def _long_unanswered(kind: type[Asked], now: dt.datetime, behind: int, **open_states: object) -> list[int]:
    """Payments that a person has not been told about yet, although there has been no answer for hours: the next ones
    behind this id."""
    found = kind._default_manager.filter(
        unanswered_since__lte=told_if_silent_since(now),
        escalated_at=None,
        next_attempt_at__isnull=False,
        pk__gt=behind,
        **open_states,
    )
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])


def collections_to_escalate(now: dt.datetime, behind: int = 0) -> list[int]:
    """Batches without an answer for hours."""
    return _long_unanswered(Collection, now, behind, status=Collection.Status.PENDING)


def payouts_to_escalate(now: dt.datetime, behind: int = 0) -> list[int]:
    """Payouts without an answer for hours."""
    return _long_unanswered(Payout, now, behind, status=Payout.Status.SENT)


def retries_to_escalate(now: dt.datetime, behind: int = 0) -> list[int]:
    """Retries of unpaid shares without an answer for hours."""
    return _long_unanswered(Retry, now, behind, status=Retry.Status.SENT)


def refunds_to_escalate(now: dt.datetime, behind: int = 0) -> list[int]:
    """Refunds without an answer for hours."""
    return _long_unanswered(Refund, now, behind, status=Refund.Status.SENT)


def escalated() -> dict[type[Asked], QuerySet[Asked]]:
    """The payments that a person has been told about, by kind."""
    return {kind: kind._default_manager.filter(escalated_at__isnull=False) for kind in KINDS}


def to_ask_again(kind: type[Asked]) -> QuerySet[Asked]:
    """Those of them that may still be answered; a refusal is permanent."""
    return kind._default_manager.filter(escalated_at__isnull=False, next_attempt_at__isnull=False)


@dataclass(frozen=True)
class Silence:
    """The payment service does not answer: since when, when it is probed next, and how many payments wait for it."""

    since: dt.datetime
    next_probe_at: dt.datetime
    waiting: int


def silence() -> Silence | None:
    """The silence of the payment service; None while it answers."""
    service = PaymentService.objects.filter(name=settings.PAYMENT_GATEWAY, silent_since__isnull=False).first()
    if service is None or service.silent_since is None or service.next_probe_at is None:
        return None
    return Silence(service.silent_since, service.next_probe_at, waiting())


def waiting() -> int:
    """Payments that are ordered and not settled: batches, payouts, retries of unpaid shares, refunds."""
    open_states: dict[type[Asked], Q] = {
        Collection: Q(status=Collection.Status.PENDING),
        Payout: ~Q(status=Payout.Status.SETTLED),
        Retry: Q(status=Retry.Status.SENT),
        Refund: ~Q(status__in=[Refund.Status.OPENED, Refund.Status.SETTLED]),
    }
    return sum(
        kind._default_manager.filter(is_open, next_attempt_at__isnull=False).count()
        for kind, is_open in open_states.items()
    )


@dataclass(frozen=True)
class Progress:
    """How far a request to ask again is: of so many payments, how many were asked about, and how many are settled."""

    round: AskingRound
    asked: int
    settled: int

    @property
    def payments(self) -> int:
        """All of them."""
        return self.round.payments

    @property
    def is_done(self) -> bool:
        """Whether each of them was asked about."""
        return self.asked >= self.payments


def latest_progress() -> Progress | None:
    """The latest request to ask again with its progress; None if there has been none."""
    latest = AskingRound.objects.select_related("asked_by").order_by("-pk").first()
    if latest is None:
        return None
    asked = settled = 0
    for kind in KINDS:
        # Settled or refused since counts as asked: a worker may have been at it when the request was made.
        counted = kind._default_manager.filter(asking_round=latest).aggregate(
            asked=Count("pk", filter=Q(attempted_at__gte=latest.asked_at) | ~_is_open(kind)),
            settled=Count("pk", filter=Q(status="settled")),
        )
        asked, settled = asked + counted["asked"], settled + counted["settled"]
    return Progress(latest, asked, settled)


def _is_open(kind: type[Asked]) -> Q:
    closed = ["settled", "refused"] if kind is Retry else ["settled"]
    return ~Q(status__in=closed)
