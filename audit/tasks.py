"""The log, kept by the workers: safe to run twice, and at once."""

from __future__ import annotations

import structlog
from celery import shared_task

from audit.services.checkpoints import publish as publish_log
from audit.services.witnesses import offer_latest

log = structlog.get_logger(__name__)


@shared_task(name="audit.publish")
def publish() -> int:
    """Place the waiting entries and sign the tree. Returns the size that was signed, 0 when nothing is new."""
    checkpoint = publish_log()
    if checkpoint is None:
        return 0
    log.info("audit.checkpoint", size=checkpoint.size)
    return checkpoint.size


@shared_task(name="audit.offer")
def offer() -> int:
    """Offer the latest checkpoint to the witnesses. Returns how many cosigned: a slow one holds up no signing."""
    kept = offer_latest()
    for one in kept:
        log.info("audit.cosigned", size=one.checkpoint_id, witness=one.witness)
    return len(kept)
