"""The interface to the payment service, and the demonstration bank behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from django.conf import settings
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.module_loading import import_string

from allocation.models import BankOrder, BankRefusal, BankReturn
from allocation.rules.comparing import BankLine
from allocation.selectors.failures import members_of_batch, name_of

RETURNS_A_PAGE = 500


class Answer(StrEnum):
    """A payment service's answer about an order."""

    SETTLED = "settled"
    REFUSED = "refused"
    """Accepted and not paid, permanently: the same key never gives another answer."""
    UNKNOWN_KEY = "unknown_key"


class GatewayUnreachable(Exception):
    """No answer: it is unknown whether the order was accepted, so it is queried before anything else."""


class KeyReused(RuntimeError):
    """The service knows the key with another amount: what it says of that order is not the answer about this one."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One member of a batch who did not pay; the service numbers its reports upwards."""

    number: int
    member: str


class PaymentGateway(Protocol):
    """A payment service that accepts an order once under one key and answers queries by key.

    With a service that offers neither, exactly-once payment is impossible, whatever this side does. Members are named
    by `name_of(membership)`, which contains no personal data.

    Each method must answer, or raise, within `settings.GATEWAY_TIMEOUT_S`: set time-outs on connecting, sending and
    reading that together stay below it. Workers interrupt a call that takes longer. In a thread of a web process, and
    in a library that never returns to Python, nothing can: there the adapter's own time-outs have to hold. Whatever is
    raised, `GatewayUnreachable` or a fault of the adapter, counts as no answer.
    """

    def order(self, *, key: str, amount_minor: int) -> Answer:
        """Order a payment or a batch; the same key again changes nothing. Raises GatewayUnreachable."""

    def debit(self, *, key: str, member: str, amount_minor: int) -> Answer:
        """Collect from one member; the same key again changes nothing. Raises GatewayUnreachable."""

    def query(self, *, key: str, amount_minor: int) -> Answer:
        """The result of the order with this key. Raises GatewayUnreachable, KeyReused.

        An order with this key and another amount is not ours: after a restore from a backup it may be one that was
        lost, and its result must not be booked. A silent service is probed with a key that was never ordered.
        """

    def failures(self, *, key: str, after: int) -> Sequence[Failure]:
        """Reports, numbered above `after`, of members of a settled batch who did not pay; some of them or all.

        They can be read any number of times; empty if there is nothing new. Raises GatewayUnreachable.
        """


@runtime_checkable
class ListsOrders(Protocol):
    """What a payment service may offer beyond it: a list of all orders that it has accepted since a moment."""

    def orders(self, *, since: dt.datetime) -> Iterable[BankLine]:
        """Every order accepted at or after `since`, once. Raises GatewayUnreachable."""


class DemonstrationBank:
    """Keeps its books in its own tables and transactions, as an outside bank would.

    Accounts in its table of refusals pay nothing. Which of them are in a batch it reads from the rows that a real
    service would receive as the batch's file.
    """

    def order(self, *, key: str, amount_minor: int) -> Answer:
        """Accept the order once; accounts in a batch that pay nothing are returned at that moment."""
        with transaction.atomic():
            taken, is_new = BankOrder.objects.get_or_create(key=key, defaults={"amount_minor": amount_minor})
            if is_new:
                refusing = BankRefusal.objects.filter(is_refusing=True).values_list("member", flat=True)
                returned = members_of_batch(key, refusing)
                prefetch_related_objects(returned, "person")
                BankReturn.objects.bulk_create(BankReturn(key=key, member=name_of(member)) for member in returned)
        return self._answer(taken, key, amount_minor)

    def debit(self, *, key: str, member: str, amount_minor: int) -> Answer:
        """Accept the order once; whether the account pays is decided at that moment."""
        with transaction.atomic():
            refuses = BankRefusal.objects.filter(member=member, is_refusing=True).exists()
            taken, _is_new = BankOrder.objects.get_or_create(
                key=key, defaults={"amount_minor": amount_minor, "is_refused": refuses}
            )
        return self._answer(taken, key, amount_minor)

    def query(self, *, key: str, amount_minor: int) -> Answer:
        """Look up the key."""
        taken = BankOrder.objects.filter(key=key).first()
        return self._answer(taken, key, amount_minor) if taken else Answer.UNKNOWN_KEY

    def failures(self, *, key: str, after: int) -> Sequence[Failure]:
        """The returns of the batch, a page at a time."""
        rows = BankReturn.objects.filter(key=key, pk__gt=after).order_by("pk")
        return [Failure(row.pk, row.member) for row in rows[:RETURNS_A_PAGE]]

    def orders(self, *, since: dt.datetime) -> Iterable[BankLine]:
        """The book, in the order of acceptance."""
        for taken in BankOrder.objects.filter(accepted_at__gte=since).order_by("pk").iterator():
            answer = Answer.REFUSED if taken.is_refused else Answer.SETTLED
            yield BankLine(taken.key, taken.amount_minor, str(answer))

    def _answer(self, taken: BankOrder, key: str, amount_minor: int) -> Answer:
        if taken.amount_minor != amount_minor:
            raise KeyReused(key)
        return Answer.REFUSED if taken.is_refused else Answer.SETTLED


def payment_gateway() -> PaymentGateway:
    """The payment service of this installation: the class that `PAYMENT_GATEWAY` names."""
    gateway: PaymentGateway = import_string(settings.PAYMENT_GATEWAY)()
    return gateway
