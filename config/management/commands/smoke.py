"""Asks one page of each role over HTTP, as a browser would, to see that a running service serves them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from members.demo import LOGINS
from run.smoke import PageRefused, Visitor, ask


class Command(BaseCommand):
    help = "Log in as each role of the demonstration and ask for the page that the role starts with."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", required=True, help="where the service runs, such as http://127.0.0.1:8000")

    def handle(self, *args: Any, **options: Any) -> None:
        failures = 0
        for login in LOGINS:
            visitor = Visitor(options["url"])
            try:
                visitor.log_in(login.email, login.password)
                page = ask(visitor, login.landing_path)
            except PageRefused as error:
                failures += 1
                self.stderr.write(f"{login.role}: {error}")
            else:
                self.stdout.write(f"{login.role}: {login.landing_path} {page.status}, {len(page.text):,} characters")
        if failures or not LOGINS:
            raise CommandError(f"{failures} of {len(LOGINS)} roles failed.")
