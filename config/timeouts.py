"""How long anything waits for something else: every limit in this one place, each from the environment.

The settings hand them on: to the driver of the database, to Celery, to the mail, to the gateways. What a process may
take depends on what it is (`process_kind`): a page must answer, a migration must finish. docs/operations/timeouts.md
is the table for operators; `tests/config/test_timeouts.py` compares the two.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config import env


class Process(StrEnum):
    """What a process is for."""

    WEB = "web"
    WORKER = "worker"
    COMMAND = "command"


@dataclass(frozen=True)
class Limit:
    """One limit: its variable, and its default in seconds for each kind of process. 0 means: none."""

    name: str
    web: int
    worker: int
    command: int

    def seconds(self, process: Process) -> int:
        """As the environment has it, else the default. Raises ImproperlyConfigured for a negative number."""
        default: int = getattr(self, process.value)
        found = env.whole(self.name, default)
        if found < 0:
            raise ImproperlyConfigured(f"{self.name}={found} is negative; write seconds, or 0 for no limit.")
        return found


DATABASE_CONNECT = Limit("DATABASE_CONNECT_SECONDS", web=3, worker=5, command=10)
DATABASE_STATEMENT = Limit("DATABASE_STATEMENT_SECONDS", web=5, worker=300, command=0)
DATABASE_LOCK = Limit("DATABASE_LOCK_SECONDS", web=3, worker=30, command=60)
DATABASE_IDLE = Limit("DATABASE_IDLE_SECONDS", web=30, worker=300, command=0)
DATABASE_ANSWER = Limit("DATABASE_ANSWER_SECONDS", web=6, worker=310, command=0)
DATABASE_PROBE = Limit("DATABASE_PROBE_SECONDS", web=2, worker=5, command=10)
DATABASE_REST = Limit("DATABASE_REST_SECONDS", web=3, worker=0, command=0)
DATABASE_UNHEARD = Limit("DATABASE_UNHEARD_SECONDS", web=6, worker=30, command=60)
BROKER_CONNECT = Limit("BROKER_CONNECT_SECONDS", web=1, worker=4, command=4)
BROKER_ANSWER = Limit("BROKER_ANSWER_SECONDS", web=1, worker=10, command=10)
BROKER_REST = Limit("BROKER_REST_SECONDS", web=15, worker=15, command=15)
CACHE_ANSWER = Limit("CACHE_SECONDS", web=1, worker=2, command=2)
MAIL = Limit("EMAIL_SECONDS", web=5, worker=30, command=30)
MAIL_END = Limit("EMAIL_END_SECONDS", web=5, worker=60, command=60)
WITNESS_SILENCE = Limit("WITNESS_SILENCE_SECONDS", web=4, worker=4, command=4)
WITNESS_WHOLE = Limit("WITNESS_WHOLE_SECONDS", web=8, worker=8, command=8)
GATEWAY = Limit("GATEWAY_TIMEOUT_S", web=20, worker=20, command=20)

LIMITS = (
    DATABASE_CONNECT,
    DATABASE_STATEMENT,
    DATABASE_LOCK,
    DATABASE_IDLE,
    DATABASE_ANSWER,
    DATABASE_PROBE,
    DATABASE_REST,
    DATABASE_UNHEARD,
    BROKER_CONNECT,
    BROKER_ANSWER,
    BROKER_REST,
    CACHE_ANSWER,
    MAIL,
    MAIL_END,
    WITNESS_SILENCE,
    WITNESS_WHOLE,
    GATEWAY,
)

_BY_SERVER = {
    "statement_timeout": DATABASE_STATEMENT,
    "lock_timeout": DATABASE_LOCK,
    "idle_in_transaction_session_timeout": DATABASE_IDLE,
}
"""What the server itself enforces, by its own names."""
BEHIND_POOLER = "DATABASE_BEHIND_POOLER"
"""The variable for a pooler that does not pass start-up options on."""


def process_kind() -> Process:
    """What this process is: as ASSIZE_PROCESS says, else by the program that was started.

    Web servers are told by config/wsgi.py. Celery reads the settings before it has told anybody what it is.
    """
    given = env.text("ASSIZE_PROCESS", "")
    if given:
        try:
            return Process(given)
        except ValueError:
            raise ImproperlyConfigured(f"ASSIZE_PROCESS={given!r}: write web, worker or command.") from None
    program = Path(sys.argv[0]) if sys.argv else Path()
    is_celery = program.name == "celery" or (program.name == "__main__.py" and program.parent.name == "celery")
    return Process.WORKER if is_celery else Process.COMMAND


@dataclass(frozen=True)
class Patience:
    """What our own driver enforces on this side of a connection (config/database/base.py), in seconds; 0: no limit."""

    answer: int
    probe: int
    rest: int


def database_patience(process: Process) -> Patience:
    """How long this kind of process waits for an answer."""
    return Patience(DATABASE_ANSWER.seconds(process), DATABASE_PROBE.seconds(process), DATABASE_REST.seconds(process))


def is_behind_pooler() -> bool:
    """Whether a pooler stands before the database: it passes on no start-up options, and no prepared statements."""
    return env.flag(BEHIND_POOLER, default=False)


def database_options(process: Process, given: Mapping[str, str]) -> dict[str, Any]:
    """The driver's options: `given` in DATABASE_URL, which decides, and the limits of this kind of process."""
    unheard = DATABASE_UNHEARD.seconds(process)
    found: dict[str, Any] = {"connect_timeout": DATABASE_CONNECT.seconds(process)}
    if unheard:
        # Packets that nobody confirms, and a peer that has gone while nothing was asked of it.
        found |= {"tcp_user_timeout": unheard * 1000, "keepalives": 1, "keepalives_idle": max(1, unheard // 2)}
        found |= {"keepalives_interval": max(1, unheard // 6), "keepalives_count": 3}
    found |= given
    if not is_behind_pooler():
        set_by_us = " ".join(f"-c {name}={limit.seconds(process) * 1000}" for name, limit in _BY_SERVER.items())
        # What the address itself sets comes last, since the server takes the last of two.
        found["options"] = f"{set_by_us} {given.get('options', '')}".strip()
    return found


def broker_options(process: Process, scheme: str) -> dict[str, Any]:
    """The transport's options: nobody waits for a broker that does not answer, and nothing is tried twice."""
    connect, answer = BROKER_CONNECT.seconds(process) or None, BROKER_ANSWER.seconds(process) or None
    if scheme.startswith(("redis", "valkey")):
        found: dict[str, Any] = {"socket_connect_timeout": connect, "socket_timeout": answer}
    elif process is Process.WORKER:
        # A worker reads from RabbitMQ for as long as nothing comes: its heart-beats tell when the broker is gone.
        found = {}
    else:
        found = {"read_timeout": answer, "write_timeout": answer}
    if process is Process.WEB:
        # Without it the client would try to connect again and again, while somebody waits for a page.
        found |= {"max_retries": 0, "interval_start": 0, "interval_step": 0, "interval_max": 0}
    return found


def cache(process: Process, url: str) -> dict[str, Any]:
    """Django's settings for a Redis or Valkey that keeps the counts of requests."""
    seconds = CACHE_ANSWER.seconds(process) or None
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "OPTIONS": {"socket_timeout": seconds, "socket_connect_timeout": seconds},
    }
