"""Reads mails that came back to the return addresses of what was sent."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError

from members.channels.mailboxes import MOST_BYTES
from members.services.returns import read_returns, record_return

TRY_LATER = 75
"""EX_TEMPFAIL: a mail server that pipes a mail to this command keeps it and tries again."""


class Command(BaseCommand):
    help = (
        "Record mails that came back: from a Maildir, an mbox or a folder, or one mail from standard input (-). "
        "The same mail read twice counts once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", nargs="?", default=settings.BOUNCE_PATH, help="default: BOUNCE_PATH; - for a pipe")
        parser.add_argument("--to", default="", help="with -: the address to which the server delivers it")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["path"]:
            raise CommandError("Name a Maildir, an mbox or a folder, or set BOUNCE_PATH.")
        try:
            if options["path"] == "-":
                content = sys.stdin.buffer.read(MOST_BYTES)
                counted = Counter([record_return(content=content, recipient=options["to"])])
            else:
                counted = read_returns(path=Path(options["path"]))
        except OSError as error:
            raise CommandError(f"{options['path']}: {error.strerror or error}") from None
        except (OperationalError, InterfaceError) as error:
            raise CommandError(f"The database does not answer: {error}", returncode=TRY_LATER) from None
        self.stdout.write(", ".join(f"{number} {what}" for what, number in sorted(counted.items())) or "no mails")
