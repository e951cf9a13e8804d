"""Handing payments to the workers once the act that ordered them is committed."""

from __future__ import annotations

import structlog
from django.db import transaction
from kombu.exceptions import KombuError

from config.celery import app

log = structlog.get_logger(__name__)
_PATIENCE = {"max_retries": 0}


def queue_payments(collections: list[int], payouts: list[int]) -> None:
    """Nudge the workers on commit; where the broker is down, the sweep finds the same rows in the database."""

    def send() -> None:
        try:
            for collection_id in collections:
                app.send_task("allocation.collect", args=[collection_id], retry_policy=_PATIENCE)
            for payout_id in payouts:
                app.send_task("allocation.pay", args=[payout_id], retry_policy=_PATIENCE)
        except (KombuError, OSError):
            log.warning("queue.unreachable", collections=len(collections), payouts=len(payouts))

    transaction.on_commit(send)
