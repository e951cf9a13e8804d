"""Collections and payouts, and the periods that they settle."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from adjudication.models import Claim
from adjudication.services.claims import settle_claim
from adjudication.services.conflicts import check_no_conflict
from adjudication.services.locks import locked_claim
from allocation.models import Collection, Payout, Period
from allocation.models.asking import EXCHANGED, TAKEN_UP
from allocation.rules.arrears import net_aid
from allocation.rules.cohorts import CohortKey
from allocation.rules.ledger import post_collection, post_payout
from allocation.services.arrears import net_arrears, share_owed
from allocation.services.ledger import post
from allocation.services.orders import Order, Payments, escalate_silent, fulfil
from allocation.services.telling import tell_claimant, tell_that_payments_wait
from audit import clock
from audit.actors import SYSTEM, Actor
from audit.services import append
from members.services.memberships import end_line


def collect(*, collection_id: int) -> Collection:
    """Collect one cohort's shares as a batch and post it. Idempotent.

    The key was committed with the charge, and the payment service accepts it once. Without an answer the collection
    stays pending, and the sweep asks about it when its next moment has come.
    """
    fulfil(kind=COLLECTIONS, begin=lambda: _begin_collection(collection_id))
    return Collection.objects.get(pk=collection_id)


def _begin_collection(collection_id: int) -> Order | None:
    collection = _locked_collection(collection_id)
    if collection.status == Collection.Status.SETTLED:
        return None
    was_sent = collection.attempted_at is not None
    collection.take_up(clock.now(), settings.GATEWAY_TIMEOUT_S)
    collection.save(update_fields=TAKEN_UP)
    return Order(collection.pk, collection.key, collection.amount_minor, is_asked_first=was_sent)


def _locked_collection(collection_id: int) -> Collection:
    return Collection.objects.select_for_update().get(pk=collection_id)


def _book_collection(collection: Collection) -> None:
    share, period = collection.share, collection.share.period
    collection.settled_at = clock.now()
    # What is asked next: which members did not pay.
    collection.next_attempt_at = collection.settled_at
    collection.settle()
    collection.save(update_fields=[*EXCHANGED, "status", "settled_at"])
    key = CohortKey(share.first_notice_on, share.is_gifted, share.carried_minor).code
    post(
        plan=period.plan,
        period=period,
        kind="collection",
        key=collection.key,
        postings=post_collection(key, share.members, share.per_member_minor),
        by=SYSTEM,
    )
    append(
        kind="collection.settled",
        stream=period.stream,
        by=SYSTEM,
        body={"cohort": key, "members": share.members, "amount_minor": collection.amount_minor},
    )
    settle_if_done(period=period)


def _refuse_collection(collection: Collection) -> None:
    """A batch that the service will never accept: only a person can find out why."""
    collection.escalated_at = clock.now()
    collection.save(update_fields=EXCHANGED)
    _append_of(collection, kind="collection.refused")


def _escalate_collection(collection: Collection) -> None:
    _append_of(collection, kind="collection.unknown")


def _append_of(collection: Collection, *, kind: str) -> None:
    entry = append(kind=kind, stream=collection.share.period.stream, by=SYSTEM, body={"key": collection.key})
    tell_that_payments_wait(entry=entry)


def pay(*, payout_id: int) -> Payout:
    """Pay one claim's aid, less what its member owes, under its one key.

    Idempotent; safe with two workers at once and after a crash at any point. A claim that is no longer approved, or is
    on hold, is not paid: its payout stays pending.
    """
    fulfil(kind=PAYOUTS, begin=lambda: _begin_payout(payout_id))
    return Payout.objects.get(pk=payout_id)


def ask_again(*, payout_id: int, by: Actor) -> Payout:
    """Query an escalated payout now at a reviewer's request; the request is logged. Raises ConflictOfInterest."""
    with transaction.atomic():
        payout = _locked_payout(payout_id)
        check_no_conflict(Claim.objects.get(pk=payout.claim_id), by)
        append(kind="payout.asked_again", stream=payout.claim.stream, by=by, body={"key": payout.key})
    fulfil(kind=PAYOUTS, begin=lambda: _begin_payout(payout_id), is_asked_in_silence=True)
    return Payout.objects.get(pk=payout_id)


def escalate_collection(*, collection_id: int) -> bool:
    """Escalate a batch that has been without an answer for hours; returns whether that was done. Idempotent."""
    return escalate_silent(kind=COLLECTIONS, pk=collection_id)


def escalate_payout(*, payout_id: int) -> bool:
    """Escalate a payout that has been without an answer for hours; returns whether that was done. Idempotent."""
    return escalate_silent(kind=PAYOUTS, pk=payout_id)


def _begin_payout(payout_id: int) -> Order | None:
    payout = _locked_payout(payout_id)
    was_sent = payout.status != Payout.Status.PENDING
    if not was_sent and _may_be_sent(payout):
        # In the transaction that commits the order, so that what is netted here cannot be collected as well.
        payout.netted_minor = net_arrears(payout=payout, by=SYSTEM)
        payout.send()
        append(
            kind="payout.sent",
            stream=payout.claim.stream,
            by=SYSTEM,
            body={"key": payout.key, "aid_minor": payout.amount_minor, "paid_minor": payout.paid_minor},
        )
    if payout.status not in {Payout.Status.SENT, Payout.Status.UNKNOWN}:
        return None
    payout.take_up(clock.now(), settings.GATEWAY_TIMEOUT_S)
    payout.save(update_fields=[*TAKEN_UP, "status", "netted_minor"])
    return Order(payout.pk, payout.key, payout.paid_minor, is_asked_first=was_sent)


def _may_be_sent(payout: Payout) -> bool:
    # Locked with the payout: a hold or a new decision is either seen here, or waits until the order is committed.
    claim = Claim.objects.get(pk=payout.claim_id)
    return claim.status == Claim.Status.APPROVED and not claim.hold_reason


def _locked_payout(payout_id: int) -> Payout:
    """The payout, locked, and before it its claim, as in every act on what belongs to a claim."""
    locked_claim(pk=Payout.objects.values_list("claim_id", flat=True).get(pk=payout_id))
    return Payout.objects.select_for_update().get(pk=payout_id)


def _book_payout(payout: Payout) -> None:
    period = payout.period
    payout.settled_at = clock.now()
    payout.settle()
    payout.save(update_fields=[*EXCHANGED, "status", "settled_at"])
    post(
        plan=period.plan,
        period=period,
        kind="payout",
        key=payout.key,
        postings=post_payout(payout.claim.ref, net_aid(payout.amount_minor, map(share_owed, payout.arrears.all()))),
        by=SYSTEM,
    )
    settle_claim(claim_id=payout.claim_id, by=SYSTEM)
    # A member who has left since is paid all the same. One who has moved leaves the plan they are in now.
    end_line(membership_id=payout.membership_id, at=payout.settled_at, reason="aided", by=SYSTEM)
    append(
        kind="payout.settled",
        stream=payout.claim.stream,
        by=SYSTEM,
        body={
            "key": payout.key,
            "aid_minor": payout.amount_minor,
            "paid_minor": payout.paid_minor,
            "period": period.stream,
        },
    )
    settle_if_done(period=period)


def _refuse_payout(payout: Payout) -> None:
    # Asked about again by a person, one that was refused is refused again, and has its state.
    payout.escalated_at = clock.now()
    if payout.status == Payout.Status.SENT:
        payout.escalate()
        entry = append(kind="payout.refused", stream=payout.claim.stream, by=SYSTEM, body={"key": payout.key})
        claim = payout.claim
        tell_claimant("allocation.payout_refused", person=claim.membership.person, claim=claim.ref, entry=entry)
        tell_that_payments_wait(entry=entry)
    payout.save(update_fields=[*EXCHANGED, "status"])


def _escalate_payout(payout: Payout) -> None:
    payout.escalate()
    entry = append(kind="payout.unknown", stream=payout.claim.stream, by=SYSTEM, body={"key": payout.key})
    tell_that_payments_wait(entry=entry)


def settle_if_done(*, period: Period) -> Period:
    """Settle a charged period that has no open payment."""
    with transaction.atomic():
        # Two last payments at once: without the lock each would see the other one open, and neither would settle it.
        period = Period.objects.select_for_update(of=("self",)).select_related("plan").get(pk=period.pk)
        open_payments = (
            Collection.objects.filter(share__period=period).exclude(status=Collection.Status.SETTLED).exists()
            or Payout.objects.filter(period=period).exclude(status=Payout.Status.SETTLED).exists()
        )
        if period.status != Period.Status.CHARGED or open_payments:
            return period
        period.settled_at = clock.now()
        period.settle()
        period.save(update_fields=["status", "settled_at"])
        append(kind="period.settled", stream=period.stream, by=SYSTEM)
        return period


COLLECTIONS = Payments(
    name="collections",
    lock=_locked_collection,
    is_open=lambda collection: collection.status != Collection.Status.SETTLED,
    confirm=_book_collection,
    refuse=_refuse_collection,
    escalate=_escalate_collection,
)
PAYOUTS = Payments(
    name="payouts",
    lock=_locked_payout,
    is_open=lambda payout: payout.status != Payout.Status.SETTLED,
    confirm=_book_payout,
    refuse=_refuse_payout,
    escalate=_escalate_payout,
)
