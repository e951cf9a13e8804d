"""The Celery application: tasks are found in every app's `tasks` module; beat's schedule is static."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("assize")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep-deadlines": {"task": "adjudication.sweep_deadlines", "schedule": 15.0},
    "sweep-payments": {"task": "allocation.sweep_payments", "schedule": 15.0},
}
