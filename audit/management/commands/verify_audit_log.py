"""Recomputes the log from its tables."""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.rules.notes import NoteMalformed, VerifierKey
from audit.selectors.log import configured_origin
from audit.services.keys import configured_keys
from audit.verification.connecting import database_address
from audit.verification.whole import NoSuchCheckpoint, Verified, Wanted, verify_log


class Command(BaseCommand):
    help = (
        "Recompute the whole log from its tables: entries, leaves, tiles, roots, checkpoints and their signatures. "
        "Names the first difference and exits with 1. Reads one moment of the database and changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from",
            type=int,
            default=0,
            dest="since",
            metavar="CHECKPOINT",
            help="begin from the checkpoint of this size",
        )
        parser.add_argument(
            "--key",
            action="append",
            default=[],
            metavar="NAME+HASH+KEY",
            help="a key of the log that you know from elsewhere: it must have signed the last checkpoint "
            "(without: one of the keys in AUDIT_LOG_KEYS must); may be given again",
        )
        parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="default: one a core")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            trusted = tuple(VerifierKey.parse(text) for text in options["key"])
        except NoteMalformed as error:
            raise CommandError(f"--key: {error}") from None
        wanted = Wanted(
            address=database_address(),
            origin=configured_origin(),
            since=options["since"],
            processes=options["processes"],
            trusted=trusted or tuple(key for key, _seed in configured_keys()),
        )
        started = time.monotonic()
        try:
            found = verify_log(wanted, self._tell if sys.stderr.isatty() else lambda _done, _size: None)
        except NoSuchCheckpoint as error:
            raise CommandError(str(error)) from None
        if found.difference:
            self.stderr.write(f"The log is not what it should be. First difference: {found.difference}")
            raise SystemExit(1)
        self.stdout.write(_summary(found, time.monotonic() - started))

    def _tell(self, done: int, size: int) -> None:
        self.stderr.write(f"\r{done:,} of {size:,}", ending="")


def _summary(found: Verified, seconds: float) -> str:
    since = f" from leaf {found.start:,}" if found.start else ""
    return (
        f"{found.origin}: {found.size:,} entries{since} and {found.checkpoints:,} checkpoints verified "
        f"in {seconds:.1f} s; no difference."
    )
