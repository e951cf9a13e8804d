"""Everything that must be done before the service is started, in one process; the log-ins go to standard output."""

from __future__ import annotations

import hashlib
import sys
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from audit.services.keys import configured_keys
from pages.whole_files import write_whole
from run.messages import BrokenCatalogue, compile_all
from run.witness import log_keys_file

OLDEST_POSTGRES = 15


def static_files_digest() -> str:
    """A digest over name, size and time of every static file: collecting again takes seconds and is rarely needed."""
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def server_version() -> int:
    """The major version of the PostgreSQL that DATABASE_URL names."""
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('server_version_num')::int / 10000")
        return int(cursor.fetchone()[0])


class Command(BaseCommand):
    help = "Migrate, compile messages, collect static files and, in a demonstration, load its plan and people."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="load no demonstration plan and people")

    def handle(self, *args: Any, **options: Any) -> None:
        if server_version() < OLDEST_POSTGRES:
            raise CommandError(f"PostgreSQL {OLDEST_POSTGRES} or later is needed; DATABASE_URL names an older one.")
        try:
            compile_all()
        except BrokenCatalogue as error:
            raise CommandError(str(error)) from None
        told = sys.stderr
        call_command("migrate", interactive=False, verbosity=1, stdout=told)
        self._collect_static()
        self._tell_witness()
        if settings.IS_DEMO and not options["no_demo"]:
            # What it has to say to the operator is shown; what it did is for the log.
            call_command("demo", stdout=told, stderr=self.stdout)
            call_command("demo", print_logins=True, stdout=self.stdout)

    def _tell_witness(self) -> None:
        """Write down the log's keys for the demonstration's witness, if there is one."""
        path = log_keys_file(settings.VAR_DIR)
        if path.parent.exists():
            write_whole(path, "".join(f"{key.text}\n" for key, _seed in configured_keys()).encode())

    def _collect_static(self) -> None:
        """Collect the static files unless none has changed since the last time."""
        mark = Path(settings.STATIC_ROOT) / ".collected"
        digest = static_files_digest()
        if mark.exists() and mark.read_text() == digest:
            return
        mark.unlink(missing_ok=True)
        call_command("collectstatic", interactive=False, clear=True, verbosity=0, stdout=StringIO())
        write_whole(mark, digest.encode())
