"""Whether the payment service answers at all: noticed, remembered for all workers, probed, and over again."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import transaction

from allocation.gateways import payment_gateway
from allocation.models import Asked, Collection, PaymentService, Payout, Refund, Retry
from allocation.rules.asking import SILENT_AFTER, next_probe_at
from allocation.services.exchanges import ask, query
from allocation.services.telling import tell_reviewers
from audit import clock
from audit.actors import SYSTEM
from audit.services import append

log = structlog.get_logger(__name__)
STREAM = "payments"
PROBE = "probe"
"""A key that names nothing. Any answer to a query of it shows that the service answers, and concerns no payment."""
KINDS: tuple[type[Asked], ...] = (Collection, Payout, Retry, Refund)


def note_exchange(*, is_answered: bool, is_final: bool = False) -> None:
    """Count an exchange for or against the service. Part of an act, and its last step.

    The service's row is locked after everything else, in every act: two acts then never wait for each other here.
    `is_final`: the answer was about an order, not only about whether a key is known.
    """
    if is_answered:
        _note_answer(is_final=is_final)
    else:
        _note_silence()


def _note_answer(*, is_final: bool) -> None:
    ours = PaymentService.objects.filter(name=settings.PAYMENT_GATEWAY)
    # Nearly always there is nothing to note: then no row is locked, and payments do not wait for one another.
    if not ours.exclude(unanswered=0, silent_since=None, probes=0).exists():
        return
    service = ours.select_for_update().get()
    if is_final and (service.silent_since is not None or service.probes):
        made_due = sum(_make_due(kind) for kind in KINDS)
    elif service.silent_since is not None:
        # Only a probe was answered: one payment is tried. Its final answer lets all others go on; without one, each
        # keeps its moment, or a service that answers probes alone would be sent all of them again and again.
        made_due = _make_one_due()
    else:
        made_due = 0
    if service.silent_since is not None:
        _end_silence(service, made_due)
    service.unanswered, service.unanswered_since = 0, None
    if is_final:
        service.probes = 0
    service.save(update_fields=["unanswered", "unanswered_since", "silent_since", "next_probe_at", "probes"])


def _note_silence() -> None:
    service, _is_new = PaymentService.objects.select_for_update().get_or_create(name=settings.PAYMENT_GATEWAY)
    now = clock.now()
    service.unanswered += 1
    service.unanswered_since = service.unanswered_since or now
    if service.silent_since is None and service.unanswered >= SILENT_AFTER:
        service.silent_since = service.unanswered_since
        # Not from the first wait each time: a service that answers probes alone would be sent orders every few seconds.
        service.next_probe_at = next_probe_at(probes=service.probes, at=now)
        body = {"since": service.silent_since.isoformat(), "unanswered": service.unanswered}
        entry = append(kind="payments.silent", stream=STREAM, by=SYSTEM, body=body)
        tell_reviewers("allocation.payments_silent", entry=entry)
        log.warning("payments.silent", unanswered=service.unanswered)
    service.save(update_fields=["unanswered", "unanswered_since", "silent_since", "next_probe_at"])


def _end_silence(service: PaymentService, made_due: int) -> None:
    since = service.silent_since
    assert since is not None  # the caller asked
    service.silent_since, service.next_probe_at = None, None
    body = {"since": since.isoformat(), "made_due": made_due}
    entry = append(kind="payments.answered", stream=STREAM, by=SYSTEM, body=body)
    tell_reviewers("allocation.payments_answered", entry=entry)
    log.info("payments.answered", made_due=made_due)


def _make_due(kind: type[Asked]) -> int:
    """Everything of this kind that waits for an answer is due now; returns how many."""
    now = clock.now()
    waiting = kind._default_manager.filter(unanswered__gt=0, next_attempt_at__gt=now)
    # SKIP LOCKED: a payment that another worker has locked is being asked about; waiting for it here could deadlock.
    free = list(waiting.select_for_update(skip_locked=True).values_list("pk", flat=True))
    return kind._default_manager.filter(pk__in=free).update(next_attempt_at=now)


def _make_one_due() -> int:
    """The payment that was tried least recently is due now, if any waits for a later moment; returns how many."""
    now = clock.now()
    found = []
    for place, kind in enumerate(KINDS):
        waiting = kind._default_manager.filter(unanswered__gt=0, next_attempt_at__gt=now, attempted_at__isnull=False)
        first = waiting.select_for_update(skip_locked=True).order_by("attempted_at", "pk")
        found += [(attempted_at, place, pk) for attempted_at, pk in first.values_list("attempted_at", "pk")[:1]]
    if not found:
        return 0
    _at, place, pk = min(found)
    return KINDS[place]._default_manager.filter(pk=pk).update(next_attempt_at=now)


def probe_if_silent() -> bool:
    """Ask a silent service whether it answers again, if the moment for it has come; returns whether it answers now.

    Safe with two workers at once: the first sets the next moment before it asks.
    """
    with transaction.atomic():
        silent = PaymentService.objects.filter(name=settings.PAYMENT_GATEWAY, silent_since__isnull=False)
        service = silent.select_for_update().first()
        if service is None:
            return True
        now = clock.now()
        if service.next_probe_at is None or service.next_probe_at > now:
            return False
        service.next_probe_at = next_probe_at(probes=service.probes, at=now)
        service.probes += 1
        service.save(update_fields=["next_probe_at", "probes"])
    reply = ask(lambda: query(payment_gateway(), PROBE, 0))
    if reply.said is None:
        return False
    with transaction.atomic():
        note_exchange(is_answered=True)
    return True
