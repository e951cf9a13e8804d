"""The log's keys: which it signs with, and a new one."""

from __future__ import annotations

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.actors import SystemActor
from audit.selectors.log import log_keys
from audit.services.keys import NoOverlap, configured_keys, record_keys

COMMAND_LINE = SystemActor("command_line")


class Command(BaseCommand):
    help = (
        "List the public keys of the log. To rotate: put a new secret before the old one in AUDIT_LOG_KEYS and "
        "restart the workers; once a checkpoint carries both signatures and the new key is published, drop the old."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--new", action="store_true", help="print a fresh secret and store nothing")
        parser.add_argument("--record", action="store_true", help="write what AUDIT_LOG_KEYS changed into the log now")
        parser.add_argument(
            "--accept-without-overlap",
            action="store_true",
            help="the old key is lost: the new one takes over unsigned by it (tell every witness and reader)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["new"]:
            self.stdout.write(secrets.token_hex(32))
            return
        if options["record"] or options["accept_without_overlap"]:
            try:
                record_keys(by=COMMAND_LINE, without_overlap=options["accept_without_overlap"])
            except NoOverlap as error:
                raise CommandError(str(error)) from None
        known = log_keys()
        for one in known:
            state = "in use" if one.retired is None else f"retired {timezone.localtime(one.retired.recorded_at):%F}"
            self.stdout.write(f"{one.key.text}  {state}, since {timezone.localtime(one.introduced.recorded_at):%F}")
        for key, _seed in configured_keys():
            if key not in [one.key for one in known if one.is_in_use]:
                self.stdout.write(f"{key.text}  configured, not in the log yet")
