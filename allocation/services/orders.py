"""The payment protocol: commit the key, order or ask, confirm or ask again later; for every kind of payment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import structlog
from django.db import transaction

from allocation.gateways import Answer, payment_gateway
from allocation.models import Asked, PaymentAttempt
from allocation.models.asking import EXCHANGED
from allocation.rules.asking import is_for_a_person
from allocation.selectors.asking import is_silent
from allocation.services import exchanges
from allocation.services.exchanges import Reply, ask
from allocation.services.silence import note_exchange
from audit import clock

log = structlog.get_logger(__name__)

ASKED, ORDERED, READ = "query", "order", "failures"
NO_ANSWER = "no_answer"
Row = TypeVar("Row", bound=Asked)


@dataclass(frozen=True, slots=True)
class Order:
    """What to order under one key; the answer is stored in the row `pk`, which is already committed."""

    pk: int
    key: str
    amount_minor: int
    debtor: str = ""
    """The one member to collect from; empty for a payment or a batch."""
    is_asked_first: bool = False
    """It was ordered before and its result is unknown: query it first, and order again only under this key."""


@dataclass(frozen=True)
class Payments(Generic[Row]):
    """What one kind of payment does at each step. Every step except the exchange itself runs in a transaction.

    The steps find the row's next moment and its silence already noted, and save the row.
    """

    name: str
    lock: Callable[[int], Row]
    """Lock the row, and before it whatever must be locked first."""
    is_open: Callable[[Row], bool]
    """Whether the answer is still awaited: if two answers arrive at once, the second changes nothing."""
    confirm: Callable[[Row], None]
    """Book the confirmation, whether it answers a query or an order."""
    refuse: Callable[[Row], None]
    """Book the refusal, which is permanent."""
    escalate: Callable[[Row], None]
    """Tell a person, once, that there has been no answer for hours. The payment is still asked about."""


def fulfil(
    *,
    kind: Payments[Row],
    begin: Callable[[], Order | None],
    is_begun_in_silence: bool = False,
    is_asked_in_silence: bool = False,
) -> None:
    """Make one payment exactly once. Idempotent; safe with two workers at once and after a crash at any point.

    `begin` commits the key and returns what to order, or None if there is nothing to do. The order is then sent outside
    any transaction. If it was sent before, it is queried first, and sent again only if its key is unknown. While the
    payment service is silent nothing happens: the payment keeps its moment. `is_begun_in_silence` commits the key all
    the same, for a sweep to send; `is_asked_in_silence` also asks, for a person who wants to know now.
    """
    is_held = not is_asked_in_silence and is_silent()
    if is_held and not is_begun_in_silence:
        return
    # Durable: inside an outer transaction, the order could be sent and its key then be lost in a rollback.
    with transaction.atomic(durable=True):
        order = begin()
    if order is None or is_held:
        return
    # Silence is not "unknown key": an order without an answer may still be under way, and is never sent again blindly.
    if order.is_asked_first and _exchange(kind, order, ASKED) != Answer.UNKNOWN_KEY:
        return
    _exchange(kind, order, ORDERED)


def _exchange(kind: Payments[Row], order: Order, act: str) -> Answer | None:
    """Query or order once, outside any transaction so that no row is locked meanwhile, and book the answer."""
    reply = ask(lambda: _perform(order, act))
    with transaction.atomic():
        row = kind.lock(order.pk)
        # Read again under the lock: another worker may have booked an answer while we waited for ours.
        if kind.is_open(row):
            note_attempt(order.key, act, reply)
            _book(kind, row, reply)
        note_exchange(is_answered=reply.said is not None, is_final=reply.said in {Answer.SETTLED, Answer.REFUSED})
    return reply.said


def _perform(order: Order, act: str) -> Answer:
    if act == ASKED:
        return exchanges.query(payment_gateway(), order.key, order.amount_minor)
    return exchanges.order(payment_gateway(), order.key, order.amount_minor, order.debtor)


def _book(kind: Payments[Row], row: Row, reply: Reply[Answer]) -> None:
    match reply.said:
        case Answer.SETTLED:
            row.note_answer()
            kind.confirm(row)
        case Answer.REFUSED:
            row.note_answer()
            kind.refuse(row)
        case Answer.UNKNOWN_KEY:
            # No final answer: the order follows at once, and if this process dies before, the row's moment stands.
            pass
        case None:
            row.note_silence(clock.now())
            escalate_if_long(row, kind.escalate)
            row.save(update_fields=[*EXCHANGED, "status"])


def escalate_if_long(row: Row, escalate: Callable[[Row], None]) -> bool:
    """Tell a person, once, about a locked payment without an answer for hours; the caller saves the row."""
    now = clock.now()
    if row.escalated_at is not None or row.unanswered_since is None:
        return False
    if not is_for_a_person(since=row.unanswered_since, at=now):
        return False
    row.escalated_at = now
    escalate(row)
    return True


def escalate_silent(*, kind: Payments[Row], pk: int) -> bool:
    """The same for one that is not being asked about, since the payment service is silent. Idempotent."""
    with transaction.atomic():
        row = kind.lock(pk)
        if not (kind.is_open(row) and escalate_if_long(row, kind.escalate)):
            return False
        row.save(update_fields=[*EXCHANGED, "status"])
        return True


def note_attempt(key: str, act: str, reply: Reply[Answer]) -> None:
    """Record one exchange. Part of an act that holds the payment's lock, so no two get the same number."""
    number = PaymentAttempt.objects.filter(key=key).count() + 1
    answer = NO_ANSWER if reply.said is None else str(reply.said)
    PaymentAttempt.objects.create(key=key, number=number, act=act, answer=answer, reason=reply.reason)
