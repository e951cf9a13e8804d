"""The Celery application: tasks are found in every app's `tasks` module; beat's schedule is static."""

from __future__ import annotations

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init

from config.embedded.process import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("assize")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep-deadlines": {"task": "adjudication.sweep_deadlines", "schedule": 15.0},
    "sweep-payments": {"task": "allocation.sweep_payments", "schedule": 15.0},
    "sweep-dissolutions": {"task": "allocation.sweep_dissolutions", "schedule": 60.0},
    "sweep-arrears": {"task": "allocation.sweep_arrears", "schedule": 60.0},
    "publish-log": {"task": "audit.publish", "schedule": 5.0},
    "offer-checkpoint": {"task": "audit.offer", "schedule": 5.0},
}


@setup_logging.connect
def keep_our_logging(**_arguments: Any) -> None:
    """A receiver at all makes Celery leave the settings' logging as it is: a line an event, nothing personal."""


@worker_process_init.connect
def end_with_the_worker(**_arguments: Any) -> None:
    """A pool process whose worker was killed would stay for ever, holding its task."""
    die_with_parent(signal.SIGKILL, os.getppid())()
