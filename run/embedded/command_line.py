"""What `manage.py` arranges before Django loads: the mode, and the servers where no others are given."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from types import FrameType

from run.embedded import paths
from run.embedded.servers import RunningService, RunRecord, Servers

WITHOUT_SERVERS = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "draw",
        "findstatic",
        "help",
        "makemessages",
        "replay",
        "smoke",
        "spectacular",
        "states",
        "version",
    }
)
"""Commands that ask no database and no broker, so nothing is started for them."""


def needs_servers(argv: Sequence[str]) -> bool:
    """Whether the command on the command line asks a database or a broker."""
    arguments = list(argv[1:])
    if not arguments or {"--help", "-h", "--version"} & set(arguments):
        return False
    return arguments[0] not in WITHOUT_SERVERS or "--database" in arguments


def choose_mode(environ: MutableMapping[str, str], record: RunRecord | None) -> None:
    """Local demonstration when nothing says otherwise, or on the very database that a running `make run` serves.

    With a secret key or another database in the environment this is a deployment, and the settings refuse to start
    it without its secrets.
    """
    for name in ("ASSIZE_MODE", "SECRET_KEY", "DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL"):
        if not environ.get(name):
            environ.pop(name, None)  # set to nothing means not set
    if "ASSIZE_MODE" in environ or "SECRET_KEY" in environ:
        return
    url = environ.get("DATABASE_URL")
    if url is None or (record is not None and url == record.database_url):
        environ["ASSIZE_MODE"] = "demo"


@contextmanager
def surroundings(argv: Sequence[str]) -> Iterator[None]:
    """The environment that the command runs in; servers started for it are stopped after it."""
    var = paths.var_dir()
    record = RunningService(var).record() if var.exists() else None
    choose_mode(os.environ, record)
    if os.environ.get("ASSIZE_MODE", "deploy") == "deploy" or not needs_servers(argv):
        yield
        return
    if record is not None:
        os.environ.setdefault("DATABASE_URL", record.database_url)
        if record.owner_url and os.environ["DATABASE_URL"] == record.database_url:
            os.environ.setdefault("DATABASE_OWNER_URL", record.owner_url)
        os.environ.setdefault("CELERY_BROKER_URL", record.broker_url)
    servers = Servers(var, database="DATABASE_URL" not in os.environ, broker="CELERY_BROKER_URL" not in os.environ)
    if not servers.parts:
        yield
        return
    signal.signal(signal.SIGTERM, _leave_by_exception)
    servers.borrow_or_own()
    try:
        os.environ.update(servers.environment())
        yield
    finally:
        servers.leave()


def _leave_by_exception(_number: int, _frame: FrameType | None) -> None:
    """Let the servers be stopped in order when the command is terminated."""
    sys.exit(128 + signal.SIGTERM)
