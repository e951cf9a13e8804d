"""The Celery application: tasks are found in every app's `tasks` module, beat's schedule in its configuration."""

from __future__ import annotations

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init
from kombu import Exchange, Queue

from run.embedded.process import die_with_parent
from run.queues import QUEUES, queue_of

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("assize")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

_EXCHANGE = Exchange("assize", type="direct")
# A task without a queue of these is refused where it is sent: there is no queue for what nobody has thought about.
app.conf.task_queues = [Queue(queue.name, _EXCHANGE, routing_key=queue.name) for queue in QUEUES]
app.conf.task_create_missing_queues = False
# Results are kept nowhere, so there are none to clear away each night.
app.conf.result_expires = None


def to_its_queue(name: str, _args: Any, _kwargs: Any, options: dict[str, Any], **_more: Any) -> dict[str, str] | None:
    """Where a task goes that is sent by its name alone."""
    return None if options.get("queue") else {"queue": queue_of(name)}


app.conf.task_routes = (to_its_queue,)


@setup_logging.connect
def keep_our_logging(**_arguments: Any) -> None:
    """A receiver at all makes Celery leave the settings' logging as it is: a line an event, nothing personal."""


@worker_process_init.connect
def end_with_the_worker(**_arguments: Any) -> None:
    """A pool process whose worker was killed would stay alive and hold its task."""
    die_with_parent(signal.SIGKILL, os.getppid())()
