"""One exchange with the payment service: within its time, and whatever is not understood counts as no answer."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Generic, TypeVar

import structlog
from django.conf import settings
from django.db import connection

from allocation.gateways import Answer, Failure, PaymentGateway

log = structlog.get_logger(__name__)
Said = TypeVar("Said")
LONGEST_REASON = 80


class NotUnderstood(Exception):
    """The adapter returned something that the interface does not allow here."""


class TookTooLong(BaseException):
    """The time of an exchange is over. Not an `Exception`, so that no adapter takes it for one that it knows."""


@dataclass(frozen=True, slots=True)
class Reply(Generic[Said]):
    """What an exchange brought: what was said, or else why there was no answer."""

    said: Said | None
    reason: str = ""


def ask(act: Callable[[], Said]) -> Reply[Said]:
    """Perform one exchange. Any exception is no answer, a programming error of the adapter included.

    It is then unknown whether the order was accepted. Only the name of the exception's class is kept: its words may
    contain names or account numbers.
    """
    try:
        with _time_limit(settings.GATEWAY_TIMEOUT_S):
            return Reply(act())
    except (Exception, TookTooLong) as error:
        if isinstance(error, TookTooLong) and not connection.in_atomic_block:
            # An adapter that keeps its books in this database was interrupted in a query: that connection is unusable.
            connection.close()
        reason = type(error).__name__[:LONGEST_REASON]
        log.warning("payment.no_answer", reason=reason)
        return Reply(None, reason)


def query(gateway: PaymentGateway, key: str, amount_minor: int) -> Answer:
    """Ask about a key. Raises what the adapter raises, or NotUnderstood."""
    return _understood(gateway.query(key=key, amount_minor=amount_minor), tuple(Answer))


def order(gateway: PaymentGateway, key: str, amount_minor: int, debtor: str) -> Answer:
    """Order a payment, or a debit where there is a debtor. Raises what the adapter raises, or NotUnderstood."""
    said = (
        gateway.debit(key=key, member=debtor, amount_minor=amount_minor)
        if debtor
        else gateway.order(key=key, amount_minor=amount_minor)
    )
    # "Unknown key" answers a query. Said of an order, it leaves open whether the order was accepted.
    return _understood(said, (Answer.SETTLED, Answer.REFUSED))


def failures(gateway: PaymentGateway, key: str, after: int) -> list[Failure]:
    """Read one page of reports. Raises what the adapter raises, or NotUnderstood."""
    said: Sequence[object] = gateway.failures(key=key, after=after)
    # A page that does not go on from `after` would be read again and again.
    return [_report(one, after) for one in said]


def _report(said: object, after: int) -> Failure:
    if isinstance(said, Failure) and type(said.number) is int and said.number > after and isinstance(said.member, str):
        return said
    raise NotUnderstood


def _understood(said: object, allowed: tuple[Answer, ...]) -> Answer:
    try:
        answer = Answer(str(said))
    except ValueError:
        raise NotUnderstood from None
    if answer not in allowed:
        raise NotUnderstood
    return answer


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer, where that is possible: in the main thread, as workers and commands are.

    A signal reaches only the main thread, and only code that waits in Python or in a system call. In a web process'
    threads, and in a library that never returns to Python, the adapter's own time-outs have to hold.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
