"""Django's own, as the owner of the tables; the role that runs the service then gets its rights to the new ones.

A database that this release does not lead on from is refused in one line.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import DEFAULT_DB_ALIAS

from audit.clock_functions import make_movable
from audit.owner import as_owner
from config.carrying_over import carrying_over
from config.roles import RoleUnfit, grant_runtime


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        if options["database"] != DEFAULT_DB_ALIAS:
            super().handle(*args, **options)
            return
        is_whole = not (options["plan"] or options["check_unapplied"] or options["app_label"])
        with as_owner():
            with carrying_over() if is_whole else nullcontext():
                super().handle(*args, **options)
            if settings.IS_DEMO and is_whole:
                make_movable()
            if settings.DATABASE_OWNER is None or options["plan"] or options["check_unapplied"]:
                return
            try:
                grant_runtime(settings.DATABASES[DEFAULT_DB_ALIAS]["USER"])
            except RoleUnfit as error:
                raise CommandError(str(error)) from None
