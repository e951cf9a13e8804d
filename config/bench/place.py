"""Where the benchmark runs: a database of its own on the configured server, and a broker of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlparse

from django.conf import settings
from django.db import ProgrammingError, connection

from config.embedded import paths
from config.embedded.servers import Servers
from config.roles import as_owner

NAME = "assize_bench"
_LOCK = 0x61737A_62
"""Any number that no other advisory lock of the service uses."""


class BenchUnable(Exception):
    """The benchmark can't run here; the text says why in one line."""


def url_of(database_url: str, name: str) -> str:
    """The address of another database on the same server."""
    return urlparse(database_url)._replace(path=f"/{name}").geturl()


@contextmanager
def own_place() -> Iterator[dict[str, str]]:
    """The environment of the measurements; everything made for it is gone afterwards. Raises BenchUnable."""
    with tempfile.TemporaryDirectory(prefix="assize-bench-") as folder, _own_database() as database_url:
        servers = Servers(Path(folder), database=False, durable=False)
        servers.own()
        try:
            # Nothing that is queued here may reach the workers of a service that runs beside it.
            yield {
                **os.environ,
                **servers.environment(),
                "ASSIZE_MODE": "test",
                "ASSIZE_VAR": folder,
                "DATABASE_URL": database_url,
                "DATABASE_OWNER_URL": "",
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "LOG_LEVEL": "INFO",
            }
        finally:
            servers.stop()
            paths.remove_sockets(Path(folder))


@contextmanager
def _own_database() -> Iterator[str]:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if cursor.fetchone() != (True,):
            raise BenchUnable("Another benchmark runs on this server: wait until it has ended.")
        try:
            cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {NAME}")
        except ProgrammingError as error:
            raise BenchUnable(f"The database {NAME} can't be made on this server: {error}") from None
        try:
            yield url_of(settings.DATABASE_OWNER_URL, NAME)
        finally:
            cursor.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")


def run(environ: dict[str, str], *argv: str) -> str:
    """Run a Python module in the place; its last line of output. Raises BenchUnable when it fails."""
    done = subprocess.run(  # noqa: S603 - our own programs, no shell
        [sys.executable, *argv], env=environ, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BenchUnable(f"{' '.join(argv)} failed:\n{done.stderr[-3000:]}")
    return done.stdout.strip().rpartition("\n")[2]
