"""Collections and payouts: the key is committed before anything is sent, and an unknown result is queried."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from adjudication.services.claims import settle_claim
from allocation.gateways import Answer, GatewayUnreachable, payment_gateway
from allocation.models import Collection, Payout, PayoutAttempt, Period
from allocation.rules.arrears import aid_after_arrears
from allocation.rules.cohorts import CohortKey
from allocation.rules.ledger import post_collection, post_payout
from allocation.services.ledger import post
from audit.actors import SYSTEM
from audit.services import append
from members.services.memberships import end_membership

MOST_ATTEMPTS = 5
"""Exchanges without an answer before a payout goes to a person."""


def collect(*, collection_id: int) -> Collection:
    """Collect one cohort's shares as a batch and post it; safe to run twice."""
    collection = Collection.objects.get(pk=collection_id)
    if collection.status == Collection.Status.SETTLED:
        return collection
    payment_gateway().order(key=collection.key, amount_minor=collection.amount_minor)
    with transaction.atomic():
        collection = Collection.objects.select_for_update().get(pk=collection_id)
        if collection.status == Collection.Status.SETTLED:
            return collection
        share, period = collection.share, collection.share.period
        collection.settled_at = timezone.now()
        collection.settle()
        collection.save()
        key = CohortKey(share.first_notice_on, share.is_gifted, share.carried_minor).code
        post(
            plan=period.plan,
            period=period,
            kind="collection",
            key=collection.key,
            postings=post_collection(key, share.members, share.per_member_minor),
        )
        append(
            kind="collection.settled",
            stream=period.stream,
            by=SYSTEM,
            body={"cohort": key, "members": share.members, "amount_minor": collection.amount_minor},
        )
        _settle_period(period)
        return collection


def pay(*, payout_id: int) -> Payout:
    """Pay one claim's aid under its one key; safe to run twice and after a crash anywhere.

    First the intention is committed, then the order is sent; whoever finds it sent asks before sending again.
    """
    payout, was_sent = _begin(payout_id)
    if payout.status not in {Payout.Status.SENT, Payout.Status.UNKNOWN}:
        return payout
    gateway, act = payment_gateway(), "query" if was_sent else "order"
    try:
        answer = gateway.query(key=payout.key) if was_sent else None
        if answer is not Answer.SETTLED:
            act = "order"
            answer = gateway.order(key=payout.key, amount_minor=payout.amount_minor)
    except GatewayUnreachable:
        return _record_silence(payout_id, act)
    return _confirm(payout_id, act, answer)


def _begin(payout_id: int) -> tuple[Payout, bool]:
    """Commit that the order is about to be sent; says whether somebody had done so before."""
    with transaction.atomic():
        payout = Payout.objects.select_for_update().get(pk=payout_id)
        was_sent = payout.status != Payout.Status.PENDING
        if not was_sent:
            payout.send()
            payout.save()
            append(
                kind="payout.sent",
                stream=payout.claim.stream,
                by=SYSTEM,
                body={"key": payout.key, "amount_minor": payout.amount_minor},
            )
        return payout, was_sent


def _record_silence(payout_id: int, act: str) -> Payout:
    with transaction.atomic():
        payout = Payout.objects.select_for_update().get(pk=payout_id)
        if payout.status == Payout.Status.SETTLED:
            return payout
        attempts = _attempt(payout, act, "no_answer")
        if payout.status == Payout.Status.SENT and attempts >= MOST_ATTEMPTS:
            payout.lose_sight()
            payout.save()
            append(kind="payout.unknown", stream=payout.claim.stream, by=SYSTEM, body={"key": payout.key})
        return payout


def _confirm(payout_id: int, act: str, answer: Answer) -> Payout:
    with transaction.atomic():
        payout = Payout.objects.select_for_update().get(pk=payout_id)
        if payout.status == Payout.Status.SETTLED:
            return payout
        _attempt(payout, act, answer.value)
        payout.settled_at = timezone.now()
        payout.settle()
        payout.save()
        period = payout.period
        post(
            plan=period.plan,
            period=period,
            kind="payout",
            key=payout.key,
            postings=post_payout(payout.claim.ref, aid_after_arrears(payout.amount_minor)),
        )
        settle_claim(claim_id=payout.claim_id, by=SYSTEM)
        end_membership(membership_id=payout.membership_id, at=payout.settled_at, reason="aided", by=SYSTEM)
        append(
            kind="payout.settled",
            stream=payout.claim.stream,
            by=SYSTEM,
            body={"key": payout.key, "amount_minor": payout.amount_minor, "period": period.stream},
        )
        _settle_period(period)
        return payout


def _attempt(payout: Payout, act: str, answer: str) -> int:
    number = payout.attempts.count() + 1
    PayoutAttempt.objects.create(payout=payout, number=number, act=act, answer=answer)
    return number


def _settle_period(period: Period) -> None:
    """Settle the period when this was its last open payment; the row lock makes two last ones take turns."""
    period = Period.objects.select_for_update().get(pk=period.pk)
    open_payments = (
        Collection.objects.filter(share__period=period).exclude(status=Collection.Status.SETTLED).exists()
        or Payout.objects.filter(period=period).exclude(status=Payout.Status.SETTLED).exists()
    )
    if period.status != Period.Status.CHARGED or open_payments:
        return
    period.settled_at = timezone.now()
    period.settle()
    period.save()
    append(kind="period.settled", stream=period.stream, by=SYSTEM, body={})


def settle_idle_periods() -> int:
    """Settle charged periods in which nothing was left to pay, such as one without claims."""
    settled = 0
    for period in Period.objects.filter(status=Period.Status.CHARGED):
        with transaction.atomic():
            _settle_period(period)
        settled += Period.objects.filter(pk=period.pk, status=Period.Status.SETTLED).count()
    return settled
