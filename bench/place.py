"""Where the benchmark runs: its own databases on the configured server, and its own broker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from django.conf import settings
from django.db import DatabaseError, connection

from audit.locks import AdvisoryLock, try_for_session
from audit.owner import as_owner
from run.embedded import paths
from run.embedded.servers import Servers

NAME = "assize_bench"
EMPTY = f"{NAME}_empty"
"""Migrated once; each measurement starts with a copy of it."""


class BenchUnable(Exception):
    """The benchmark can't run here; the text says why in one line."""


class MeasurementFailed(Exception):
    """One measurement ended with an error; the text is its end."""


def url_of(database_url: str, name: str) -> str:
    """The address of another database on the same server."""
    return urlparse(database_url)._replace(path=f"/{name}").geturl()


@dataclass(frozen=True)
class Place:
    """The environment of the measurements; its database exists only while one of them runs."""

    environ: dict[str, str]

    def measured(self, what: str, *, runs: int, sizes: tuple[int, ...] = ()) -> Iterator[dict[str, Any]]:
        """One measurement in a process and an empty database of its own; its figures each time that some are taken.

        Raises MeasurementFailed.
        """
        with _database(NAME, template=EMPTY):
            argv = ["-m", "bench", what, "--runs", str(runs), "--sizes", *(str(size) for size in sizes)]
            for line in _lines(self.environ, *argv):
                yield json.loads(line)


@contextmanager
def own_place(template: str = "") -> Iterator[Place]:
    """A place to measure in; everything created for it is removed afterwards.

    `template` names a migrated, empty database on this server; copying it is faster than migrating a new one. Raises
    BenchUnable.
    """
    with tempfile.TemporaryDirectory(prefix="assize-bench-") as folder, _only_one(), _database(EMPTY, template):
        servers = Servers(Path(folder), database=False, durable=False)
        servers.own()
        # Its own broker: nothing queued here may reach the workers of a service on the same machine.
        environ = {
            **os.environ,
            **servers.environment(),
            "ASSIZE_MODE": "test",
            "ASSIZE_VAR": folder,
            "DATABASE_OWNER_URL": "",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LOG_LEVEL": "INFO",
        }
        address = settings.DATABASE_OWNER_URL
        try:
            if not template:
                _migrate(environ | {"DATABASE_URL": url_of(address, EMPTY)})
            yield Place(environ | {"DATABASE_URL": url_of(address, NAME)})
        finally:
            servers.stop()
            paths.remove_sockets(Path(folder))


def _migrate(environ: dict[str, str]) -> None:
    try:
        list(_lines(environ, "manage.py", "migrate", "--verbosity", "0"))
    except MeasurementFailed as error:
        raise BenchUnable(f"The database can't be prepared: {error}") from None


@contextmanager
def _only_one() -> Iterator[None]:
    """Two benchmarks would drop each other's databases, and measure each other."""
    with as_owner():
        if not try_for_session(AdvisoryLock.BENCHMARK):
            raise BenchUnable("Another benchmark is running on this server: wait until it has ended.")
        yield


@contextmanager
def _database(name: str, template: str = "") -> Iterator[None]:
    with connection.cursor() as cursor:
        try:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        except DatabaseError as error:
            raise BenchUnable(f"The database {name} can't be created on this server: {error}") from None
        try:
            yield
        finally:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _lines(environ: dict[str, str], *argv: str) -> Iterator[str]:
    """Run a Python program; each line of its output when it comes. Raises MeasurementFailed."""
    with tempfile.TemporaryFile("w+") as errors:
        program = subprocess.Popen(  # noqa: S603 - our own programs, no shell
            [sys.executable, *argv],
            env=environ,
            cwd=settings.BASE_DIR,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        with program:
            yield from program.stdout or ()
        if program.returncode:
            errors.seek(0)
            raise MeasurementFailed(f"{' '.join(argv)} failed:\n{errors.read()[-3000:]}")
