"""Thousands of mails by real workers that are killed at random: none is lost, none goes out twice.

What a killed worker had in its hands is shown as of unknown fate, and never sent again by itself.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from os import kill
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

from audit import clock
from audit.actors import SYSTEM
from audit.services import append
from config.celery import app
from members.models import Delivery, User
from members.services.messages import Telling, tell_all
from members.tasks import sweep_messages
from tests.mail_server import MailServer, a_mail_server
from tests.moving import move_clock, start_clock
from tests.run.crew import Crew, a_crew
from tests.waiting import until

pytestmark = [pytest.mark.kills, pytest.mark.django_db(transaction=True)]
SMTP = "django.core.mail.backends.smtp.EmailBackend"
PEOPLE = 100
AT_ONCE = 2
"""How many workers run side by side."""


@pytest.fixture
def server() -> Iterator[MailServer]:
    # A moment over each final dot, or kills would rarely fall between the dot and its answer.
    with a_mail_server(slow_seconds=0.004) as made:
        yield made


@pytest.fixture
def crew(tmp_path: Path, server: MailServer) -> Iterator[Crew]:
    with a_crew(tmp_path, EMAIL_BACKEND=SMTP, EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(server.port)) as made:
        yield made


def write_messages(number: int) -> None:
    """So many mails to a hundred people, as an act writes them; the tasks that it nudges stay in the queue."""
    users = [User(email=f"person{n}@people.example", password="!") for n in range(min(PEOPLE, number))]
    people = User.objects.bulk_create(users)
    for start in range(0, number, len(people)):
        with transaction.atomic():
            entry = append(kind="user.password_changed", stream="test:storm", by=SYSTEM)
            tell_all("members.password_changed", [Telling(one, entry) for one in people[: number - start]])
    assert Delivery.objects.filter(status="waiting").count() == number


@dataclass
class Storm:
    """Kills processes of pools, and now and then a whole worker, which is then replaced."""

    crew: Crew
    chance: random.Random
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)

    def start(self) -> None:
        for _each in range(AT_ONCE):
            self.workers.append(self.crew.worker("messages"))
        self.crew.wait_for_workers(AT_ONCE)

    def rage(self, most_seconds: float, whole: int, a_kill_every: int) -> None:
        """Kill at random until nothing waits any more; at most so many whole workers."""
        began = time.monotonic()
        ids = list(Delivery.objects.values_list("message_id", flat=True))
        left = len(ids)
        while left:
            assert time.monotonic() - began < most_seconds, self.crew.logs()[-3000:]
            app.send_task("members.sweep_messages")
            # Beside the sweep, and for what it is about to take: two workers must not both send it.
            for pk in self.chance.sample(ids, min(10, len(ids))):
                app.send_task("members.deliver_message", args=[pk])
            goal = left - self.chance.randint(1, 2 * a_kill_every)
            left = self._wait_until_fewer_than(max(goal, 1))
            time.sleep(self.chance.uniform(0, 0.02))
            self._kill(whole)

    def _wait_until_fewer_than(self, goal: int) -> int:
        """Or until ten seconds have passed, since a slow machine must come forward; how many still wait."""
        until_at = time.monotonic() + 10
        while (left := Delivery.objects.filter(status="waiting").count()) >= goal and time.monotonic() < until_at:
            time.sleep(0.01)
        return left

    def _kill(self, whole: int) -> None:
        worker = self.chance.choice(self.workers)
        if self.kills["workers"] < whole and self.chance.random() < 0.1:
            self.crew.kill(worker)
            self.workers[self.workers.index(worker)] = self.crew.worker("messages")
            self.kills["workers"] += 1
            return
        for pid in _children(worker.pid):
            with suppress(ProcessLookupError):
                kill(pid, signal.SIGKILL)
                self.kills["processes of pools"] += 1


def _children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def play(crew: Crew, server: MailServer, number: int, *, most_seconds: float, whole: int, a_kill_every: int) -> None:
    start_clock(clock.now())
    write_messages(number)
    storm = Storm(crew, random.Random(number))
    storm.start()
    began = time.monotonic()
    storm.rage(most_seconds, whole, a_kill_every)
    took = time.monotonic() - began
    until(lambda: not server_is_busy(server), "the last exchange has ended")
    crew.stop()
    move_clock(minutes=6)
    for _run in range(2):  # the first one goes on behind the row at which a killed one stopped
        sweep_messages()
    _assert_once(server, number, storm, took)


def server_is_busy(server: MailServer) -> bool:
    before = len(server.commands)
    time.sleep(0.5)
    return len(server.commands) != before


def _assert_once(server: MailServer, number: int, storm: Storm, took: float) -> None:
    seen, taken = server.whole, server.ids()
    states = Counter(str(status) for status in Delivery.objects.values_list("status", flat=True))
    names = {f"<{token}@{settings.MAIL_DOMAIN}>": str(status) for token, status in _tokens()}
    unknown = [name for name, status in names.items() if status == "unknown"]
    out = sum(1 for name in unknown if taken[name])
    sys.stderr.write(
        f"\nmails: {number} in {took:.0f} s, {storm.kills['processes of pools']} processes of pools and "
        f"{storm.kills['workers']} workers killed; {dict(states)}; of the unknown {out} had been taken; "
        f"{server.connections} connections\n"
    )
    assert sum(storm.kills.values()) > 0
    assert set(states) <= {"taken", "unknown"}, states
    assert len(names) == number
    assert set(seen) <= set(names)
    assert max(seen.values()) == 1, "a mail went out twice"
    assert all(taken[name] == 1 for name, status in names.items() if status == "taken"), "a mail is lost"


def _tokens() -> Iterator[tuple[object, object]]:
    yield from Delivery.objects.values_list("token", "status")


def test_a_hundred_mails_and_killed_workers(crew: Crew, server: MailServer) -> None:
    play(crew, server, 120, most_seconds=90, whole=0, a_kill_every=10)


@pytest.mark.whole_run
def test_ten_thousand_mails_and_killed_workers(crew: Crew, server: MailServer) -> None:
    play(crew, server, 10_000, most_seconds=3600, whole=25, a_kill_every=60)
