"""Asking again about every payment without an answer, at the request of one person."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import transaction

from allocation.errors.asking import NothingToAsk
from allocation.models import Asked, AskingRound, Collection, PaymentService, Payout, Refund, Retry
from allocation.selectors.asking import KINDS, to_ask_again
from allocation.services.queue import queue_sweeps
from allocation.services.silence import STREAM
from audit import clock
from audit.services import append
from members.models import User

ASKED_AGAIN = {
    Payout: "payout.asked_again",
    Refund: "refund.asked_again",
    Retry: "arrear.asked_again",
    Collection: "collection.asked_again",
}
"""The entry of each payment that somebody has asked about again."""


def ask_all_again(*, by: User) -> AskingRound:
    """Make every payment that was escalated without an answer due now; the workers ask, nothing is sent here.

    One entry says how many, and each payment gets its own. Raises NothingToAsk.
    """
    with transaction.atomic():
        found = {kind: _free(kind) for kind in KINDS}
        number = sum(len(rows) for rows in found.values())
        if not number:
            raise NothingToAsk
        now = clock.now()
        made = AskingRound.objects.create(asked_by=by, asked_at=now, payments=number)
        append(kind="payments.asked_again", stream=STREAM, by=by, body={"payments": number, "round": made.pk})
        for kind, rows in found.items():
            kind._default_manager.filter(pk__in=[row.pk for row in rows]).update(asking_round=made, next_attempt_at=now)
            _append_each(rows, by)
        # The row of the service comes last, as in every act. A silent service is probed at once.
        service = PaymentService.objects.filter(name=settings.PAYMENT_GATEWAY, silent_since__isnull=False)
        for one in service.select_for_update():
            one.next_probe_at = now
            one.save(update_fields=["next_probe_at"])
        queue_sweeps()
        return made


def _free(kind: type[Asked]) -> list[Asked]:
    # SKIP LOCKED: a payment that a worker holds at this moment is being asked about; waiting for it could deadlock.
    return list(to_ask_again(kind).select_for_update(skip_locked=True, of=("self",)).order_by("pk"))


def _append_each(rows: Iterable[Asked], by: User) -> None:
    for row in rows:
        append(kind=ASKED_AGAIN[type(row)], stream=_stream_of(row), by=by, body={"key": row.key})


def _stream_of(row: Asked) -> str:
    match row:
        case Payout() | Refund():
            return row.claim.stream
        case Retry():
            return f"membership:{row.arrear.membership_id}"
        case Collection():
            return row.share.period.stream
        case _:
            raise TypeError(type(row).__name__)
