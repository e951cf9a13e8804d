"""Hands payments to the workers once the act that ordered them is committed."""

from __future__ import annotations

from django.db import transaction

from audit import nudges


def queue_payments(collections: list[int], payouts: list[int]) -> None:
    """Notify the workers on commit; if the broker is down, the sweep finds the same rows in the database."""

    def send() -> None:
        for collection_id in collections:
            nudges.send("allocation.collect", args=[collection_id])
        for payout_id in payouts:
            nudges.send("allocation.pay", args=[payout_id])

    # On commit: a worker that is told earlier would not find the rows yet, and a rollback would leave it none.
    transaction.on_commit(send)


def queue_sweeps() -> None:
    """Let the workers look for due payments on commit, instead of at the next tick of the schedule."""

    def send() -> None:
        for task in ("allocation.sweep_payments", "allocation.sweep_arrears"):
            nudges.send(task)

    transaction.on_commit(send)
