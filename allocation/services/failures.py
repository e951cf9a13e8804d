"""Reads from the payment service which members of a collected batch did not pay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from allocation.gateways import Failure, payment_gateway
from allocation.models import Arrear, Collection, Refund
from allocation.models.asking import EXCHANGED
from allocation.rules.arrears import grace_ends_at, next_try_at, remind_at
from allocation.rules.cohorts import CohortKey
from allocation.rules.ledger import post_failed_collection
from allocation.selectors.asking import is_silent
from allocation.selectors.failures import ASK_EVERY, REPORTED_FOR, members_in
from allocation.services import exchanges
from allocation.services.exchanges import ask
from allocation.services.ledger import post
from allocation.services.orders import READ, escalate_if_long, note_attempt
from allocation.services.payments import COLLECTIONS
from allocation.services.silence import note_exchange
from allocation.services.telling import tell_debtors
from audit import clock
from audit.actors import SYSTEM
from audit.services import append
from members.models import Membership

ROWS_A_STATEMENT = 1000


def read_failures(*, collection_id: int) -> int:
    """Read every new report of a failure; returns how many members turned out not to have paid.

    Idempotent; safe with two workers at once and after a crash at any point: reports are booked in one transaction
    with the number up to which they have been read. If there is no answer, a sweep asks again when its moment has come.
    """
    collection = Collection.objects.get(pk=collection_id)
    opened = 0
    while collection.status == Collection.Status.SETTLED and not is_silent():
        key, after = collection.key, collection.failures_read
        reply = ask(lambda key=key, after=after: exchanges.failures(payment_gateway(), key, after))  # type: ignore[misc]
        if reply.said is None:
            _note_silence(collection_id, reply.reason)
            break
        collection, booked = _book(collection_id, reply.said)
        opened += booked
        if not reply.said:
            break
    return opened


def _note_silence(collection_id: int, reason: str) -> None:
    with transaction.atomic():
        collection = Collection.objects.select_for_update().get(pk=collection_id)
        note_attempt(collection.key, READ, exchanges.Reply(None, reason))
        collection.note_silence(clock.now())
        escalate_if_long(collection, COLLECTIONS.escalate)
        collection.save(update_fields=EXCHANGED)
        note_exchange(is_answered=False)


def _book(collection_id: int, failures: Sequence[Failure]) -> tuple[Collection, int]:
    with transaction.atomic():
        # Two workers may have read the same page: under the lock, the second finds these numbers already booked.
        collection = Collection.objects.select_for_update().get(pk=collection_id)
        new = [failure for failure in failures if failure.number > collection.failures_read]
        collection.note_answer()
        now = clock.now()
        if not failures:
            # Set only when everything has been read, so that after a crash between two pages the next sweep continues
            # at once instead of waiting for an hour.
            collection.failures_asked_at = now
        collection.next_attempt_at = _next_reading_at(collection, now) if not failures else now
        collection.failures_read = max([collection.failures_read, *(failure.number for failure in new)])
        collection.save(update_fields=[*EXCHANGED, "failures_asked_at", "failures_read"])
        opened = _open_arrears(collection, new) if new else 0
        note_exchange(is_answered=True)
        return collection, opened


def _next_reading_at(collection: Collection, now: dt.datetime) -> dt.datetime | None:
    """When to read again, after everything has been read; None once a bank reports no more about the batch."""
    settled_at = collection.settled_at or now
    return now + ASK_EVERY if now < settled_at + REPORTED_FOR else None


def _open_arrears(collection: Collection, failures: Sequence[Failure]) -> int:
    """Create an arrear and a log entry for each reported member of this batch who has none for this period yet."""
    share, period = collection.share, collection.share.period
    reported = {failure.member for failure in failures}
    numbers = [membership.pk for membership in members_in(collection, reported)]
    # Memberships before arrears, as in every act: one that is about to end waits for us, or we find it ended.
    found = Membership.objects.select_for_update(no_key=True, of=("self",)).select_related("person")
    members = found.filter(pk__in=numbers).order_by("pk")
    known = set(Arrear.objects.filter(period=period, membership__in=numbers).values_list("membership_id", flat=True))
    owing = [membership for membership in members if membership.pk not in known]
    failed_at = clock.now()
    refunded = set(Refund.objects.filter(membership__in=numbers).values_list("membership_id", flat=True))
    arrears = Arrear.objects.bulk_create(
        _arrear(collection, membership, failed_at, is_refunded=membership.pk in refunded) for membership in owing
    )
    key = CohortKey(share.first_notice_on, share.is_gifted, share.carried_minor).code
    post(
        plan=period.plan,
        period=period,
        kind="failed_collection",
        key=f"failed:{collection.key}:{collection.failures_read}",
        postings=post_failed_collection(key, share.per_member_minor, len(arrears)),
        by=SYSTEM,
    )
    entries = [
        append(
            kind="arrear.opened",
            stream=f"membership:{arrear.membership_id}",
            by=SYSTEM,
            body={
                "period": period.stream,
                "amount_minor": arrear.amount_minor,
                "grace_ends_at": arrear.grace_ends_at.isoformat(),
            },
        )
        for arrear in arrears
    ]
    told = [(arrear, entry) for arrear, entry in zip(arrears, entries, strict=True) if arrear.remind_at is not None]
    for arrear, entry in told:
        arrear.notice_entry = entry
    Arrear.objects.bulk_update([arrear for arrear, _entry in told], ["notice_entry"], batch_size=ROWS_A_STATEMENT)
    tell_debtors("allocation.share_failed", told, has_page=True, has_end=True)
    body = {"reported": len(reported), "opened": len(arrears), "not_theirs": len(reported) - len(numbers)}
    append(kind="failures.read", stream=period.stream, by=SYSTEM, body={"cohort": key, **body})
    return len(arrears)


def _arrear(collection: Collection, membership: Membership, failed_at: dt.datetime, *, is_refunded: bool) -> Arrear:
    share, period = collection.share, collection.share.period
    rules = period.plan_version.rules
    has_ended = membership.end_reason == Membership.EndReason.ARREARS or is_refunded
    # A membership that has ended in arrears or with a refund gets no second grace period: the next sweep writes it off.
    ends_at = (
        failed_at
        if has_ended
        else grace_ends_at(period.charge_on, failed_at, rules.arrears_grace_days, period.plan.timezone)
    )
    return Arrear(
        membership=membership,
        period=period,
        share=share,
        amount_minor=share.per_member_minor,
        failed_at=failed_at,
        grace_ends_at=ends_at,
        next_try_at=next_try_at(failed_at, ends_at),
        remind_at=remind_at(failed_at, ends_at),
    )
