"""Gives a role to a log-in or takes it back, for the technical administrator."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.errors import DomainError
from members.management.commands.create_login import COMMAND_LINE
from members.models.users import Role
from members.selectors.users import user_by_email
from members.services.roles import grant_role, revoke_role


class Command(BaseCommand):
    help = "Give a role to a log-in, or revoke it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["grant", "revoke"])
        parser.add_argument("email")
        parser.add_argument("role", choices=Role.values)

    def handle(self, *args: Any, **options: Any) -> None:
        user = user_by_email(options["email"])
        if user is None:
            raise CommandError(f"There is no log-in with the address {options['email']}.")
        act = grant_role if options["act"] == "grant" else revoke_role
        try:
            act(user=user, role=options["role"], by=COMMAND_LINE)
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{user.audit_ref}: {', '.join(sorted(user.roles)) or 'no roles'}")
