"""The site itself as an app: its checks, commands and template tags."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Site-wide commands and checks."""

    name = "config"
    label = "site_config"

    def ready(self) -> None:
        """Register the checks, and hand every room's periodic tasks to beat."""
        from audit.rooms import all_periodic_tasks
        from config import checks  # noqa: F401
        from config.celery import app

        # Each ends with the start of the next: after an outage of hours the workers find one of a kind, not a heap.
        app.conf.beat_schedule = {
            name: {"task": one.task, "schedule": one.every_s, "options": {"expires": one.every_s}}
            for name, one in all_periodic_tasks().items()
        }
