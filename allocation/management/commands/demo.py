"""Loads the demonstration into an empty database, and prints its log-ins."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import get_language

from allocation.demo.loading import FEWEST_MEMBERS, MEMBERS, load_demonstration, load_plans
from audit.errors import DomainError
from audit.owner import as_owner
from members.demo.logins import LOGINS
from members.errors.plans import PlanFileDiffers


class Command(BaseCommand):
    help = (
        "Load the demonstration: plans, invented members, a log-in for every role, claims in several states. "
        "Done once; refuses a database that holds people and is not marked as a demonstration."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--print-logins", action="store_true", help="print the log-ins afterwards")
        parser.add_argument("--members", type=int, default=MEMBERS, help=f"how many to invent (default {MEMBERS})")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["members"] < FEWEST_MEMBERS:
            raise CommandError(
                f"--members {options['members']} is too few for jurors and claims: at least {FEWEST_MEMBERS}."
            )
        try:
            # As the owner of the tables: only the owner can move the clock to the days that are played.
            with as_owner():
                is_new = load_demonstration(members=options["members"])
            # A later release ships new versions, and corrected files of those that are published here.
            kept = [loaded for loaded in load_plans() if loaded.is_kept_news]
        except PlanFileDiffers as error:
            # Before files had a revision they were corrected without one.
            raise CommandError(
                f"{error} A demonstration that an earlier release made starts over: make reset."
            ) from None
        except DomainError as error:
            raise CommandError(str(error)) from None
        for loaded in kept:
            self.stderr.write(loaded.line)
        if options["print_logins"]:
            self._print_logins()
        else:
            self.stdout.write("Demonstration loaded." if is_new else "The demonstration is already loaded.")

    def _print_logins(self) -> None:
        width = max(len(login.email) for login in LOGINS)
        self.stdout.write(f"Log-ins (password for all: {LOGINS[0].password}):")
        for login in LOGINS:
            title = login.title.in_language(get_language())
            self.stdout.write(f"  {login.email:<{width}}  {title}  {login.landing_path}")
