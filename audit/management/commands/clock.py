"""Shows the clock, or sets the clock of a demonstration forward."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit import clock
from audit.clock_functions import is_the_databases_own, set_to
from audit.owner import as_owner


class Command(BaseCommand):
    help = (
        "Show the moment that every act asks for; in a demonstration, set it forward, so that a notice or charge day, "
        "a deadline or the end of a waiting period comes. It never goes back, and a deployment has no such clock."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", metavar="MOMENT", help=f"such as '2026-12-07 09:00' ({settings.TIME_ZONE})")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["to"]:
            self._set(options["to"])
        self.stdout.write(f"{timezone.localtime(clock.now()):%Y-%m-%d %H:%M:%S %Z}")

    def _set(self, text: str) -> None:
        if not settings.IS_DEMO or is_the_databases_own():
            raise CommandError("This is not a demonstration: its clock is the database's own time, which nobody sets.")
        try:
            at = dt.datetime.fromisoformat(text)
        except ValueError:
            raise CommandError(f"{text!r} is not a moment: write 2026-12-07 09:00.") from None
        if timezone.is_naive(at):
            at = timezone.make_aware(at)
        if at <= clock.now():
            raise CommandError(
                "The clock only goes forward: what has happened would lie in the future. Nothing changed."
            )
        with as_owner():
            set_to(at)
