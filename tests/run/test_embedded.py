"""The embedded servers for real: started, killed, started again, found, raced for."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from run.embedded import paths, process
from run.embedded.errors import EmbeddedError, OwnedByAnother
from run.embedded.servers import RunningService, RunRecord, Servers, reset

OWNER = """
import sys, time
from pathlib import Path
from run.embedded.servers import Servers
servers = Servers(Path(sys.argv[1]), durable=False)
print("owner" if servers.borrow_or_own() else "borrower", flush=True)
sys.stdin.read()
servers.leave()
print("left", flush=True)
"""


@pytest.fixture
def var(tmp_path: Path) -> Path:
    for folder in [tmp_path, *list(tmp_path.parents)[:2]]:
        folder.chmod(0o755)  # as root the server runs as somebody else
    return tmp_path / "var"


@pytest.fixture
def start_process(var: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        child = subprocess.Popen(
            [sys.executable, "-c", OWNER, str(var)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=paths.BASE_DIR,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream:
                stream.close()


def rows(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("select n from kept order by n").fetchall()]


def said(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()


def ask_valkey(path: Path, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        client.connect(str(path))
        client.sendall(command + b"\r\n")
        return client.recv(1000)


def test_what_was_committed_or_queued_survives_kill_9_of_both_servers(var: Path) -> None:
    servers = Servers(var)
    servers.own()
    assert servers.postgres
    assert servers.valkey
    url = servers.postgres.owner_url()
    with psycopg.connect(url) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (1), (2)")
    assert ask_valkey(servers.valkey.socket(), b"RPUSH celery task") == b":1\r\n"
    for part in servers.parts:
        assert part.pid
        os.kill(part.pid, signal.SIGKILL)
    while any(part.ended() is None for part in servers.parts):
        time.sleep(0.01)
    assert [part.ended() for part in servers.parts] == [-9, -9]
    servers.stop()

    again = Servers(var)
    again.own()
    try:
        assert again.environment()["DATABASE_OWNER_URL"] == url
        assert rows(url) == [1, 2]
        assert again.valkey
        assert b"task" in ask_valkey(again.valkey.socket(), b"LRANGE celery 0 -1")
    finally:
        again.stop()
    assert not again.are_alive()


def test_the_database_is_utf8_sorted_by_bytes_and_closed_to_a_wrong_password(var: Path) -> None:
    servers = Servers(var, broker=False, durable=False)
    servers.own()
    try:
        url = servers.environment()["DATABASE_URL"]
        with psycopg.connect(url) as connection:
            found = connection.execute(
                "select pg_encoding_to_char(encoding), datlocprovider, datlocale from pg_database"
                " where datname = current_database()"
            ).fetchone()
            shown = connection.execute("show listen_addresses").fetchone()
            role = connection.execute(
                "select current_user, rolsuper or rolcreaterole or rolcreatedb from pg_roles"
                " where rolname = current_user"
            ).fetchone()
        assert role == ("assize_service", False)
        assert found == ("UTF8", "b", "C.UTF-8")
        assert shown == ("",)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url.replace(":" + url.split(":")[2].split("@")[0] + "@", ":wrong@"))
        assert servers.postgres
        for name in ("password", "service-password"):
            assert (servers.postgres.home / name).stat().st_mode & 0o777 == 0o600
        with psycopg.connect(servers.environment()["DATABASE_OWNER_URL"]) as connection:
            assert connection.execute("select current_user").fetchone() == ("assize",)
        assert servers.postgres.sockets().stat().st_mode & 0o777 == 0o700
    finally:
        servers.stop()


def test_of_two_that_start_at_once_one_owns_the_servers_and_waits_for_the_other(
    var: Path, start_process: Callable[[], subprocess.Popen[str]]
) -> None:
    first, second = start_process(), start_process()
    roles = {said(first): first, said(second): second}
    assert set(roles) == {"owner", "borrower"}

    assert roles["owner"].stdin
    roles["owner"].stdin.close()  # it would stop the servers now, were nobody using them
    with pytest.raises(subprocess.TimeoutExpired):
        roles["owner"].wait(0.5)
    assert Servers(var).are_alive()

    assert roles["borrower"].stdin
    roles["borrower"].stdin.close()
    assert roles["borrower"].wait(10) == 0
    assert roles["owner"].wait(20) == 0
    assert not Servers(var).are_alive()


def test_servers_end_with_their_owner_even_when_it_is_killed_and_start_again(
    var: Path, start_process: Callable[[], subprocess.Popen[str]]
) -> None:
    owner = start_process()
    assert said(owner) == "owner"
    with pytest.raises(OwnedByAnother):
        Servers(var).own()
    owner.kill()
    owner.wait()

    again = Servers(var, durable=False)
    again.own()  # while the old ones are still shutting down
    try:
        assert again.are_alive()
    finally:
        again.stop()


def test_a_half_made_data_folder_does_not_stand_in_the_way(var: Path) -> None:
    half = var / "postgres" / "data.part"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    servers = Servers(var, broker=False, durable=False)
    servers.own()
    try:
        assert servers.are_alive()
    finally:
        servers.stop()


def test_marks_of_a_killed_server_do_not_stand_in_the_way_when_its_process_id_is_in_use(var: Path) -> None:
    servers = Servers(var, broker=False, durable=False)
    servers.own()
    postgres = servers.postgres
    assert postgres
    servers.stop()
    user = postgres.user()
    other = process.launch(  # as the server's user: only then does PostgreSQL believe in it
        [shutil.which("sleep") or "sleep", "600"],
        log=var / "sleep.log",
        cwd=postgres.data,
        env={},
        on_parent_death=signal.SIGKILL,
        user=user,
    )
    try:
        for mark in (postgres.data / "postmaster.pid", postgres.sockets() / ".s.PGSQL.5432.lock"):
            mark.write_text(f"{other.pid}\n{postgres.data}\n0\n5432\n{postgres.sockets()}\n\n")
            if user:
                os.chown(mark, user.pw_uid, user.pw_gid)
        servers.own()
        assert servers.are_alive()
    finally:
        servers.stop()
        other.kill()
        other.wait()


def test_somebody_elses_socket_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    monkeypatch.setenv("ASSIZE_SOCKETS", str(tmp_path / "link"))
    with pytest.raises(EmbeddedError, match="belongs to somebody else"):
        paths.socket_folder(tmp_path, "pg", uid=os.geteuid())


def test_a_socket_path_that_is_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 90)
    monkeypatch.setenv("ASSIZE_SOCKETS", str(long))
    with pytest.raises(EmbeddedError, match="too long"):
        paths.socket_folder(tmp_path, "pg", uid=os.geteuid())


def test_data_without_its_password_is_never_recreated(var: Path) -> None:
    servers = Servers(var, broker=False, durable=False)
    assert servers.postgres
    servers.postgres.data.mkdir(parents=True)
    (servers.postgres.data / "PG_VERSION").write_text("18")
    with pytest.raises(EmbeddedError, match="is missing"):
        servers.postgres.password()


def test_a_folder_that_cannot_be_written_is_one_line() -> None:
    with pytest.raises(EmbeddedError, match=r"^Cannot write to /proc/assize: [^\n]*$"):
        Servers(Path("/proc/assize")).own()


def test_a_record_counts_only_while_its_service_runs(tmp_path: Path) -> None:
    record = RunRecord(pid=1, port=8000, database_url="postgres://a", broker_url="redis://b")
    running, asking = RunningService(tmp_path), RunningService(tmp_path)
    assert running.claim()
    running.publish(record)
    assert asking.record() == record
    assert not RunningService(tmp_path).claim()
    assert (tmp_path / "run.json").stat().st_mode & 0o777 == 0o600
    running._lock.release()  # as by kill -9: the file stays
    assert (tmp_path / "run.json").exists()
    assert asking.record() is None
    assert asking.claim()


def test_reset_deletes_everything_but_not_under_a_running_service(var: Path) -> None:
    running = RunningService(var)
    assert running.claim()
    running.publish(RunRecord(pid=1, port=8000, database_url="a", broker_url="b"))
    with pytest.raises(EmbeddedError, match="stop it first"):
        reset(var)
    running.release()
    reset(var)
    assert not var.exists()


def test_a_log_that_has_grown_keeps_its_last_200_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LOG_LIMIT_BYTES", 1000)
    log = tmp_path / "web.log"
    log.write_text("".join(f"line {n}\n" for n in range(1000)))
    process.shorten(log)
    kept = (tmp_path / "web.log.1").read_text().splitlines()
    assert (len(kept), kept[0], kept[-1]) == (200, "line 800", "line 999")
    assert log.stat().st_size == 0
