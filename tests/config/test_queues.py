"""Every task has a queue of its kind, and nothing that beat sends outlives its interval."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from celery.beat import Scheduler
from celery.exceptions import QueueNotFound
from django.test import Client

from adjudication.queue import ADVANCE
from audit.models import SweepRun
from audit.rooms import all_periodic_tasks
from config.celery import app
from run.health import RUN_HEADER
from run.queues import NAMES, NoQueue, queue_of, worker_command

QUEUE_OF = {
    "members.deliver_message": "messages",
    "members.read_reports": "messages",
    "members.send_digests": "messages",
    "members.sweep_messages": "messages",
    "audit.publish": "log",
    "audit.offer": "messages",
    "adjudication.advance_claim": "deadlines",
    "adjudication.sweep_deadlines": "deadlines",
    "allocation.sweep_deadlines": "deadlines",
    "allocation.collect": "payments",
    "allocation.pay": "payments",
    "allocation.sweep_payments": "payments",
    "allocation.sweep_arrears": "payments",
    "allocation.sweep_dissolutions": "bulk",
    "members.sweep_ages": "deadlines",
}
"""A second list on purpose: to move a task to another queue is a decision, and never a slip."""


@dataclass(frozen=True)
class Declared:
    name: str
    queue: str | None = None


def declared() -> list[Declared]:
    app.loader.import_default_modules()
    ours = (task for name, task in app.tasks.items() if not name.startswith("celery."))
    return [Declared(task.name, getattr(task, "queue", None)) for task in ours if not task.name.startswith("tests.")]


def faults(tasks: Iterable[Declared], schedule: Mapping[str, Mapping[str, Any]]) -> list[str]:
    found = [f"{task.name} has no queue of ours: {task.queue}" for task in tasks if task.queue not in NAMES]
    for name, line in schedule.items():
        expires = line.get("options", {}).get("expires")
        if expires is None or not 0 < expires <= line["schedule"]:
            found.append(f"{name} expires after {expires} s, and is sent every {line['schedule']} s")
    return found


def test_every_task_names_its_queue_and_every_periodic_one_expires() -> None:
    assert faults(declared(), app.conf.beat_schedule) == []
    assert {task.name: task.queue for task in declared()} == QUEUE_OF


def test_what_is_forgotten_is_found() -> None:
    line = {"task": "a", "schedule": 5.0, "options": {"expires": 5.0}}
    assert faults([Declared("a", "log")], {"a": line}) == []
    assert len(faults([Declared("a"), Declared("b", "celery")], {})) == 2
    assert len(faults([], {"a": line | {"options": {}}, "b": line | {"options": {"expires": 6.0}}})) == 2


def test_beat_sends_nothing_of_its_own() -> None:
    scheduler = Scheduler(app, schedule={}, lazy=True)
    scheduler.install_default_entries(scheduler.schedule)
    assert scheduler.schedule == {}


def test_a_task_sent_by_its_name_alone_goes_to_its_queue() -> None:
    route = app.amqp.router.route({}, ADVANCE, (1,), {})
    assert (route["queue"].name, route["queue"].routing_key) == ("deadlines", "deadlines")
    assert {queue.routing_key for queue in app.amqp.queues.values()} == set(NAMES), "one message would reach several"


def test_a_task_that_nobody_declares_is_sent_nowhere() -> None:
    with pytest.raises(NoQueue, match=r"allocation\.forgotten"):
        queue_of("allocation.forgotten")
    with pytest.raises(NoQueue):
        app.send_task("allocation.forgotten")
    with pytest.raises(QueueNotFound):
        app.send_task(ADVANCE, args=[1], queue="celery")


def test_a_worker_takes_its_queues_and_has_a_name_of_its_own() -> None:
    command = worker_command(["log"])
    assert command[command.index("--queues") + 1] == "log"
    assert command[command.index("--hostname") + 1] == "log@%h"
    assert command[command.index("--concurrency") + 1] == "1"
    assert worker_command(NAMES, concurrency=2).count("log,deadlines,payments,messages,bulk") == 1


@pytest.mark.django_db
def test_every_periodic_task_is_a_sweep_that_records_its_run() -> None:
    app.loader.import_default_modules()
    for one in all_periodic_tasks().values():
        app.tasks[one.task]()
    through = SweepRun.objects.exclude(through_at=None).values_list("task", flat=True)
    assert sorted(through) == sorted(one.task for one in all_periodic_tasks().values())
    assert not SweepRun.objects.exclude(at_part="", failed=0).exists()


@pytest.mark.django_db
def test_the_health_page_names_the_run_and_only_under_a_supervisor(client: Client, settings: Any) -> None:
    assert RUN_HEADER not in client.get("/healthz").headers
    settings.RUN_ID = "0123456789abcdef"
    assert client.get("/healthz").headers[RUN_HEADER] == "0123456789abcdef"
