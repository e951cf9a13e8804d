"""Real workers and beat as processes of their own, on the database and the broker of the tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

from config.celery import app
from run.embedded import paths
from run.queues import worker_command
from tests.waiting import until


def address_of_the_tests() -> str:
    """The database that the tests were given, for other processes."""
    # The embedded server's address has a folder of sockets behind its question mark.
    return urlunsplit(urlsplit(settings.DATABASE_URL)._replace(path=f"/{connection.settings_dict['NAME']}"))


@dataclass
class Crew:
    """Processes that the test started; each writes to a log of its own."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    connected_before: set[int] = field(default_factory=set)
    """Threads of earlier tests in this process may have kept a connection."""

    def worker(self, *queues: str, include: str = "", **environ: str) -> subprocess.Popen[bytes]:
        """Start a worker for these queues; several of one queue may run side by side."""
        command = worker_command(queues)
        command[command.index("--hostname") + 1] = f"{'-'.join(queues)}-{len(self.started)}@%h"
        return self._start(f"{'-'.join(queues)}-{len(self.started)}", command + include.split(), environ)

    def beat(self) -> subprocess.Popen[bytes]:
        """Start beat on an empty schedule: everything is due at once."""
        command = [sys.executable, "-m", "celery", "-A", "config", "beat", "--pidfile", ""]
        return self._start("beat", [*command, "--schedule", str(self.folder / "schedule")], {})

    def wait_for_workers(self, count: int) -> None:
        """Until so many workers answer."""
        until(lambda: len(app.control.ping(timeout=1.0)) >= count or self._dead(), f"{count} workers answer")
        assert not self._dead(), self.logs()

    def logs(self) -> str:
        """All that the processes wrote."""
        return "\n".join(f"== {log.name}\n{log.read_text()}" for log in sorted(self.folder.glob("*.log")))

    def log_of(self, process: subprocess.Popen[bytes]) -> str:
        """What one process wrote."""
        [log] = self.folder.glob(f"{self.started.index(process):02}-*.log")
        return log.read_text()

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """The power fails: the worker and the processes of its pool end at this moment.

        The database hears of it a moment later, and only then gives their locks back; a test that goes on before that
        plays what beat's next call of a sweep makes good, but no other call comes in a test.
        """
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)
        name = self._name_of(process)
        self.until(lambda: not _connections("application_name = %s", name), f"the connections of {name} are gone")

    def until(self, holds: Callable[[], Any], what: str) -> float:
        """As `waiting.until`; a failure shows what the processes wrote."""
        return until(holds, what, told=self.logs)

    def stop(self) -> None:
        """End all that still run; a connection left over would keep the database from being emptied and dropped."""
        for process in self.started:
            if process.poll() is None:
                self.kill(process)
        self.until(lambda: _others_connected() <= self.connected_before, "the connections of the workers are gone")

    def _name_of(self, process: subprocess.Popen[bytes]) -> str:
        return _name_at(self.started.index(process))

    def _dead(self) -> list[int]:
        return [code for process in self.started if (code := process.poll()) is not None]

    def _start(self, name: str, command: list[str], environ: dict[str, str]) -> subprocess.Popen[bytes]:
        place = len(self.started)
        log = self.folder / f"{place:02}-{name}.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                command,
                cwd=paths.BASE_DIR,
                env={**os.environ, "PGAPPNAME": _name_at(place), **self.environ, **environ},
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        self.started.append(process)
        return process


def _name_at(place: int) -> str:
    """By which the database knows the connections of one process."""
    return f"crew-{place}"


def _others_connected() -> set[int]:
    """The server processes that serve somebody else than this thread."""
    return _connections("pid <> pg_backend_pid()")


def _connections(condition: str, *values: object) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            f" AND backend_type = 'client backend' AND {condition}",
            values,
        )
        return {int(pid) for (pid,) in cursor.fetchall()}


@contextmanager
def a_crew(folder: Path, **environ: str) -> Iterator[Crew]:
    """A crew on empty queues, gone afterwards."""
    app.control.purge()
    crew = Crew(
        folder,
        {
            "DATABASE_URL": address_of_the_tests(),
            # A killed worker's task comes back within seconds, also from Redis and Valkey.
            "BROKER_VISIBILITY_SECONDS": "3",
            "LOG_LEVEL": "INFO",
            **environ,
        },
        connected_before=_others_connected(),
    )
    try:
        yield crew
    finally:
        crew.stop()
        app.control.purge()
