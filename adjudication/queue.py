"""Nudges to the workers: what they do, the sweep of deadlines would do a little later anyway."""

from __future__ import annotations

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError

log = structlog.get_logger(__name__)

ADVANCE = "adjudication.advance_claim"
_PATIENCE = {"max_retries": 0}


def nudge(claim_id: int) -> None:
    """Ask the workers to move a claim on, once the current transaction has committed."""
    transaction.on_commit(lambda: _send(claim_id))


def _send(claim_id: int) -> None:
    try:
        current_app.send_task(ADVANCE, args=[claim_id], retry_policy=_PATIENCE)
    except (KombuError, OSError) as error:
        # The act is committed and the sweep finds it: a broker that is down must not turn it into an error page.
        log.warning("nudge_lost", claim_id=claim_id, error=type(error).__name__)
