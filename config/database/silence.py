"""What this process knows about a database that does not answer, so that not every request waits to find out."""

from __future__ import annotations

import time
from threading import Lock

_lock = Lock()
_silent_until = 0.0


def began(rest_seconds: float) -> None:
    """The database has just failed to answer in time: leave it alone for so long."""
    global _silent_until
    with _lock:
        _silent_until = max(_silent_until, time.monotonic() + rest_seconds)


def lasts() -> bool:
    """Whether to refuse at once. Afterwards requests try again, each with its own limit."""
    return time.monotonic() < _silent_until


def ended() -> None:
    """The database has answered."""
    global _silent_until
    with _lock:
        _silent_until = 0.0
