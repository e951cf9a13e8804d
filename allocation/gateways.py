"""The way to the payment service: the interface, and the demonstration bank behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from allocation.models import BankOrder, BankRefusal, BankReturn
from allocation.selectors.failures import members_of_batch

RETURNS_A_PAGE = 500


class Answer(StrEnum):
    """What a payment service says of an order."""

    SETTLED = "settled"
    REFUSED = "refused"
    """Taken and not paid, for ever: the same key never brings anything else."""
    UNKNOWN_KEY = "unknown_key"


class GatewayUnreachable(Exception):
    """No answer: whether the order was taken isn't known, so it is queried before anything else."""


class KeyReused(RuntimeError):
    """A key came again with another amount: a mistake on this side, which no repetition mends."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One member of a batch who did not pay; the service numbers its reports upwards."""

    number: int
    member: str


class PaymentGateway(Protocol):
    """A payment service that takes an order once under one key and answers queries by key.

    Where a service offers neither, exactly-once payment is impossible, whatever this side does. Members are named by
    `str(membership)`, which says nothing about them.
    """

    def order(self, *, key: str, amount_minor: int) -> Answer:
        """Order a payment or a batch; the same key again changes nothing. Raises GatewayUnreachable."""

    def debit(self, *, key: str, member: str, amount_minor: int) -> Answer:
        """Collect from one member; the same key again changes nothing. Raises GatewayUnreachable."""

    def query(self, *, key: str) -> Answer:
        """What became of the order with this key. Raises GatewayUnreachable."""

    def failures(self, *, key: str, after: int) -> Sequence[Failure]:
        """Reports, numbered above `after`, of members of a settled batch who did not pay; some of them or all.

        They can be read any number of times; empty where there is nothing new. Raises GatewayUnreachable.
        """


class DemonstrationBank:
    """Keeps its books in tables of its own, in transactions of its own, as an outside bank would.

    It gets nothing from the accounts that its table of refusals names; which of them are in a batch it reads from the
    rows that a real service would be handed as the batch's file.
    """

    def order(self, *, key: str, amount_minor: int) -> Answer:
        """Take the order once; from a batch, accounts that pay nothing are returned at that moment."""
        with transaction.atomic():
            taken, is_new = BankOrder.objects.get_or_create(key=key, defaults={"amount_minor": amount_minor})
            if is_new:
                refusing = BankRefusal.objects.filter(is_refusing=True).values_list("member", flat=True)
                returned = members_of_batch(key, refusing)
                BankReturn.objects.bulk_create(BankReturn(key=key, member=str(member)) for member in returned)
        return self._answer(taken, key, amount_minor)

    def debit(self, *, key: str, member: str, amount_minor: int) -> Answer:
        """Take the order once; whether the account pays is settled at that moment."""
        with transaction.atomic():
            refuses = BankRefusal.objects.filter(member=member, is_refusing=True).exists()
            taken, _is_new = BankOrder.objects.get_or_create(
                key=key, defaults={"amount_minor": amount_minor, "is_refused": refuses}
            )
        return self._answer(taken, key, amount_minor)

    def query(self, *, key: str) -> Answer:
        """Look the key up."""
        taken = BankOrder.objects.filter(key=key).first()
        return self._answer(taken, key, taken.amount_minor) if taken else Answer.UNKNOWN_KEY

    def failures(self, *, key: str, after: int) -> Sequence[Failure]:
        """The returns of the batch, a page at a time."""
        rows = BankReturn.objects.filter(key=key, pk__gt=after).order_by("pk")
        return [Failure(row.pk, row.member) for row in rows[:RETURNS_A_PAGE]]

    def _answer(self, taken: BankOrder, key: str, amount_minor: int) -> Answer:
        if taken.amount_minor != amount_minor:
            raise KeyReused(key)
        return Answer.REFUSED if taken.is_refused else Answer.SETTLED


def payment_gateway() -> PaymentGateway:
    """The payment service of this installation: the class that `PAYMENT_GATEWAY` names."""
    gateway: PaymentGateway = import_string(settings.PAYMENT_GATEWAY)()
    return gateway
