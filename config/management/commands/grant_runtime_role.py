"""Gives the role that runs the service its rights, and no more."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.owner import as_owner
from config.roles import RoleUnfit, grant_runtime


class Command(BaseCommand):
    help = (
        "Grant a role what web, worker and beat need, and take away the rest; `migrate` does it by itself where "
        "DATABASE_OWNER_URL and DATABASE_URL name two roles. Run it as the owner of the tables, after every migration."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the role; it must exist: CREATE ROLE name LOGIN PASSWORD '…'")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with as_owner():
                found = grant_runtime(options["name"])
        except RoleUnfit as error:
            raise CommandError(str(error)) from None
        appended = sum(table.is_append_only for table in found)
        self.stdout.write(f"{options['name']}: {len(found)} tables, {appended} of them only to be read and added to.")
