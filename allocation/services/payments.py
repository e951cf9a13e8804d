"""Collections and payouts: the key is committed before anything is sent, and an unknown result is queried."""

from __future__ import annotations

import structlog
from django.db import transaction

from adjudication.models import Claim
from adjudication.services.claims import settle_claim
from allocation.gateways import Answer, GatewayUnreachable, PaymentGateway, payment_gateway
from allocation.models import Collection, Payout, PayoutAttempt, Period
from allocation.rules.arrears import net_aid
from allocation.rules.cohorts import CohortKey
from allocation.rules.ledger import post_collection, post_payout
from allocation.services.arrears import net_arrears, share_owed
from allocation.services.calendar import payment_moment
from allocation.services.ledger import post
from audit.actors import SYSTEM, Actor
from audit.services import append
from members.services.memberships import end_line

log = structlog.get_logger(__name__)

MOST_SILENCES = 5
"""Exchanges without an answer before a payout goes to a person."""
NO_ANSWER = "no_answer"
ASKED, ORDERED = "query", "order"


def collect(*, collection_id: int) -> Collection:
    """Collect one cohort's shares as a batch and post it; safe to run twice.

    The key was committed with the charge, and the payment service takes it once; without its answer the collection
    stays pending, and the sweep asks again under the same key.
    """
    collection = Collection.objects.get(pk=collection_id)
    if collection.status == Collection.Status.SETTLED:
        return collection
    try:
        answer = payment_gateway().order(key=collection.key, amount_minor=collection.amount_minor)
    except GatewayUnreachable:
        log.warning("collection.no_answer", collection_id=collection_id)
        return collection
    return _book_collection(collection_id) if answer is Answer.SETTLED else collection


def _book_collection(collection_id: int) -> Collection:
    with transaction.atomic():
        collection = Collection.objects.select_for_update().get(pk=collection_id)
        if collection.status == Collection.Status.SETTLED:
            return collection
        share, period = collection.share, collection.share.period
        collection.settled_at = payment_moment(period)
        collection.settle()
        collection.save()
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
        return collection


def pay(*, payout_id: int) -> Payout:
    """Pay one claim's aid, less what its member owes, under its one key; safe to run twice, by two at once and after a
    crash anywhere.

    First the intention is committed, then the order is sent; whoever finds it sent asks before sending again, and
    then under the same key. A claim that is no longer approved is not paid: its payout stays pending.
    """
    payout, was_sent = _begin(payout_id)
    if payout.status not in {Payout.Status.SENT, Payout.Status.UNKNOWN}:
        return payout
    gateway = payment_gateway()
    if was_sent:
        payout, answer = _exchange(payout, ASKED, gateway)
        if answer is not Answer.UNKNOWN_KEY:
            return payout
    return _exchange(payout, ORDERED, gateway)[0]


def ask_again(*, payout_id: int, by: Actor) -> Payout:
    """Somebody has the payment service asked once more about a payout of unknown fate; the act is on record."""
    with transaction.atomic():
        payout = Payout.objects.select_for_update().get(pk=payout_id)
        append(kind="payout.asked_again", stream=payout.claim.stream, by=by, body={"key": payout.key})
    return pay(payout_id=payout_id)


def _begin(payout_id: int) -> tuple[Payout, bool]:
    """Commit that the order is about to be sent; says whether somebody had done so before."""
    # Durable: were this inside another transaction, the order could go out and its key be forgotten in a rollback.
    with transaction.atomic(durable=True):
        payout = Payout.objects.select_for_update().get(pk=payout_id)
        was_sent = payout.status != Payout.Status.PENDING
        if not was_sent and _may_be_sent(payout):
            payout.netted_minor = net_arrears(payout=payout, by=SYSTEM)
            payout.send()
            payout.save()
            append(
                kind="payout.sent",
                stream=payout.claim.stream,
                by=SYSTEM,
                body={"key": payout.key, "aid_minor": payout.amount_minor, "paid_minor": payout.paid_minor},
            )
        return payout, was_sent


def _may_be_sent(payout: Payout) -> bool:
    claim = Claim.objects.select_for_update().get(pk=payout.claim_id)
    return claim.status == Claim.Status.APPROVED and not claim.hold_reason


def _exchange(payout: Payout, act: str, gateway: PaymentGateway) -> tuple[Payout, Answer | None]:
    """Ask or order once, outside any transaction, and record what came of it; None is no answer."""
    try:
        if act == ASKED:
            answer = gateway.query(key=payout.key)
        else:
            answer = gateway.order(key=payout.key, amount_minor=payout.paid_minor)
    except GatewayUnreachable:
        return _record(payout.pk, act, NO_ANSWER), None
    if answer is Answer.SETTLED:
        return _confirm(payout.pk, act), answer
    return _record(payout.pk, act, answer.value), answer


def _record(payout_id: int, act: str, answer: str) -> Payout:
    """Note an exchange that settled nothing; refused, or after too many without an answer, it goes to a person."""
    with transaction.atomic():
        payout = Payout.objects.select_for_update().get(pk=payout_id)
        if payout.status == Payout.Status.SETTLED:
            return payout
        _attempt(payout, act, answer)
        silences = payout.attempts.filter(answer=NO_ANSWER).count()
        is_hopeless = answer == Answer.REFUSED or silences >= MOST_SILENCES
        if payout.status == Payout.Status.SENT and is_hopeless:
            payout.lose_sight()
            payout.save()
            append(kind="payout.unknown", stream=payout.claim.stream, by=SYSTEM, body={"key": payout.key})
        return payout


def _confirm(payout_id: int, act: str) -> Payout:
    with transaction.atomic():
        payout = Payout.objects.select_for_update().get(pk=payout_id)
        if payout.status == Payout.Status.SETTLED:
            return payout
        _attempt(payout, act, Answer.SETTLED.value)
        period = payout.period
        payout.settled_at = payment_moment(period)
        payout.settle()
        payout.save()
        post(
            plan=period.plan,
            period=period,
            kind="payout",
            key=payout.key,
            postings=post_payout(payout.claim.ref, net_aid(payout.amount_minor, map(share_owed, payout.arrears.all()))),
            by=SYSTEM,
        )
        settle_claim(claim_id=payout.claim_id, by=SYSTEM)
        # Whoever left of their own accord since is paid all the same; whoever moved on leaves the plan they are in.
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
        return payout


def _attempt(payout: Payout, act: str, answer: str) -> None:
    PayoutAttempt.objects.create(payout=payout, number=payout.attempts.count() + 1, act=act, answer=answer)


def settle_if_done(*, period: Period) -> Period:
    """Settle a charged period that has no open payment; the row lock makes two last payments take turns."""
    with transaction.atomic():
        period = Period.objects.select_for_update(of=("self",)).select_related("plan").get(pk=period.pk)
        open_payments = (
            Collection.objects.filter(share__period=period).exclude(status=Collection.Status.SETTLED).exists()
            or Payout.objects.filter(period=period).exclude(status=Payout.Status.SETTLED).exists()
        )
        if period.status != Period.Status.CHARGED or open_payments:
            return period
        period.settled_at = payment_moment(period)
        period.settle()
        period.save()
        append(kind="period.settled", stream=period.stream, by=SYSTEM)
        return period


def settle_periods() -> int:
    """Settle every charged period in which nothing is left to pay; says how many."""
    periods = [settle_if_done(period=period) for period in Period.objects.filter(status=Period.Status.CHARGED)]
    return sum(period.status == Period.Status.SETTLED for period in periods)
