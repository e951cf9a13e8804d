"""Nudges and the sweep: ids in, one service call, safe to run twice."""

from __future__ import annotations

import structlog
from celery import shared_task

from adjudication.selectors.due import claims_due
from adjudication.services.hearings import advance_claim as advance

log = structlog.get_logger(__name__)


@shared_task(name="adjudication.advance_claim")
def advance_claim(claim_id: int) -> int:
    """Move one claim as far as its facts allow."""
    return advance(claim_id=claim_id)


@shared_task(name="adjudication.sweep_deadlines")
def sweep_deadlines() -> int:
    """Move every claim that is due. One that fails is logged and does not hold up the others."""
    moved = 0
    for claim_id in claims_due():
        try:
            moved += advance(claim_id=claim_id)
        except Exception:  # the next claim must not wait for this one to be mended
            log.exception("sweep.claim_failed", claim_id=claim_id)
    return moved
