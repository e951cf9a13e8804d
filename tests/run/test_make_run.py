"""The whole service as `make run` starts it: its parts and its servers are killed one after another, and it goes on."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from run.embedded import paths
from run.health import RUN_HEADER
from run.queues import NAMES
from tests.waiting import until

PATIENCE_SECONDS = 600
OFTEN = ("audit.publish", "audit.offer", "adjudication.sweep_deadlines", "allocation.sweep_payments")
"""One of each queue whose sweeps come every few seconds."""
SELDOM = ("allocation.sweep_dissolutions",)
GIVEN = ("DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL", "ASSIZE_MODE", "AUDIT_WITNESSES", "ASSIZE_RUN_ID")


@dataclass
class Running:
    """A service that runs."""

    var: Path
    port: int
    process: subprocess.Popen[str]
    output: Path

    def told(self) -> str:
        """What the supervisor says, and what the process says that forks the workers."""
        workers = self.var / "logs" / "workers.log"
        return self.output.read_text() + (workers.read_text() if workers.exists() else "")

    def health(self) -> tuple[int, str]:
        """Status and run of the health page; (0, "") where nobody answers."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            asking.request("GET", "/healthz", headers={"Host": "localhost"})
            answer = asking.getresponse()
            return answer.status, answer.getheader(RUN_HEADER, "")
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            asking.close()

    def children(self, *words: str) -> list[int]:
        """Processes that the supervisor has started itself, whose command holds all the words."""
        return [pid for pid in _children(self.process.pid) if all(word in _command(pid) for word in words)]

    def workers(self) -> dict[str, int]:
        """The workers by their names."""
        return {_name(pid): pid for forking in self.children("run.workers") for pid in _children(forking)}

    def swept(self) -> dict[str, object]:
        """When each kind of sweep last went through."""
        record = json.loads((self.var / "run.json").read_text())
        with psycopg.connect(record["database_url"]) as connection:
            rows = connection.execute("SELECT task, through_at FROM audit_sweeprun").fetchall()
        return dict(rows)

    def wait_for_sweeps(self, tasks: Sequence[str], since: dict[str, object]) -> None:
        """Until each of these has gone through again: beat, broker, database and their workers do their work."""

        def all_went_through() -> bool:
            try:
                now = self.swept()
            except psycopg.Error:
                return False
            return all(now.get(task) not in {None, since.get(task)} for task in tasks)

        until(all_went_through, f"{tasks} have gone through again", PATIENCE_SECONDS, self.told)


def _command(pid: int) -> str:
    return _read(f"/proc/{pid}/cmdline").replace("\0", " ")


def _name(pid: int) -> str:
    return _read(f"/proc/{pid}/comm").strip()


def _children(pid: int) -> list[int]:
    return [int(child) for child in _read(f"/proc/{pid}/task/{pid}/children").split()]


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody can reach: as root the embedded database runs as somebody else.

    Not among pytest's own folders: another session that begins meanwhile closes those to others.
    """
    with tempfile.TemporaryDirectory(prefix="assize-run-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def running(place: Path) -> Iterator[Running]:
    port, output = free_port(), place / "output"
    environ = {name: value for name, value in os.environ.items() if name not in GIVEN}
    with output.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "run.supervisor"],
            cwd=paths.BASE_DIR,
            env={**environ, "PORT": str(port), "ASSIZE_VAR": str(place / "var")},
            stdout=sink,
            stderr=sink,
            text=True,
        )
    made = Running(place / "var", port, process, output)
    try:
        until(
            lambda: "Assize runs at" in made.told() or process.poll() is not None,
            "it runs",
            PATIENCE_SECONDS,
            made.told,
        )
        assert process.poll() is None, made.told()
        yield made
    finally:
        process.kill()
        process.wait(30)


@pytest.mark.kills
@pytest.mark.whole_run
def test_what_dies_is_started_again_and_ctrl_c_ends_all(running: Running) -> None:
    status, run_id = running.health()
    assert (status, bool(re.fullmatch(r"[0-9a-f]{16}", run_id))) == (200, True)
    names = {f"worker-{queue}"[:15] for queue in NAMES}
    until(lambda: set(running.workers()) == names, "there is a worker for each queue", PATIENCE_SECONDS, running.told)
    running.wait_for_sweeps([*OFTEN, *SELDOM], since={})

    victims = {
        "web": running.children("gunicorn"),
        "worker-deadlines": [running.workers()["worker-deadline"]],
        "workers": running.children("run.workers"),
        "beat": running.children("celery", " beat "),
        "witness": running.children("audit.witness"),
        "Valkey": running.children("valkey-server"),
        "PostgreSQL": running.children("postgres -D"),
    }
    for name, pids in victims.items():
        before = running.swept()
        assert len(pids) == 1, name
        os.kill(pids[0], signal.SIGKILL)
        until(
            lambda name=name: f"The part {name} ended with code -9" in running.told(),
            f"{name} is missed",
            PATIENCE_SECONDS,
            running.told,
        )
        until(
            lambda: running.health() == (200, run_id),
            f"the web answers after {name} died",
            PATIENCE_SECONDS,
            running.told,
        )
        running.wait_for_sweeps(OFTEN, since=before)

    assert running.process.poll() is None
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(60) == 0, running.told()
    left = [entry for entry in Path("/proc").glob("[0-9]*") if str(running.var) in _command(int(entry.name))]
    assert not left
