"""Creates a log-in, for the technical administrator."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from audit.actors import SystemActor
from audit.errors import DomainError
from members.models.users import Role
from members.services.users import create_login

COMMAND_LINE = SystemActor("command_line")


class Command(BaseCommand):
    help = "Create a log-in with roles. Asks for its password, or reads it from the first line of standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="")
        parser.add_argument("--role", action="append", default=[], choices=Role.values, help="can be repeated")

    def handle(self, *args: Any, **options: Any) -> None:
        password = getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            validate_password(password)
            user = create_login(
                email=options["email"], password=password, name=options["name"], by=COMMAND_LINE, roles=options["role"]
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{user.audit_ref} created")
