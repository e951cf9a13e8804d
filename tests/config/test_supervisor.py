"""The supervisor: what it refuses in one line, and that the parts stand and fall together."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import supervisor
from config.embedded.servers import RunningService, RunRecord
from config.supervisor import CannotRun, Part, StopAsked, Supervisor, check_broker, check_database, main


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def used_port() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def refusal(var: Path, port: int, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(lambda: Supervisor(var=var, host="127.0.0.1", port=port)) == 1
    told = capsys.readouterr().err
    assert told.startswith("make run: ")
    assert told.count("\n") == 1, told
    return told


def test_a_port_in_use(tmp_path: Path, used_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    told = refusal(tmp_path, used_port, capsys)
    assert f"Cannot use port {used_port} on 127.0.0.1: Address already in use" in told
    assert "PORT=" in told


def test_a_full_disk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FREE_BYTES_NEEDED", 10**18)
    assert "MB are needed" in refusal(tmp_path, 1, capsys)


def test_a_folder_that_cannot_be_made(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Cannot write to /proc/assize" in refusal(Path("/proc/assize"), 1, capsys)


def test_a_service_that_runs_already(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    running = RunningService(tmp_path)
    assert running.claim()
    running.publish(RunRecord(pid=os.getpid(), port=8123, database_url="a", broker_url="b"))
    assert "already at port 8123" in refusal(tmp_path, 1, capsys)


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none(port: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PORT", port)
    assert main() == 1
    assert "PORT=" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["postgres://me:hidden@127.0.0.1:1/x", "mysql://me:hidden@h/x"])
def test_a_database_that_does_not_answer_is_told_without_its_password(url: str) -> None:
    with pytest.raises(CannotRun, match="DATABASE_URL") as told:
        check_database(url)
    assert "hidden" not in str(told.value)


@pytest.mark.parametrize(
    "url", ["redis://:hidden@127.0.0.1:1/0", "amqp://me:hidden@127.0.0.1:1//", "other://:hidden@h"]
)
def test_a_broker_that_does_not_answer_is_told_without_its_password(url: str) -> None:
    with pytest.raises(CannotRun, match="CELERY_BROKER_URL") as told:
        check_broker(url)
    assert "hidden" not in str(told.value)


def part(var: Path, name: str, program: str) -> Part:
    return Part(name, [sys.executable, "-c", program], signal.SIGTERM, var / f"{name}.log")


STAYS = "import time; time.sleep(600)"
DEAF = (
    "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print(child.pid, flush=True); time.sleep(600)"
)
FAILS = "print('the reason'); raise SystemExit(3)"


def bare_supervisor(var: Path, parts: list[Part], monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    """A supervisor whose parts are programs of the test; it starts no servers and prepares nothing."""
    for name, url in (("DATABASE_URL", "postgres://a"), ("CELERY_BROKER_URL", "redis://b")):
        monkeypatch.setenv(name, url)
    made = Supervisor(var=var, host="127.0.0.1", port=1)
    made.parts = parts
    for each in parts:
        each.start(dict(os.environ))
    return made


def test_the_death_of_one_part_is_told_with_its_last_lines_and_stops_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = [part(tmp_path, "web", STAYS), part(tmp_path, "worker", FAILS)]
    made = bare_supervisor(tmp_path, parts, monkeypatch)
    with pytest.raises(CannotRun, match=r"(?s)The worker ended with code 3.*the reason"):
        made._watch()
    made._stop()
    assert parts[0].ended() is not None


def test_a_part_that_does_not_listen_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.3)
    deaf = part(tmp_path, "worker", DEAF)
    made = bare_supervisor(tmp_path, [deaf], monkeypatch)
    while not (child := deaf.log.read_text().strip()):
        time.sleep(0.02)
    made._stop()
    assert deaf.ended() == -signal.SIGKILL
    status = Path(f"/proc/{child}/status")
    assert not status.exists() or "State:\tZ" in status.read_text() or _is_gone(status)


def _is_gone(status: Path) -> bool:
    """A killed grandchild is collected by init in its own time."""
    for _attempt in range(200):
        if not status.exists() or "State:\tZ" in status.read_text():
            return True
        time.sleep(0.02)
    return False


def test_asking_once_stops_and_asking_again_hurries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bare_supervisor(tmp_path, [part(tmp_path, "web", STAYS)], monkeypatch)
    with pytest.raises(StopAsked):
        made._asked(signal.SIGINT, None)
    assert not made.is_hurried
    made._asked(signal.SIGINT, None)
    assert made.is_hurried
    made._stop()


def test_a_signal_interrupts_the_watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bare_supervisor(tmp_path, [part(tmp_path, "web", STAYS)], monkeypatch)
    signal.signal(signal.SIGTERM, made._asked)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
    with pytest.raises(StopAsked):
        made._watch()
    made._stop()
