"""What `manage.py` decides before Django loads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from run.embedded import paths
from run.embedded.command_line import choose_mode, needs_servers
from run.embedded.servers import RunRecord

RECORD = RunRecord(pid=1, port=8000, database_url="postgres://here/a", broker_url="redis://b")


@pytest.mark.parametrize(
    ("given", "record", "mode"),
    [
        ({}, None, "demo"),
        ({"DATABASE_URL": "", "SECRET_KEY": ""}, None, "demo"),
        ({"DATABASE_URL": "postgres://here/a"}, RECORD, "demo"),
        ({"DATABASE_URL": "postgres://there/b"}, RECORD, None),
        ({"DATABASE_URL": "postgres://here/a"}, None, None),
        ({"SECRET_KEY": "k"}, None, None),
        ({"SECRET_KEY": "k", "DATABASE_URL": "postgres://here/a"}, RECORD, None),
        ({"ASSIZE_MODE": "deploy"}, None, "deploy"),
        ({"ASSIZE_MODE": "test"}, RECORD, "test"),
    ],
)
def test_only_a_local_demonstration_runs_without_secrets(
    given: dict[str, str], record: RunRecord | None, mode: str | None
) -> None:
    environ = dict(given)
    choose_mode(environ, record)
    assert environ.get("ASSIZE_MODE") == mode


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", False),
        ("help", False),
        ("draw --pool 5", False),
        ("replay file.json", False),
        ("check --deploy", False),
        ("migrate --help", False),
        ("check --database default", True),
        ("migrate", True),
        ("rehearse", True),
    ],
)
def test_commands_that_ask_no_database_start_none(words: str, expected: bool) -> None:
    assert needs_servers(["manage.py", *words.split()]) is expected


def run_manage(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        env=clean | environ,
        cwd=paths.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_command_starts_the_servers_for_its_own_time(tmp_path: Path) -> None:
    for folder in [tmp_path, *list(tmp_path.parents)[:2]]:
        folder.chmod(0o755)
    question = (
        "from django.db import connection as c; k = c.cursor(); k.execute('select current_database()');"
        "print(k.fetchone()[0])"
    )
    done = run_manage("shell", "--no-imports", "-c", question, ASSIZE_VAR=str(tmp_path / "var"))
    assert done.stdout.strip() == "assize", done.stderr
    assert not [entry for entry in Path("/proc").glob("[0-9]*/cmdline") if str(tmp_path).encode() in _read(entry)], (
        "a server was left behind"
    )


def _read(entry: Path) -> bytes:
    try:
        return entry.read_bytes()
    except OSError:
        return b""


def test_a_command_that_needs_no_database_leaves_no_trace(tmp_path: Path) -> None:
    done = run_manage("version", ASSIZE_VAR=str(tmp_path / "var"))
    assert done.returncode == 0
    assert not (tmp_path / "var").exists()


def test_a_database_of_ones_own_without_secrets_is_refused_in_one_line(tmp_path: Path) -> None:
    done = run_manage("migrate", DATABASE_URL="postgres://a@127.0.0.1:1/a", ASSIZE_VAR=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("manage.py: Set the environment variable ")
    assert done.stderr.count("\n") == 1
