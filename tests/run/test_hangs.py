"""The bank, a witness and the mail server hang all at once: meanwhile panels close and the log is signed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from allocation.models import BankOrder, Payout, Period
from audit import clock
from audit.models import Cosignature, Entry, SweepRun
from audit.rules.notes import COSIGNATURE_V1, verifier_of
from audit.selectors.sweeps import operations
from config.celery import app
from jury.models import Panel
from tests.adjudication.trials import Trial, make_trial, small_cast, vote
from tests.allocation.making import charge, make_approved_claim, make_members, publish
from tests.moving import move_clock, start_clock
from tests.run.crew import Crew, a_crew
from tests.run.hanging import BANK_AT, Swallower
from tests.signing import is_signed
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bank() -> Iterator[Swallower]:
    made = Swallower()
    yield made
    made.close()


@pytest.fixture
def witness() -> Iterator[Swallower]:
    made = Swallower()
    yield made
    made.close()


@pytest.fixture
def mail_server() -> Iterator[Swallower]:
    made = Swallower()
    yield made
    made.close()


@pytest.fixture
def crew(tmp_path: Path, bank: Swallower, witness: Swallower) -> Iterator[Crew]:
    key = verifier_of(bytes(32), "witness.example/hangs", COSIGNATURE_V1).text
    environ = {
        "PAYMENT_GATEWAY": "tests.run.hanging.HangingBank",
        BANK_AT: str(bank.port),
        "AUDIT_WITNESSES": f"{key} http://127.0.0.1:{witness.port}",
    }
    with a_crew(tmp_path, **environ) as made:
        yield made


def charged_period() -> tuple[Trial, Period]:
    """A charged period with one payout, and in the same plan a claim before a jury of three."""
    cast = small_cast()
    make_members(cast.plan, 20)
    make_approved_claim(cast.version, 1_000_00)
    period = charge(publish(cast.plan))
    start_clock(clock.now())
    trial = make_trial(cast, jurors=3)
    trial.draw()
    return trial, period


def late_sweeps() -> set[str]:
    return {one.task for one in operations().sweeps if one.is_late}


def test_juries_and_the_log_go_on(crew: Crew, bank: Swallower, witness: Swallower, mail_server: Swallower) -> None:
    trial, period = charged_period()
    for seat in trial.seats[:2]:
        vote(seat)
    for queue in ("log", "deadlines", "payments"):
        crew.worker(queue)
    crew.worker("messages", include="--include tests.run.mailing")
    crew.wait_for_workers(4)
    crew.beat()
    until(lambda: bank.has_somebody, "a payment waits for the bank")
    until(lambda: witness.has_somebody, "a checkpoint waits for the witness")
    app.send_task("tests.send_mail", args=[mail_server.port], queue="messages")
    until(lambda: mail_server.has_somebody, "a mail waits for its server")

    move_clock(hours=100)
    closed = until(lambda: Panel.objects.get(pk=trial.panel.pk).status == "closed", "the panel is closed")
    signed = until(lambda: is_signed(Entry.objects.get(kind="panel.closed")), "its close is signed")
    sys.stderr.write(f"\nhangs: closed after {closed:.1f} s, signed after {signed:.1f} s more\n")

    assert not Cosignature.objects.exists()
    assert not BankOrder.objects.exists(), "the bank answered"
    assert Payout.objects.get(period=period).status in {"pending", "sent"}
    assert Period.objects.get(pk=period.pk).status == "charged"
    assert SweepRun.objects.get(task="allocation.sweep_deadlines").through_at is not None
    # The clock has jumped: a sweep is late until it has gone through once more.
    until(lambda: "adjudication.sweep_deadlines" not in late_sweeps(), "the sweep of deadlines is not late")
    until(lambda: not operations().log.is_late, "the log is not late")

    bank.let_go()
    mail_server.let_go()
    until(lambda: Period.objects.get(pk=period.pk).status == "settled", "the period is settled")
    assert BankOrder.objects.filter(key=Payout.objects.get(period=period).key).count() == 1
