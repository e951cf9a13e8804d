"""Settings, addresses, the task queue and the embedded servers; no domain."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
