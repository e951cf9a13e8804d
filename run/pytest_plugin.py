"""For pytest, loaded before the settings: test mode, and throw-away servers where no others are given.

The servers start when the first test asks for the database; rules are tested without any. Where pytest-xdist runs the
tests in several processes, each has servers and a folder of its own, as if it were the only one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from run.embedded import paths
from run.embedded.servers import Servers
from run.messages import compile_all

os.environ.setdefault("ASSIZE_MODE", "test")

_IS_WORKER = "PYTEST_XDIST_WORKER" in os.environ
_MADE_HERE = "ASSIZE_TEST_MADE_HERE"
"""Names, for the processes of pytest-xdist, the variables that the first process has set: they aren't theirs."""


def _own_folder(base: Path) -> tuple[Path, paths.FileLock]:
    """`var/test` for this session alone, or another folder while a second session runs beside it."""
    base.mkdir(parents=True, exist_ok=True)
    lock = paths.FileLock(base / "session.lock")
    if lock.take():
        return base, lock
    return _own_folder(base.with_name(f"test-{os.getpid()}"))


def _prepare_environment() -> tuple[Servers, paths.FileLock]:
    """Tell the settings where the servers will be; nothing is started yet."""
    for name in os.environ.pop(_MADE_HERE, "").split():
        os.environ.pop(name, None)
    given = set(os.environ)
    folder, lock = _own_folder(Path(os.environ.get("ASSIZE_VAR") or paths.BASE_DIR / "var" / "test"))
    os.environ["ASSIZE_VAR"] = str(folder)
    (folder / "static").mkdir(exist_ok=True)  # WhiteNoise warns where it is missing
    servers = Servers(
        folder,
        database=not os.environ.get("DATABASE_URL"),
        broker=not os.environ.get("CELERY_BROKER_URL"),
        durable=False,
    )
    os.environ.update(servers.environment())
    # Tests make and drop databases and lift guards to clean up: all of it as the owner. What the service's own role may
    # do is tested by name.
    os.environ["DATABASE_URL"] = os.environ.pop("DATABASE_OWNER_URL", "") or os.environ["DATABASE_URL"]
    if not _IS_WORKER:
        os.environ[_MADE_HERE] = " ".join({"ASSIZE_VAR", "DATABASE_URL", "CELERY_BROKER_URL"} - given)
    return servers, lock


_SERVERS, _SESSION = _prepare_environment()


def pytest_configure() -> None:
    """Pages in every language are tested, so their catalogues are compiled."""
    if not _IS_WORKER:
        compile_all()


def pytest_unconfigure() -> None:
    """Stop what was started; a second session's folder goes with it."""
    _SERVERS.stop()
    if _SERVERS.var.name == f"test-{os.getpid()}":
        shutil.rmtree(_SERVERS.var, ignore_errors=True)
    _SESSION.release()


@pytest.fixture(scope="session")
def embedded_servers() -> Iterator[Servers]:
    """The servers of this session, started now; none where the environment names others."""
    if _SERVERS.parts:
        _SERVERS.own(wait_seconds=60)
    yield _SERVERS
    _SERVERS.stop()
