"""The log, kept by the workers: safe to run twice, and at once."""

from __future__ import annotations

import structlog
from celery import shared_task

from audit.services.checkpoints import publish as publish_log

log = structlog.get_logger(__name__)


@shared_task(name="audit.publish")
def publish() -> int:
    """Place the waiting entries and sign the tree. Returns the size that was signed, 0 when nothing is new."""
    checkpoint = publish_log()
    if checkpoint is None:
        return 0
    log.info("audit.checkpoint", size=checkpoint.size)
    return checkpoint.size
