"""A whole service of its own: PostgreSQL, broker and gunicorn in real processes that a test may stop and kill."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from run.embedded import paths
from run.embedded.servers import Servers
from tests.waiting import until

PATIENCE_SECONDS = 90
AT_ONCE = 32
MOST_SECONDS = 10
"""No answer may take longer than this, give or take what a busy machine adds."""
GRACE_SECONDS = 10
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Answer:
    """What somebody got, and how long they waited."""

    status: int
    headers: dict[str, str]
    body: str
    seconds: float

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind((HOST, 0))
        return int(trial.getsockname()[1])


class Service:
    """The processes, and what can be done to them."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.servers = Servers(var, durable=False)
        self.environ = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environ |= {"ASSIZE_MODE": "demo", "ASSIZE_VAR": str(var), "AUDIT_WITNESSES": "", "LOG_LEVEL": "WARNING"}

    def prepare(self) -> None:
        """Start the servers and prepare the database, still without people."""
        self.servers.own()
        self.environ |= self.servers.environment()
        self.manage("prepare_run", "--no-demo")

    def manage(self, *arguments: str) -> str:
        """Run a command and return what it writes."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=paths.BASE_DIR,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextmanager
    def web(self, **environ: str) -> Iterator[Web]:
        """The web server as `make run` starts it; `environ` points it somewhere else."""
        port = free_port()
        log = self.var / "logs" / f"web-{port}.log"
        argv = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"{HOST}:{port}", "--preload"]
        argv += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--no-control-socket"]
        with log.open("wb") as sink:
            process = subprocess.Popen(
                argv, cwd=paths.BASE_DIR, env=self.environ | environ, stdout=sink, stderr=sink, start_new_session=True
            )
        web = Web(port, log)
        try:
            until(lambda: is_listening(port) or process.poll() is not None, f"gunicorn listens; see {log}")
            yield web
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=20)

    @contextmanager
    def database_stopped(self) -> Iterator[None]:
        """Every process of PostgreSQL stands still: connections are there, and nothing is ever answered."""
        assert self.servers.postgres is not None
        assert self.servers.postgres.pid is not None
        postmaster = psutil.Process(self.servers.postgres.pid)
        stopped = [postmaster, *postmaster.children(recursive=True)]
        for one in stopped:
            one.suspend()
        try:
            yield
        finally:
            for one in stopped:
                one.resume()

    @contextmanager
    def broker_stopped(self) -> Iterator[None]:
        """The broker stands still."""
        assert self.servers.valkey is not None
        assert self.servers.valkey.pid is not None
        process = psutil.Process(self.servers.valkey.pid)
        process.suspend()
        try:
            yield
        finally:
            process.resume()

    def kill_database(self) -> None:
        """As a power cut does."""
        postgres = self.servers.postgres
        assert postgres is not None
        assert postgres.pid is not None
        postmaster = psutil.Process(postgres.pid)
        for one in [postmaster, *postmaster.children(recursive=True)]:
            one.kill()
        until(lambda: postgres.ended() is not None, "PostgreSQL has ended")

    def restart_database(self) -> None:
        """Start it again on its data."""
        assert self.servers.postgres is not None
        self.servers.postgres.start()

    @contextmanager
    def connections_taken(self) -> Iterator[int]:
        """Hold every connection that the server has for the service; how many those were."""
        held: list[psycopg.Connection[Any]] = []
        try:
            while True:
                try:
                    held.append(psycopg.connect(self.environ["DATABASE_URL"], connect_timeout=5))
                except psycopg.OperationalError:
                    break
            yield len(held)
        finally:
            for one in held:
                one.close()

    def stop(self) -> None:
        self.servers.stop()


class Web:
    """A web server and people who ask it."""

    def __init__(self, port: int, log: Path) -> None:
        self.port, self.log = port, log
        self.address = f"http://{HOST}:{port}"

    def ask(self, path: str, method: str = "GET", body: str = "", **headers: str) -> Answer:
        """One request over a connection of its own."""
        started = time.monotonic()
        connection = http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
        try:
            given = {"Host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
            connection.request(method, path, body=body or None, headers=given)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
            return Answer(response.status, dict(response.getheaders()), text, time.monotonic() - started)
        finally:
            connection.close()

    def ask_at_once(self, paths_asked: list[str]) -> list[Answer]:
        """All of them at the same time, over and over to 32 requests."""
        asked = [paths_asked[place % len(paths_asked)] for place in range(AT_ONCE)]
        with ThreadPoolExecutor(AT_ONCE) as people:
            return list(people.map(self.ask, asked))

    def serves(self) -> bool:
        """Whether the front page is there, from every process: one may still leave the database alone for a while."""
        return {answer.status for answer in self.ask_at_once(["/"])} == {200}


def is_listening(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex((HOST, port)) == 0
