"""The supervisor: what it refuses in one line, and that the parts stand and fall together."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from run import parts, supervisor
from run.embedded import process
from run.embedded.servers import RunningService, RunRecord
from run.health import RUN_HEADER
from run.parts import PAUSES, EndedTooOften, Part, Setbacks
from run.supervisor import CannotRun, StopAsked, Supervisor, check_broker, check_database, main
from tests.waiting import until


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
    log = var / f"{name}.log"
    argv = [sys.executable, "-c", program]
    launch = partial(process.launch, argv, log=log, cwd=var, env=os.environ, on_parent_death=signal.SIGTERM)
    return Part(name, launch, log)


STAYS = "import time; time.sleep(600)"
DEAF = (
    "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print(child.pid, flush=True); time.sleep(600)"
)
FAILS = "print('the reason'); raise SystemExit(3)"
FAILS_ONCE = (
    "import sys, time; from pathlib import Path; seen = Path('{seen}');"
    "first = not seen.exists(); seen.touch(); sys.exit(5) if first else time.sleep(600)"
)


def bare_supervisor(var: Path, made_of: list[Part], monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    """A supervisor whose parts are programs of the test; it starts no servers and prepares nothing."""
    for name, url in (("DATABASE_URL", "postgres://a"), ("CELERY_BROKER_URL", "redis://b")):
        monkeypatch.setenv(name, url)
    made = Supervisor(var=var, host="127.0.0.1", port=1)
    made.parts = made_of
    for each in made_of:
        each.start()
    return made


def test_a_part_that_dies_again_and_again_is_told_with_its_last_lines_and_stops_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(parts, "PAUSES", (0.01, 0.02, 0.03))
    both = [part(tmp_path, "web", STAYS), part(tmp_path, "worker-log", FAILS)]
    made = bare_supervisor(tmp_path, both, monkeypatch)
    with pytest.raises(EndedTooOften, match=r"(?s)The part worker-log ended 4 times in a row.*with code 3.*the reason"):
        made._watch()
    made._stop()
    assert both[0].ended() is not None
    told = re.findall(r"The part worker-log ended with code 3 and is started again in (\S+) s", capfd.readouterr().out)
    assert told == ["0.01", "0.02", "0.03"]
    assert both[1].log.read_text().count("the reason") == 4


def test_a_part_that_dies_is_started_again_and_nothing_else_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PAUSES", (0.01,))
    both = [part(tmp_path, "web", STAYS), part(tmp_path, "beat", FAILS_ONCE.format(seen=tmp_path / "seen"))]
    made = bare_supervisor(tmp_path, both, monkeypatch)
    web, first = both[0].child, both[1].child
    while both[1].child is first:
        made._check_parts()
        time.sleep(0.02)
    made._check_parts()
    assert both[1].is_running()
    assert both[0].child is web
    made._stop()


def test_what_a_dead_part_has_left_behind_is_ended_before_it_starts_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deaf = part(tmp_path, "worker-bulk", DEAF)
    made = bare_supervisor(tmp_path, [deaf], monkeypatch)
    until(lambda: deaf.log.read_text().strip(), "the part has started its child")
    child = deaf.log.read_text().strip()
    assert deaf.child is not None
    os.kill(deaf.child.pid, signal.SIGKILL)
    deaf.child.wait()
    made._check_parts()
    assert _is_gone(Path(f"/proc/{child}/status"))
    made._stop()


def test_who_has_run_long_enough_begins_with_the_shortest_pause_again(monkeypatch: pytest.MonkeyPatch) -> None:
    setbacks = Setbacks()
    assert [setbacks.pause() for _each in range(3)] == list(PAUSES[:3])
    setbacks.started_at -= parts.STEADY_SECONDS
    assert setbacks.pause() == PAUSES[0]
    setbacks.started()
    assert [setbacks.pause() for _each in range(len(PAUSES))] == [*PAUSES[1:], None]


class Answering(BaseHTTPRequestHandler):
    """A web server that says which run it belongs to, or is somebody else's and says nothing."""

    run_id = ""

    def do_GET(self) -> None:
        self.send_response(200)
        if self.run_id:
            self.send_header(RUN_HEADER, self.run_id)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def answering() -> Iterator[tuple[type[Answering], int]]:
    handler = type("Handler", (Answering,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield handler, server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_our_own_web_server_is_known_by_its_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answering: tuple[type[Answering], int]
) -> None:
    made = bare_supervisor(tmp_path, [], monkeypatch)
    handler, made.port = answering
    handler.run_id = made.environ["ASSIZE_RUN_ID"]
    made._wait_for_web()


@pytest.mark.parametrize("run_id", ["", "another-run"])
def test_another_program_at_the_port_is_not_taken_for_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answering: tuple[type[Answering], int], run_id: str
) -> None:
    made = bare_supervisor(tmp_path, [], monkeypatch)
    handler, made.port = answering
    handler.run_id = run_id
    with pytest.raises(CannotRun, match=f"Another program answers at http://127.0.0.1:{made.port}/"):
        made._wait_for_web()


def test_a_program_that_speaks_no_http_is_not_taken_for_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talks = (
        "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)\n"
        "while True:\n    c, _ = s.accept(); c.recv(1000); c.sendall(b'220 mail.example ESMTP\\r\\n'); c.close()"
    )
    with subprocess.Popen([sys.executable, "-c", talks], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        made = bare_supervisor(tmp_path, [], monkeypatch)
        made.port = int(program.stdout.readline())
        with pytest.raises(CannotRun, match="Another program answers"):
            made._wait_for_web()
        program.kill()


def test_a_part_that_does_not_listen_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "STOP_SECONDS", 0.3)
    deaf = part(tmp_path, "worker", DEAF)
    made = bare_supervisor(tmp_path, [deaf], monkeypatch)
    until(lambda: deaf.log.read_text().strip(), "the part has started its child")
    child = deaf.log.read_text().strip()
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
