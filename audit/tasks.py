"""Tasks that keep the log: safe to run twice, also at the same time."""

from __future__ import annotations

import structlog
from celery import shared_task

from audit.services.checkpoints import publish_in_time
from audit.services.sweeps import run_alone
from audit.services.witnesses import offer_latest

log = structlog.get_logger(__name__)


@shared_task(name="audit.publish", queue="log", time_limit=300)
def publish() -> int:
    """Place the waiting entries and sign the tree. Returns how many checkpoints were signed: one, or none."""
    return run_alone("audit.publish", _publish)


@shared_task(name="audit.offer", queue="messages", time_limit=60)
def offer() -> int:
    """Offer the latest checkpoint to the witnesses. Returns how many cosigned.

    It has a queue apart from the log's: a witness that accepts and never answers delays no signing.
    """
    return run_alone("audit.offer", _offer)


def _publish() -> int:
    checkpoint = publish_in_time()
    if checkpoint is None:
        return 0
    log.info("audit.checkpoint", size=checkpoint.size)
    return 1


def _offer() -> int:
    kept = offer_latest()
    for one in kept:
        log.info("audit.cosigned", size=one.checkpoint_id, witness=one.witness)
    return len(kept)
