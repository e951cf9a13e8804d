"""Telling the workers that there is something to do. A nudge that is lost costs seconds; a request never waits for one.

Every task that is sent like this is also found by a sweep, in the database: an act that is committed must not become an
error page because the broker is away.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog
from celery import current_app
from django.conf import settings

from run.queues import NoQueue

log = structlog.get_logger(__name__)

_resting_until = 0.0
"""A broker that swallows packets costs the first nudge its limit of time, and the next ones nothing."""


def forget_losses() -> None:
    """Send the next nudge whatever became of the last one."""
    global _resting_until
    _resting_until = 0.0


def send(task: str, *, args: Sequence[int] = ()) -> bool:
    """Hand a task to the workers now; whether it was handed over. Call it on commit, or they find nothing to do."""
    global _resting_until
    if time.monotonic() < _resting_until:
        log.info("nudge.skipped", task=task, args=list(args))
        return False
    try:
        current_app.send_task(task, args=list(args), retry=False)
    except NoQueue:
        raise  # a fault in the code, and no broker's
    except Exception as error:  # any kind: each broker's client has its own, and the sweep finds what is not sent
        _resting_until = time.monotonic() + settings.BROKER_REST_SECONDS
        log.warning("nudge.lost", task=task, args=list(args), error=type(error).__name__)
        return False
    return True
