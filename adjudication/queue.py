"""Nudges to the workers: without them the sweep of deadlines does the same work a little later."""

from __future__ import annotations

from django.db import transaction

from audit import nudges

ADVANCE = "adjudication.advance_claim"


def nudge(claim_id: int) -> None:
    """Ask the workers to move a claim on, once the current transaction has committed."""
    # On commit: a worker that is faster than the transaction would find nothing to do.
    transaction.on_commit(lambda: _send(claim_id))


def _send(claim_id: int) -> None:
    nudges.send(ADVANCE, args=[claim_id])
