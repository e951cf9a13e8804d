"""One exchange with the payment service: its time, and what counts as an answer."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from allocation.gateways import Answer, Failure, GatewayUnreachable, KeyReused
from allocation.services import exchanges
from allocation.services.exchanges import NotUnderstood, Reply, ask


class Says:
    """Answers everything with one thing."""

    def __init__(self, said: Any) -> None:
        self.said = said

    def query(self, **_asked: object) -> Any:
        return self.said

    order = debit = failures = query


def fail(error: BaseException) -> Any:
    raise error


@pytest.mark.parametrize(
    "error", [GatewayUnreachable(), KeyReused("k"), TimeoutError(), ZeroDivisionError("6222 0000"), ImportError()]
)
def test_any_exception_is_no_answer_and_only_its_class_is_kept(error: Exception) -> None:
    assert ask(lambda: fail(error)) == Reply(None, type(error).__name__)


def test_a_process_that_is_told_to_end_ends() -> None:
    with pytest.raises(SystemExit):
        ask(lambda: fail(SystemExit()))


def test_the_name_of_a_class_is_cut_to_its_column() -> None:
    error = type("Long" * 40, (Exception,), {})
    assert len(ask(lambda: fail(error())).reason) == exchanges.LONGEST_REASON


@pytest.mark.parametrize("said", list(Answer))
def test_every_answer_answers_a_query(said: Answer) -> None:
    assert exchanges.query(Says(said), "k", 5) == said
    assert exchanges.query(Says(str(said)), "k", 5) == said


@pytest.mark.parametrize("said", [None, "", "SETTLED", "paid", 1, b"settled", ["settled"]])
def test_anything_else_does_not(said: object) -> None:
    with pytest.raises(NotUnderstood):
        exchanges.query(Says(said), "k", 5)


@pytest.mark.parametrize("debtor", ["", "member:x"])
def test_an_order_is_answered_by_settled_or_refused_alone(debtor: str) -> None:
    assert exchanges.order(Says(Answer.SETTLED), "k", 5, debtor) == Answer.SETTLED
    assert exchanges.order(Says(Answer.REFUSED), "k", 5, debtor) == Answer.REFUSED
    with pytest.raises(NotUnderstood):
        exchanges.order(Says(Answer.UNKNOWN_KEY), "k", 5, debtor)


@pytest.mark.parametrize(
    "page",
    [[Failure(3, "m")], [Failure(4, "m"), Failure(3, "m")], [Failure(True, "m")], ["m"], [Failure(9, 7)], 5],  # type: ignore[arg-type]
)
def test_reports_that_do_not_go_on_are_not_understood(page: Any) -> None:
    """A page that begins again would be read again and again."""
    assert ask(lambda: exchanges.failures(Says(page), "k", 3)).said is None


def test_reports_that_go_on_are_read() -> None:
    page = [Failure(4, "m"), Failure(5, "n")]
    assert exchanges.failures(Says(tuple(page)), "k", 3) == page
    assert exchanges.failures(Says([]), "k", 3) == []


class Swallows:
    """An adapter that takes every exception for one that it knows, as careless ones do."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds

    def wait(self) -> str:
        while time.monotonic() < self.until:
            try:
                time.sleep(60)
            except Exception:
                continue
        return "waited"


def test_a_call_that_takes_too_long_is_interrupted(settings: Settings) -> None:
    settings.GATEWAY_TIMEOUT_S = 0.05
    before = signal.getsignal(signal.SIGALRM)
    assert ask(Swallows(60).wait) == Reply(None, "TookTooLong")
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_call_in_time_is_not_interrupted_later(settings: Settings) -> None:
    settings.GATEWAY_TIMEOUT_S = 0.05
    assert ask(lambda: "quick") == Reply("quick")
    time.sleep(0.1)  # the alarm would come in here


def test_in_a_thread_the_adapter_s_own_time_outs_have_to_hold(settings: Settings) -> None:
    settings.GATEWAY_TIMEOUT_S = 0.05
    found: list[Reply[Any]] = []
    thread = threading.Thread(target=lambda: found.append(ask(lambda: time.sleep(0.2) or "late")))
    thread.start()
    thread.join()
    assert found == [Reply("late")]
