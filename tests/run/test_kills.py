"""Workers that are killed while they wait for the bank: nothing is lost, nothing is done twice, no lock stays."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from allocation.models import BankOrder, Collection, Payout, Period, Transaction
from audit import clock
from audit.models import Entry, SweepRun
from config.celery import app
from tests.allocation.making import charge, make_approved_claim, make_members, publish, uncapped_version
from tests.moving import move_clock, start_clock
from tests.run.crew import Crew, a_crew
from tests.run.hanging import BANK_AT, Swallower

pytestmark = [pytest.mark.kills, pytest.mark.django_db(transaction=True)]
HANGS = "tests.run.hanging.HangingBank"
ANSWERS = "allocation.gateways.DemonstrationBank"
SWEEP = "allocation.sweep_payments"


@pytest.fixture
def bank() -> Iterator[Swallower]:
    made = Swallower()
    yield made
    made.close()


@pytest.fixture
def crew(tmp_path: Path, bank: Swallower) -> Iterator[Crew]:
    with a_crew(tmp_path, **{BANK_AT: str(bank.port)}) as made:
        yield made


def charged(claims: int = 1) -> Period:
    """A charged period; its tasks wait in the queue of payments."""
    version = uncapped_version()
    make_members(version.plan, 5)
    for _each in range(claims):
        make_approved_claim(version, 1_000_00)
    period = charge(publish(version.plan))
    start_clock(clock.now())
    return period


def assert_paid_once(period: Period) -> None:
    """Every payment was made, each once, in the bank's books and in ours."""
    keys = [one.key for model in (Payout, Collection) for one in model.objects.all()]
    assert sorted(BankOrder.objects.values_list("key", flat=True)) == sorted(keys)
    booked = Transaction.objects.filter(kind__in=["payout", "collection"])
    assert sorted(booked.values_list("key", flat=True)) == sorted(keys)
    assert Entry.objects.filter(kind="period.settled", stream=period.stream).count() == 1


def is_settled(period: Period) -> bool:
    return Period.objects.get(pk=period.pk).status == "settled"


def test_the_task_of_a_killed_worker_goes_to_another(crew: Crew, bank: Swallower) -> None:
    """Nobody sweeps here: the broker alone gives the task back."""
    first = crew.worker("payments", PAYMENT_GATEWAY=HANGS)
    crew.wait_for_workers(1)
    period = charged(claims=2)
    crew.until(lambda: bank.has_somebody, "a payment is under way")
    crew.kill(first)
    assert not is_settled(period)

    crew.worker("payments", PAYMENT_GATEWAY=ANSWERS)
    crew.until(lambda: is_settled(period), "another worker has made the payments")
    assert_paid_once(period)


def test_the_task_of_a_killed_pool_process_is_done_again(crew: Crew, bank: Swallower) -> None:
    """As when the kernel needs its memory: its worker lives on."""
    worker = crew.worker("payments", PAYMENT_GATEWAY=HANGS)
    crew.wait_for_workers(1)
    period = charged()
    crew.until(lambda: bank.has_somebody, "a payment is under way")
    [child] = [int(pid) for pid in Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()]
    bank.let_go()
    os.kill(child, signal.SIGKILL)
    crew.until(lambda: is_settled(period), "the worker has made the payments with a new process")
    assert_paid_once(period)


def test_a_killed_sweep_leaves_no_lock_and_the_next_goes_on_behind_its_row(crew: Crew, bank: Swallower) -> None:
    period = charged(claims=3)
    app.control.purge()
    first = crew.worker("payments", PAYMENT_GATEWAY=HANGS)
    crew.wait_for_workers(1)
    app.send_task(SWEEP)
    crew.until(lambda: bank.has_somebody, "the first sweep waits for the bank")

    second = crew.worker("payments", PAYMENT_GATEWAY=ANSWERS)
    crew.wait_for_workers(2)
    app.send_task(SWEEP)
    crew.until(lambda: "sweep.runs_already" in crew.log_of(second), "the second sweep says that one is running")
    assert not BankOrder.objects.exists()
    at = SweepRun.objects.get(task=SWEEP)
    assert (at.is_running, at.at_part, at.at_row) == (True, "collections", Collection.objects.get().pk)

    crew.kill(first)
    app.send_task(SWEEP)
    crew.until(lambda: BankOrder.objects.filter(key__in=Payout.objects.values("key")).count() == 3, "the rest is paid")
    crew.until(lambda: not SweepRun.objects.get(task=SWEEP).is_running, "the sweep has ended")
    crew.until(lambda: "sweep.was_cut_off" in crew.log_of(second), "the row that was cut off is named")
    move_clock(minutes=2)  # nobody knows how the exchange ended that was cut off: it is due again after three time-outs
    app.send_task(SWEEP)
    crew.until(lambda: is_settled(period), "the row that was cut off is paid in the run after that")
    assert_paid_once(period)
