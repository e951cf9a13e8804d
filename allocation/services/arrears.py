"""Unpaid shares: collected again, netted from aid, or written off when the membership ends."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from allocation.errors.arrears import NothingOwed
from allocation.models import Arrear, Payout, Refund, Retry
from allocation.models.asking import EXCHANGED, TAKEN_UP
from allocation.rules.arrears import ShareOwed, next_try_at, shares_to_net
from allocation.rules.cohorts import CohortKey
from allocation.rules.keys import retry_key, write_off_key
from allocation.rules.ledger import post_collection, post_write_off
from allocation.selectors.failures import name_of
from allocation.services.ledger import post
from allocation.services.notices import follow_notice
from allocation.services.orders import Order, Payments, escalate_silent, fulfil
from allocation.services.telling import tell_debtors, tell_that_payments_wait
from audit import clock
from audit.actors import SYSTEM, Actor
from audit.services import append
from members.errors.memberships import MembershipEnded
from members.models import Membership, User
from members.services.memberships import end_membership
from members.services.people import check_may_act_for


def pay_arrears(*, membership_id: int, by: User) -> list[Arrear]:
    """Collect everything that a membership owes now, at the request of the member or their payer.

    Returns each share with its new state.

    Raises NotTheirs, NothingOwed.
    """
    membership = Membership.objects.select_related("plan", "person__payer").get(pk=membership_id)
    check_may_act_for(by, membership.person)
    owed = list(Arrear.objects.filter(membership=membership, status=Arrear.Status.OWED).order_by("pk"))
    if not owed:
        raise NothingOwed
    return [retry_arrear(arrear_id=arrear.pk, by=by) for arrear in owed]


def retry_arrear(*, arrear_id: int, by: Actor) -> Arrear:
    """Try to collect one share again. Idempotent; safe with two workers at once and after a crash at any point.

    An unanswered attempt is queried first. The next attempt begins only after it is answered, under a new key.
    A share that is no longer owed is left unchanged. While the payment service is silent, an attempt that a member asks
    for is committed and sent later; the service's own attempts wait.
    """
    # What a member wants to pay is committed although the payment service is silent: then nobody ends their membership
    # over it, and the sweep sends it once there is an answer.
    fulfil(kind=RETRIES, begin=lambda: _begin(arrear_id, by), is_begun_in_silence=isinstance(by, User))
    return Arrear.objects.select_related("membership", "share", "period__plan").get(pk=arrear_id)


def escalate_retry(*, retry_id: int) -> bool:
    """Escalate an attempt that has been without an answer for hours; returns whether that was done. Idempotent."""
    return escalate_silent(kind=RETRIES, pk=retry_id)


def _begin(arrear_id: int, by: Actor) -> Order | None:
    """The attempt to make: the open one, or a new one; None if nothing is owed."""
    # Under the arrear's lock: of two workers at once, the second finds the first one's attempt and queries it.
    arrear = _locked(arrear_id)
    if arrear.status != Arrear.Status.OWED:
        return None
    retry = arrear.retries.filter(status=Retry.Status.SENT).first()
    is_under_way = retry is not None
    if retry is None:
        number = arrear.retries.count() + 1
        retry = Retry.objects.create(
            arrear=arrear,
            number=number,
            key=retry_key(share=arrear.name, number=number),
            asked_by=by if isinstance(by, User) else None,
        )
        arrear.next_try_at = next_try_at(clock.now(), arrear.grace_ends_at)
        arrear.save(update_fields=["next_try_at"])
        body = {"period": arrear.period.stream, "key": retry.key, "amount_minor": arrear.amount_minor}
        append(kind="arrear.asked_for", stream=f"membership:{arrear.membership_id}", by=by, body=body)
    retry.take_up(clock.now(), settings.GATEWAY_TIMEOUT_S)
    retry.save(update_fields=TAKEN_UP)
    debtor = name_of(arrear.membership)
    return Order(retry.pk, retry.key, arrear.amount_minor, debtor=debtor, is_asked_first=is_under_way)


def _locked_retry(retry_id: int) -> Retry:
    """The attempt and its arrear, locked: membership, arrear, attempt, in this order as in every act."""
    arrear = _locked(Retry.objects.values_list("arrear_id", flat=True).get(pk=retry_id))
    retry = Retry.objects.select_for_update().get(pk=retry_id)
    retry.arrear = arrear
    return retry


def _settle(retry: Retry) -> None:
    arrear, now = retry.arrear, clock.now()
    retry.answered_at = now
    retry.settle()
    retry.save(update_fields=[*EXCHANGED, "status", "answered_at"])
    arrear.settled_at, arrear.next_try_at = max(now, arrear.failed_at), None
    arrear.settle()
    arrear.save(update_fields=["status", "settled_at", "next_try_at"])
    post(
        plan=arrear.period.plan,
        period=arrear.period,
        kind="paid_later",
        key=retry.key,
        postings=post_collection(_cohort_of(arrear), 1, arrear.amount_minor),
        by=SYSTEM,
    )
    body = {"period": arrear.period.stream, "key": retry.key, "amount_minor": arrear.amount_minor}
    entry = append(kind="arrear.settled", stream=f"membership:{arrear.membership_id}", by=SYSTEM, body=body)
    tell_debtors("allocation.share_paid", [(arrear, entry)], has_page=False)


def _refuse(retry: Retry) -> None:
    arrear = retry.arrear
    retry.answered_at = clock.now()
    retry.refuse()
    retry.save(update_fields=[*EXCHANGED, "status", "answered_at"])
    body = {"period": arrear.period.stream, "key": retry.key}
    entry = append(kind="arrear.refused", stream=f"membership:{arrear.membership_id}", by=SYSTEM, body=body)
    if has_ended_over_shares(arrear.membership):
        # The other shares were written off when the membership ended; this one was still waiting for its answer.
        write_off(arrears=[arrear], by=SYSTEM)
    elif retry.asked_by_id is None:
        # Whoever asked for it themselves sees the answer on the page.
        tell_debtors("allocation.share_failed_again", [(arrear, entry)], has_page=True)


def _escalate(retry: Retry) -> None:
    arrear = retry.arrear
    body = {"period": arrear.period.stream, "key": retry.key}
    entry = append(kind="arrear.unknown", stream=f"membership:{arrear.membership_id}", by=SYSTEM, body=body)
    tell_that_payments_wait(entry=entry)


def end_in_arrears(*, membership_id: int) -> bool:
    """End a membership after the grace period of a share, and write off all that it owes to the sponsor.

    A share whose last attempt is unanswered waits for the answer. If no other share is past its grace period, the
    membership waits too: nobody is excluded while their payment may be under way. Nor is anybody before the notice of
    such a share is served (members/rules/serving.py); what that changes is noted first. Returns whether the membership
    was ended or shares were written off; idempotent.
    """
    with transaction.atomic():
        # `no_key`: rows that only refer to the membership, such as a new claim, need not wait.
        membership = Membership.objects.select_for_update(no_key=True).get(pk=membership_id)
        now = clock.now()
        owed = _owed_and_answered(membership)
        has_ended = membership.left_at is not None
        # What has ended already takes nothing from anybody any more: the sponsor bears the share.
        for arrear in () if has_ended else owed:
            follow_notice(arrear=arrear, by=SYSTEM)
        # `<=`: the grace ends at 00:00 after its last day, and from that moment on it is too late to pay.
        if not any(arrear.grace_ends_at <= now and (has_ended or arrear.served_at is not None) for arrear in owed):
            return False
        # A member who has already left or been aided still owes the shares; they are written off too.
        with contextlib.suppress(MembershipEnded):
            end_membership(membership_id=membership_id, at=now, reason=Membership.EndReason.ARREARS, by=SYSTEM)
        write_off(arrears=owed, by=SYSTEM, is_told=has_ended)
        return True


def write_off(*, arrears: Iterable[Arrear], by: Actor, is_told: bool = True) -> None:
    """Let the sponsor bear these shares. Part of an act that ends a membership; the rows are already locked.

    `is_told`: their member gets a message about each share, and not only the one about the end of the membership.
    """
    told = []
    for arrear in arrears:
        arrear.written_off_at, arrear.next_try_at = clock.now_after(arrear.failed_at), None
        arrear.write_off()
        arrear.save(update_fields=["status", "written_off_at", "next_try_at"])
        post(
            plan=arrear.period.plan,
            period=arrear.period,
            kind="write_off",
            key=write_off_key(share=arrear.name),
            postings=post_write_off(_cohort_of(arrear), arrear.amount_minor),
            by=by,
        )
        body = {"period": arrear.period.stream, "amount_minor": arrear.amount_minor}
        entry = append(kind="arrear.written_off", stream=f"membership:{arrear.membership_id}", by=by, body=body)
        told.append((arrear, entry))
    if is_told:
        tell_debtors("allocation.share_written_off", told, has_page=False)


def write_off_owed(*, membership: Membership, by: Actor) -> None:
    """Write off what a membership owes, except shares whose last attempt is unanswered. Part of an act that ends it."""
    write_off(arrears=_owed_and_answered(membership), by=by)


def net_arrears(*, payout: Payout, by: Actor) -> int:
    """Take what the aided membership owes off its payout; returns the sum in minor units. Part of sending the payout.

    Locks the membership, then its arrears. A share that an unanswered attempt may already have collected is left
    alone. The caller saves the payout's amount in the same transaction.
    """
    membership = Membership.objects.select_for_update(no_key=True).get(pk=payout.membership_id)
    written_off = Arrear.objects.filter(membership=membership, status=Arrear.Status.WRITTEN_OFF)
    rows = {arrear.pk: arrear for arrear in [*_owed_and_answered(membership), *_lockable(written_off)]}
    netted = shares_to_net(payout.amount_minor, [share_owed(arrear) for arrear in rows.values()])
    told = []
    for share in netted:
        arrear = rows[share.ref]
        arrear.payout, arrear.next_try_at = payout, None
        arrear.net()
        arrear.save(update_fields=["status", "payout", "next_try_at"])
        body = {"period": arrear.period.stream, "amount_minor": arrear.amount_minor, "payout": payout.key}
        told.append((arrear, append(kind="arrear.netted", stream=f"membership:{membership.pk}", by=by, body=body)))
    tell_debtors("allocation.share_netted", told, has_page=False)
    return sum(share.amount_minor for share in netted)


def share_owed(arrear: Arrear) -> ShareOwed:
    """The row as the rules see it."""
    return ShareOwed(arrear.pk, arrear.amount_minor, arrear.written_off_at is not None)


def has_ended_over_shares(membership: Membership) -> bool:
    """Whether the membership ended in arrears, or with a refund that waits for its last shares."""
    return (
        membership.end_reason == Membership.EndReason.ARREARS or Refund.objects.filter(membership=membership).exists()
    )


def _owed_and_answered(membership: Membership) -> list[Arrear]:
    """What a locked membership owes, locked, oldest first, without shares whose last attempt is unanswered.

    `_begin` takes the membership's lock too, so no attempt can begin between this read and the caller's commit.
    """
    owed = Arrear.objects.filter(membership=membership, status=Arrear.Status.OWED)
    return list(_lockable(owed.exclude(pk__in=Retry.objects.filter(status="sent").values("arrear_id"))))


def _lockable(arrears: QuerySet[Arrear]) -> QuerySet[Arrear]:
    """The rows, locked in the order of their ids so that two acts cannot deadlock, with what the ledger needs."""
    found = arrears.select_for_update(of=("self",)).select_related("membership__person", "share", "period__plan")
    return found.order_by("pk")


def _locked(arrear_id: int) -> Arrear:
    """The arrear, locked after its membership.

    Write-offs, netting and refunds lock the membership first; the other order would deadlock with them.
    """
    membership_id = Arrear.objects.values_list("membership_id", flat=True).get(pk=arrear_id)
    Membership.objects.select_for_update(no_key=True).get(pk=membership_id)
    return _lockable(Arrear.objects.filter(pk=arrear_id)).get()


def _cohort_of(arrear: Arrear) -> str:
    share = arrear.share
    return CohortKey(share.first_notice_on, share.is_gifted, share.carried_minor).code


RETRIES = Payments(
    name="retries",
    lock=_locked_retry,
    is_open=lambda retry: retry.status == Retry.Status.SENT,
    confirm=_settle,
    refuse=_refuse,
    escalate=_escalate,
)
