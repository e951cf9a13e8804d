"""Django's own, with an entry in the log: who may give every role is no secret of the command line."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.management.commands.createsuperuser import Command as CreateSuperuser
from django.db import transaction

from members.management.commands.create_login import COMMAND_LINE
from members.models import User
from members.services.users import record_administrator


class Command(CreateSuperuser):
    def handle(self, *args: Any, **options: Any) -> str | None:
        with transaction.atomic():
            before = set(User.objects.filter(is_superuser=True).values_list("pk", flat=True))
            told = super().handle(*args, **options)
            for user in User.objects.filter(is_superuser=True).exclude(pk__in=before):
                record_administrator(user=user, by=COMMAND_LINE)
            return told
