"""The refund after an illness inside the waiting period: the membership ends, and what it paid is returned."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from adjudication.services.conflicts import check_no_conflict
from adjudication.services.locks import locked_claim
from allocation.models import Payout, Refund
from allocation.models.asking import EXCHANGED, TAKEN_UP
from allocation.rules.arrears import refund_inside_wait
from allocation.rules.keys import refund_key
from allocation.rules.ledger import post_refund
from allocation.selectors.refunds import decision_to_refund, is_due, shares_to_refund
from allocation.services.arrears import write_off_owed
from allocation.services.ledger import post
from allocation.services.orders import Order, Payments, escalate_silent, fulfil
from allocation.services.telling import tell_claimant, tell_that_payments_wait
from audit import clock
from audit.actors import SYSTEM, Actor
from audit.models import Entry
from audit.services import append
from members.models import Membership
from members.services.memberships import end_line


def open_refund(*, claim_id: int) -> Refund | None:
    """End a membership after a final rejection for an illness inside the waiting period; write off what it owes.

    The amount is calculated once nothing more can be collected from the membership. Returns None if the rejection was
    reversed or has not stood long enough, or if the membership was aided or refunded before; idempotent.
    """
    with transaction.atomic():
        # Locked before the decision is read: no appeal and no new decision can come in between.
        claim = locked_claim(pk=claim_id)
        decision, now = decision_to_refund(claim), clock.now()
        if decision is None or not is_due(decision, now):
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
            key=refund_key(claim=claim.ref),
            opened_at=now,
        )
        entry = append(
            kind="refund.opened",
            stream=claim.stream,
            by=SYSTEM,
            body={"membership": membership.pk, "decision": decision.sequence, "key": refund.key},
        )
        _tell("allocation.refund_opened", refund, entry)
        # A member who has left since is refunded all the same. One who has moved leaves the plan they are in now.
        end_line(membership_id=membership.pk, at=now, reason=Membership.EndReason.ILL_IN_WAIT, by=SYSTEM)
        write_off_owed(membership=membership, by=SYSTEM)
        return refund


def calculate_refund(*, refund_id: int) -> Refund:
    """Fix a refund's amount if that is possible now; a sweep pays it. Idempotent."""
    with transaction.atomic():
        refund = _locked(refund_id)
        if refund.status == Refund.Status.OPENED:
            _calculate(refund)
        return refund


def pay_refund(*, refund_id: int) -> Refund:
    """Calculate a refund once that is possible, then pay it under its one key.

    Idempotent; safe with two workers at once and after a crash at any point.
    """
    fulfil(kind=REFUNDS, begin=lambda: _begin(refund_id))
    return Refund.objects.get(pk=refund_id)


def ask_again(*, refund_id: int, by: Actor) -> Refund:
    """Query an escalated refund now at a reviewer's request; the request is logged. Raises ConflictOfInterest."""
    with transaction.atomic():
        refund = Refund.objects.select_for_update().get(pk=refund_id)
        check_no_conflict(locked_claim(pk=refund.claim_id), by)
        append(kind="refund.asked_again", stream=refund.claim.stream, by=by, body={"key": refund.key})
    fulfil(kind=REFUNDS, begin=lambda: _begin(refund_id), is_asked_in_silence=True)
    return Refund.objects.get(pk=refund_id)


def escalate_refund(*, refund_id: int) -> bool:
    """Escalate a refund that has been without an answer for hours; returns whether that was done. Idempotent."""
    return escalate_silent(kind=REFUNDS, pk=refund_id)


def _begin(refund_id: int) -> Order | None:
    """Fix the amount if that is possible, and commit that the order is about to be sent."""
    refund = _locked(refund_id)
    was_sent = refund.status in {Refund.Status.SENT, Refund.Status.UNKNOWN}
    if refund.status == Refund.Status.OPENED:
        _calculate(refund)
    if refund.status == Refund.Status.PENDING:
        refund.send()
        body = {"key": refund.key, "amount_minor": refund.amount_minor}
        append(kind="refund.sent", stream=refund.claim.stream, by=SYSTEM, body=body)
    if refund.status not in {Refund.Status.SENT, Refund.Status.UNKNOWN} or refund.amount_minor is None:
        return None
    refund.take_up(clock.now(), settings.GATEWAY_TIMEOUT_S)
    refund.save(update_fields=[*TAKEN_UP, "status"])
    return Order(refund.pk, refund.key, refund.amount_minor, is_asked_first=was_sent)


def _locked(refund_id: int) -> Refund:
    return Refund.objects.select_for_update().get(pk=refund_id)


def _calculate(refund: Refund) -> None:
    # Locked, so that no arrear of it is opened, paid, written off or netted while the sum is taken.
    membership = Membership.objects.select_for_update(no_key=True).get(pk=refund.membership_id)
    shares = shares_to_refund(membership)
    if shares is None:
        return
    refund.amount_minor = refund_inside_wait(shares)
    if refund.amount_minor:
        refund.calculate()
    else:
        refund.next_attempt_at = None
        refund.settled_at = clock.now_after(refund.opened_at)
        refund.close_empty()
    refund.save(update_fields=["status", "amount_minor", "next_attempt_at", "settled_at"])
    paid = sum(share.is_settled and not share.is_gifted for share in shares)
    body = {"key": refund.key, "amount_minor": refund.amount_minor, "shares": paid}
    entry = append(kind="refund.calculated", stream=refund.claim.stream, by=SYSTEM, body=body)
    _tell("allocation.refund_calculated", refund, entry)


def _refuse(refund: Refund) -> None:
    # Asked about again by a person, one that was refused is refused again, and has its state.
    refund.escalated_at = clock.now()
    if refund.status == Refund.Status.SENT:
        refund.escalate()
        entry = append(kind="refund.refused", stream=refund.claim.stream, by=SYSTEM, body={"key": refund.key})
        _tell("allocation.refund_refused", refund, entry)
        tell_that_payments_wait(entry=entry)
    refund.save(update_fields=[*EXCHANGED, "status"])


def _escalate(refund: Refund) -> None:
    refund.escalate()
    entry = append(kind="refund.unknown", stream=refund.claim.stream, by=SYSTEM, body={"key": refund.key})
    tell_that_payments_wait(entry=entry)


def _book(refund: Refund) -> None:
    refund.settled_at = clock.now_after(refund.opened_at)
    refund.settle()
    refund.save(update_fields=[*EXCHANGED, "status", "settled_at"])
    post(
        plan=refund.membership.plan,
        period=None,
        kind="refund",
        key=refund.key,
        postings=post_refund(str(refund.membership), refund.amount_minor or 0),
        by=SYSTEM,
    )
    body = {"key": refund.key, "amount_minor": refund.amount_minor}
    entry = append(kind="refund.settled", stream=refund.claim.stream, by=SYSTEM, body=body)
    _tell("allocation.refund_paid", refund, entry)


def _tell(kind: str, refund: Refund, entry: Entry) -> None:
    tell_claimant(kind, person=refund.membership.person, claim=refund.claim.ref, entry=entry)


REFUNDS = Payments(
    name="refunds",
    lock=_locked,
    is_open=lambda refund: refund.status != Refund.Status.SETTLED,
    confirm=_book,
    refuse=_refuse,
    escalate=_escalate,
)
