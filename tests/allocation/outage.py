"""Payment services that fail for a time by the one clock, and workers that come round while the time passes."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar

from pytest_django.fixtures import Settings

from allocation.gateways import Answer, DemonstrationBank, Failure, GatewayUnreachable
from allocation.models import Payout
from audit import clock
from tests.allocation.making import work
from tests.moving import move_clock

HERE = "tests.allocation.outage."
QUICK, SLOW = dt.timedelta(seconds=15), dt.timedelta(minutes=5)


class BankInOutage(DemonstrationBank):
    """The demonstration bank, which answers nothing until `back_at`; it counts what reaches it meanwhile."""

    back_at: ClassVar[dt.datetime]
    takes_orders: ClassVar[bool] = False
    """Whether it executes what reaches it in the outage, without being able to say so."""
    reached: ClassVar[list[tuple[str, str]]] = []

    def order(self, *, key: str, amount_minor: int) -> Answer:
        if self._is_out("order", key):
            if self.takes_orders:
                super().order(key=key, amount_minor=amount_minor)
            self._fail()
        return super().order(key=key, amount_minor=amount_minor)

    def debit(self, *, key: str, member: str, amount_minor: int) -> Answer:
        if self._is_out("debit", key):
            if self.takes_orders:
                super().debit(key=key, member=member, amount_minor=amount_minor)
            self._fail()
        return super().debit(key=key, member=member, amount_minor=amount_minor)

    def query(self, *, key: str, amount_minor: int) -> Answer:
        if self._is_out("query", key):
            self._fail()
        return super().query(key=key, amount_minor=amount_minor)

    def failures(self, *, key: str, after: int) -> Sequence[Failure]:
        if self._is_out("failures", key):
            self._fail()
        return super().failures(key=key, after=after)

    def _is_out(self, act: str, key: str) -> bool:
        is_out = clock.now() < self.back_at
        if is_out:
            self.reached.append((act, key))
        return is_out

    def _fail(self) -> None:
        raise GatewayUnreachable


class FaultyBank(BankInOutage):
    """Fails as a program does that has a fault."""

    def _fail(self) -> None:
        raise ZeroDivisionError("the account of Wang Xiaoming, 6222 0000 1234")


class HangingBank(BankInOutage):
    """Neither answers nor fails."""

    def _fail(self) -> None:
        time.sleep(600)


class BabblingBank(BankInOutage):
    """Answers something that is no answer."""

    def order(self, *, key: str, amount_minor: int) -> Answer:
        return "perhaps" if self._is_out("order", key) else super().order(key=key, amount_minor=amount_minor)  # type: ignore[return-value]

    def query(self, *, key: str, amount_minor: int) -> Answer:
        return None if self._is_out("query", key) else super().query(key=key, amount_minor=amount_minor)  # type: ignore[return-value]


@contextmanager
def outage(
    settings: Settings, bank: type[BankInOutage], *, takes_orders: bool = False, **length: float
) -> Iterator[None]:
    """From now on the payment service is this one, out of order for so long."""
    bank.back_at = clock.now() + dt.timedelta(**length)
    bank.takes_orders, bank.reached = takes_orders, []
    before, settings.PAYMENT_GATEWAY = settings.PAYMENT_GATEWAY, HERE + bank.__name__
    yield
    settings.PAYMENT_GATEWAY = before


def work_until(
    at: dt.datetime, quick_for: dt.timedelta = dt.timedelta(minutes=10), slowly: dt.timedelta = SLOW
) -> None:
    """The sweeps come round until then: every 15 seconds at first, then more slowly to save the machine's time."""
    begun = clock.now()
    while (now := clock.now()) < at:
        work()
        step = QUICK if now - begun < quick_for else slowly
        move_clock(seconds=min(step, at - now).total_seconds())


def work_until_settled(within: dt.timedelta) -> dt.timedelta:
    """The sweeps come round every 15 seconds until every payout is settled; how long it took, at most `within`."""
    begun = clock.now()
    while Payout.objects.exclude(status="settled").exists():
        assert clock.now() - begun <= within, list(
            Payout.objects.values_list("status", "next_attempt_at", "unanswered")
        )
        work()
        move_clock(seconds=QUICK.total_seconds())
    return clock.now() - begun
