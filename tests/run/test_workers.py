"""The process that forks the workers: one a queue, back when it dies, gone with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from run.embedded import paths
from run.queues import NAMES
from run.workers import Fork


def forked(code: int) -> Fork:
    pid = os.fork()
    if pid == 0:
        os._exit(code)
    return Fork(pid)


def test_a_fork_tells_how_it_ended_as_often_as_it_is_asked() -> None:
    assert [forked(0).wait(), forked(3).wait()] == [0, 3]
    sleeping = os.fork()
    if sleeping == 0:
        time.sleep(600)
    fork = Fork(sleeping)
    assert fork.poll() is None
    os.kill(sleeping, signal.SIGKILL)
    assert [fork.wait(), fork.wait(), fork.poll()] == [-9, -9, -9]


def test_a_queue_that_does_not_exist_is_refused_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "run.workers", "log", "celery"],
        cwd=paths.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == f"There is no queue celery: choose among {', '.join(NAMES)}.\n"


def test_workers_that_cannot_start_are_given_up_with_the_reason(tmp_path: Path) -> None:
    """Each fork ends at once, for a folder is in the place of its log."""
    (tmp_path / "logs" / "worker-log.log").mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-m", "run.workers", "log"],
        cwd=paths.BASE_DIR,
        env={**os.environ, "ASSIZE_VAR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 1
    assert done.stdout.count("The part worker-log ended with code 1") == 5
    assert "The part worker-log ended 6 times in a row" in done.stderr
    assert "IsADirectoryError" in done.stderr
