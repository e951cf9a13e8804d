"""The refund after an illness inside the waiting period: the membership ends, and what it paid goes back."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import transaction
from django.utils import timezone

from adjudication.models import Claim
from allocation.gateways import Answer, GatewayUnreachable, payment_gateway
from allocation.models import Payout, Refund
from allocation.rules.arrears import refund_inside_wait
from allocation.rules.ledger import post_refund
from allocation.selectors.refunds import decision_to_refund, is_due, shares_to_refund
from allocation.services.arrears import write_off_owed
from allocation.services.calendar import moment_of
from allocation.services.ledger import post
from audit.actors import SYSTEM, Actor
from audit.services import append
from members.models import Membership
from members.services.memberships import end_line

log = structlog.get_logger(__name__)

MOST_SILENCES = 5
"""Exchanges without an answer before a refund goes to a person."""


def open_refund(*, claim_id: int, at: dt.datetime | None = None) -> Refund | None:
    """A rejection for an illness inside the wait stands: the membership ends, what it owes is written off.

    What it has paid is reckoned once nothing more can be collected from it. None where the rejection was undone, has
    not stood long enough, or the membership was aided or refunded before; safe to run twice. `at` is the day
    that is played in a demonstration; the membership ends now all the same. Raises NotYet.
    """
    at, now = moment_of(at), timezone.now()
    with transaction.atomic():
        claim = Claim.objects.select_for_update(of=("self",)).select_related("membership__plan").get(pk=claim_id)
        decision = decision_to_refund(claim)
        if decision is None or not is_due(decision, at):
            return None
        membership = Membership.objects.select_for_update(no_key=True).get(pk=claim.membership_id)
        if (
            Refund.objects.filter(membership=membership).exists()
            or Payout.objects.filter(membership=membership).exists()
        ):
            return None
        refund = Refund.objects.create(
            claim=claim,
            membership=membership,
            key=f"refund:{membership.plan.code}:{membership.pk}",
            opened_at=min(at, now),
        )
        append(
            kind="refund.opened",
            stream=claim.stream,
            by=SYSTEM,
            body={"membership": membership.pk, "decision": decision.sequence, "key": refund.key},
        )
        # Whoever left by themselves meanwhile is refunded all the same; whoever moved on leaves the plan they are in.
        end_line(membership_id=membership.pk, at=min(at, now), reason=Membership.EndReason.ILL_IN_WAIT, by=SYSTEM)
        write_off_owed(membership=membership, by=SYSTEM)
        return refund


def pay_refund(*, refund_id: int) -> Refund:
    """Reckon a refund once it can be, then pay it under its one key; safe to run twice, by two and after a crash.

    First the intention is committed, then the order is sent; whoever finds it sent asks before sending again, and then
    under the same key.
    """
    refund, was_sent = _begin(refund_id)
    if refund.status not in {Refund.Status.SENT, Refund.Status.UNKNOWN} or refund.amount_minor is None:
        return refund
    gateway = payment_gateway()
    try:
        answer = gateway.query(key=refund.key) if was_sent else Answer.UNKNOWN_KEY
        if answer is Answer.UNKNOWN_KEY:
            answer = gateway.order(key=refund.key, amount_minor=refund.amount_minor)
    except GatewayUnreachable:
        log.warning("refund.no_answer", refund_id=refund_id)
        return _note(refund_id, is_refused=False)
    return _confirm(refund_id) if answer is Answer.SETTLED else _note(refund_id, is_refused=True)


def ask_again(*, refund_id: int, by: Actor) -> Refund:
    """Somebody has the payment service asked once more about a refund of unknown fate; the act is on record."""
    with transaction.atomic():
        refund = Refund.objects.select_for_update().get(pk=refund_id)
        append(kind="refund.asked_again", stream=refund.claim.stream, by=by, body={"key": refund.key})
    return pay_refund(refund_id=refund_id)


def _begin(refund_id: int) -> tuple[Refund, bool]:
    """Fix the amount if it can be, and commit that the order is about to be sent; says whether that was done before."""
    # Durable: were this inside another transaction, the order could go out and its key be forgotten in a rollback.
    with transaction.atomic(durable=True):
        refund = Refund.objects.select_for_update().get(pk=refund_id)
        was_sent = refund.status in {Refund.Status.SENT, Refund.Status.UNKNOWN}
        if refund.status == Refund.Status.OPENED:
            _reckon(refund)
        if refund.status == Refund.Status.PENDING:
            refund.send()
            refund.save()
            body = {"key": refund.key, "amount_minor": refund.amount_minor}
            append(kind="refund.sent", stream=refund.claim.stream, by=SYSTEM, body=body)
        return refund, was_sent


def _reckon(refund: Refund) -> None:
    membership = Membership.objects.select_for_update(no_key=True).get(pk=refund.membership_id)
    shares = shares_to_refund(membership)
    if shares is None:
        return
    refund.amount_minor = refund_inside_wait(shares)
    if refund.amount_minor:
        refund.reckon()
    else:
        refund.settled_at = max(timezone.now(), refund.opened_at)
        refund.close_empty()
    refund.save()
    paid = sum(share.is_settled and not share.is_gifted for share in shares)
    body = {"key": refund.key, "amount_minor": refund.amount_minor, "shares": paid}
    append(kind="refund.reckoned", stream=refund.claim.stream, by=SYSTEM, body=body)


def _note(refund_id: int, *, is_refused: bool) -> Refund:
    """Count an exchange that settled nothing; refused, or after too many, the refund goes to a person."""
    with transaction.atomic():
        refund = Refund.objects.select_for_update().get(pk=refund_id)
        if refund.status == Refund.Status.SETTLED:
            return refund
        refund.silences += 1
        if refund.status == Refund.Status.SENT and (is_refused or refund.silences >= MOST_SILENCES):
            refund.lose_sight()
            append(kind="refund.unknown", stream=refund.claim.stream, by=SYSTEM, body={"key": refund.key})
        refund.save()
        return refund


def _confirm(refund_id: int) -> Refund:
    with transaction.atomic():
        refund = Refund.objects.select_for_update().get(pk=refund_id)
        if refund.status == Refund.Status.SETTLED:
            return refund
        refund.settled_at = max(timezone.now(), refund.opened_at)
        refund.settle()
        refund.save()
        post(
            plan=refund.membership.plan,
            period=None,
            kind="refund",
            key=refund.key,
            postings=post_refund(str(refund.membership), refund.amount_minor or 0),
            by=SYSTEM,
        )
        body = {"key": refund.key, "amount_minor": refund.amount_minor}
        append(kind="refund.settled", stream=refund.claim.stream, by=SYSTEM, body=body)
        return refund
