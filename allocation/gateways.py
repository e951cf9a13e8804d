"""The way to the payment service: the interface, and the demonstration bank behind it."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from allocation.models import BankOrder


class Answer(StrEnum):
    """What a payment service says of an order."""

    SETTLED = "settled"
    UNKNOWN_KEY = "unknown_key"


class GatewayUnreachable(Exception):
    """No answer: whether the order was taken isn't known, so it is queried before anything else."""


class KeyReused(RuntimeError):
    """A key came again with another amount: a mistake on this side, which no repetition mends."""


class PaymentGateway(Protocol):
    """A payment service that takes an order once under one key and answers queries by key.

    Where a service offers neither, exactly-once payment is impossible, whatever this side does.
    """

    def order(self, *, key: str, amount_minor: int) -> Answer:
        """Order a payment; the same key again changes nothing. Raises GatewayUnreachable."""

    def query(self, *, key: str) -> Answer:
        """What became of the order with this key. Raises GatewayUnreachable."""


class DemonstrationBank:
    """Keeps its book in a table of its own, in transactions of its own, as an outside bank would."""

    def order(self, *, key: str, amount_minor: int) -> Answer:
        """Take the order once."""
        with transaction.atomic():
            taken, _is_new = BankOrder.objects.get_or_create(key=key, defaults={"amount_minor": amount_minor})
        if taken.amount_minor != amount_minor:
            raise KeyReused(key)
        return Answer.SETTLED

    def query(self, *, key: str) -> Answer:
        """Look the key up."""
        return Answer.SETTLED if BankOrder.objects.filter(key=key).exists() else Answer.UNKNOWN_KEY


def payment_gateway() -> PaymentGateway:
    """The payment service of this installation: the class that `PAYMENT_GATEWAY` names."""
    gateway: PaymentGateway = import_string(settings.PAYMENT_GATEWAY)()
    return gateway
