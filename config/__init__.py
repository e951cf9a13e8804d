"""Settings, addresses, the task queue, checks and database roles; no domain."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
