"""Loads the demonstration into an empty database, and prints its log-ins."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import get_language

from allocation.demo.loading import FEWEST_MEMBERS, MEMBERS, load_demonstration
from audit.errors import DomainError
from members.demo.logins import LOGINS


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
                f"--members {options['members']} is too few for jurors and claims: {FEWEST_MEMBERS} at least."
            )
        try:
            is_new = load_demonstration(members=options["members"])
        except DomainError as error:
            raise CommandError(str(error)) from None
        if options["print_logins"]:
            self._print_logins()
        else:
            self.stdout.write("Demonstration loaded." if is_new else "The demonstration is loaded already.")

    def _print_logins(self) -> None:
        width = max(len(login.email) for login in LOGINS)
        self.stdout.write(f"Log-ins (password of all: {LOGINS[0].password}):")
        for login in LOGINS:
            title = login.title.in_language(get_language())
            self.stdout.write(f"  {login.email:<{width}}  {title}  {login.landing_path}")
