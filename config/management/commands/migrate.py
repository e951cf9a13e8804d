"""Django's own, as the owner of the tables; the role that runs the service then gets its rights to the new ones."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import DEFAULT_DB_ALIAS

from config.roles import RoleUnfit, as_owner, grant_runtime


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        if options["database"] != DEFAULT_DB_ALIAS or settings.DATABASE_OWNER is None:
            super().handle(*args, **options)
            return
        with as_owner():
            super().handle(*args, **options)
            if options["plan"] or options["check_unapplied"]:
                return
            try:
                grant_runtime(settings.DATABASES[DEFAULT_DB_ALIAS]["USER"])
            except RoleUnfit as error:
                raise CommandError(str(error)) from None
