"""The queues of the workers: one a kind of work, so that what waits for others never holds up what has a deadline."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from celery import current_app

LOG, DEADLINES, MESSAGES, PAYMENTS, BULK = "log", "deadlines", "messages", "payments", "bulk"


@dataclass(frozen=True)
class WorkQueue:
    """One queue: what is put into it, and so what its workers may wait for."""

    name: str
    holds: str


QUEUES = (
    WorkQueue(LOG, "placing entries in the log and signing it; waits for the database alone"),
    WorkQueue(DEADLINES, "whatever ends by time, and the next step of a claim; waits for the database alone"),
    WorkQueue(PAYMENTS, "exchanges with the payment service; waits for it"),
    WorkQueue(MESSAGES, "messages to people and offers to witnesses; waits for mail servers and witnesses"),
    WorkQueue(BULK, "whatever takes minutes: imports, exports, collection files, the end of a plan"),
)
"""In the order in which `make run` starts their workers: the most urgent first."""
NAMES = tuple(queue.name for queue in QUEUES)


class NoQueue(LookupError):
    """A task was about to be sent that names no queue of these, or that nobody declares."""


@cache
def _know_all_tasks() -> None:
    # A process that only sends, such as the web server, has not imported them yet.
    current_app.loader.import_default_modules()


def queue_of(task: str) -> str:
    """The queue that a task names where it is declared. Raises NoQueue."""
    _know_all_tasks()
    declared = current_app.tasks.get(task)
    queue = getattr(declared, "queue", None)
    if queue not in NAMES:
        raise NoQueue(f"{task}: give it one of these queues where it is declared: {', '.join(NAMES)}")
    return str(queue)


def worker_command(queues: Sequence[str], *, concurrency: int = 1, level: str = "INFO") -> list[str]:
    """How a worker for these queues is started as a process of its own."""
    words = worker_words(queues, concurrency=concurrency, level=level)
    return [sys.executable, "-m", "celery", "-A", "config", *words]


def worker_words(queues: Sequence[str], *, concurrency: int = 1, level: str = "INFO") -> list[str]:
    """What Celery is told about a worker."""
    # Every worker of a machine needs a name of its own.
    words = ["worker", "--queues", ",".join(queues), "--hostname", f"{'-'.join(queues)}@%h"]
    words += ["--pool", "prefork", "--concurrency", str(concurrency), "--loglevel", level]
    # They have nothing to say to each other: what a worker has to know is in the database.
    return [*words, "--without-gossip", "--without-mingle", "--without-heartbeat"]
