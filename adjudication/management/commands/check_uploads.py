"""Compares the files of evidence with their rows, for instance after a restore or a full disk."""

from __future__ import annotations

import datetime as dt
import hashlib
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from adjudication.models import Evidence
from adjudication.selectors.uploads import Uploads, compared_uploads, is_part
from audit.clock import real_now

_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Compare the files of evidence with the rows that name them: rows without a file, files without a row. Changes "
        "nothing without --remove. Ends with status 1 where a file is missing or is not what was uploaded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--older-than",
            type=_hours,
            default=24,
            metavar="HOURS",
            help="leave newer files without a row alone, since they may be on their way (24, at least 1)",
        )
        parser.add_argument("--remove", action="store_true", help="remove the files that no row names")
        parser.add_argument(
            "--contents", action="store_true", help="also read every file and compare it with its digest"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = compared_uploads(older_than=dt.timedelta(hours=options["older_than"]), now=real_now())
        spoilt = list(_spoilt(found)) if options["contents"] else []
        self.stdout.write(f"{found.rows:,} rows, {found.files:,} files, {found.recent:,} of them new and without a row")
        self._tell("rows whose file is missing", [f"evidence {pk}" for pk in found.missing])
        self._tell("files that are not what was uploaded", [f"evidence {pk}" for pk in spoilt])
        self._tell("files without a row", [f"{name}{' (unfinished)' * is_part(name)}" for name in found.orphans])
        if options["remove"]:
            self._remove(found)
        if found.missing or spoilt:
            raise CommandError(
                f"{len(found.missing) + len(spoilt)} files cannot be read: restore them from a backup "
                "(docs/operations.md, Backups)."
            )

    def _tell(self, what: str, which: list[str]) -> None:
        self.stdout.write(f"{len(which):,} {what}")
        for one in which[:_SHOWN]:
            self.stdout.write(f"  {one}")
        if len(which) > _SHOWN:
            self.stdout.write(f"  … and {len(which) - _SHOWN:,} more")

    def _remove(self, found: Uploads) -> None:
        removed = 0
        for name in found.orphans:
            # Asked once more: a row may have come back meanwhile, with a restore.
            if not Evidence.objects.filter(file=name).exists():
                (Path(settings.MEDIA_ROOT) / name).unlink(missing_ok=True)
                removed += 1
        self.stdout.write(f"{removed:,} files removed")


def _spoilt(found: Uploads) -> Iterator[int]:
    for evidence in Evidence.objects.exclude(pk__in=found.missing).order_by("pk").iterator(chunk_size=200):
        try:
            with evidence.file.open("rb") as stored:
                is_whole = hashlib.sha256(stored.read()).hexdigest() == evidence.sha256
        except (OSError, InvalidToken):
            is_whole = False
        if not is_whole:
            yield evidence.pk


def _hours(text: str) -> int:
    try:
        hours = int(text)
    except ValueError:
        hours = 0
    if hours < 1:
        raise ArgumentTypeError("write a whole number of hours, at least 1")
    return hours
