"""What becomes of a share that was not paid: asked for again, netted from aid, or written off with the membership."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from allocation.errors import NothingOwed
from allocation.gateways import Answer, GatewayUnreachable, payment_gateway
from allocation.models import Arrear, Payout, Retry
from allocation.rules.arrears import ShareOwed, next_try_at, shares_to_net
from allocation.rules.cohorts import CohortKey
from allocation.rules.ledger import post_collection, post_write_off
from allocation.services.ledger import post
from audit.actors import SYSTEM, Actor
from audit.services import append
from members.errors import MembershipEnded
from members.models import Membership, User
from members.services.memberships import end_membership
from members.services.people import check_may_act_for

log = structlog.get_logger(__name__)


def pay_arrears(*, membership_id: int, by: User) -> list[Arrear]:
    """The member, or who pays for them, has everything that is owed collected now; says what became of each share.

    Raises NotTheirs, NothingOwed.
    """
    membership = Membership.objects.select_related("plan", "person__payer").get(pk=membership_id)
    check_may_act_for(by, membership.person)
    owed = list(Arrear.objects.filter(membership=membership, status=Arrear.Status.OWED).order_by("pk"))
    if not owed:
        raise NothingOwed
    return [retry_arrear(arrear_id=arrear.pk, by=by) for arrear in owed]


def retry_arrear(*, arrear_id: int, by: Actor) -> Arrear:
    """Ask for one share again; safe to run twice, by two at once and after a crash anywhere.

    First the key of this attempt is committed, then the order is sent. An attempt of unknown fate is asked about, and
    only when it is answered the next one begins. A share that is no longer owed stays as it is.
    """
    retry, was_sent = _begin(arrear_id, by)
    if retry is None:
        return Arrear.objects.get(pk=arrear_id)
    return _exchange(retry, was_sent=was_sent)


def _begin(arrear_id: int, by: Actor) -> tuple[Retry | None, bool]:
    """The attempt to make: the open one, or a new one under a key of its own; None where nothing is owed."""
    # Durable: were this inside another transaction, the order could go out and its key be forgotten in a rollback.
    with transaction.atomic(durable=True):
        arrear = _locked(arrear_id)
        if arrear.status != Arrear.Status.OWED:
            return None, False
        under_way = arrear.retries.filter(status=Retry.Status.SENT).first()
        if under_way is not None:
            return under_way, True
        number = arrear.retries.count() + 1
        retry = Retry.objects.create(
            arrear=arrear,
            number=number,
            key=f"arrear:{arrear.pk}:{number}",
            asked_by=by if isinstance(by, User) else None,
        )
        arrear.next_try_at = next_try_at(timezone.now(), arrear.grace_ends_at)
        arrear.save(update_fields=["next_try_at"])
        body = {"period": arrear.period.stream, "key": retry.key, "amount_minor": arrear.amount_minor}
        append(kind="arrear.asked_for", stream=f"membership:{arrear.membership_id}", by=by, body=body)
        return retry, False


def _exchange(retry: Retry, *, was_sent: bool) -> Arrear:
    """Ask or order, outside any transaction, and book what came of it; without an answer the sweep goes on later."""
    gateway, arrear = payment_gateway(), retry.arrear
    try:
        answer = gateway.query(key=retry.key) if was_sent else Answer.UNKNOWN_KEY
        if answer is Answer.UNKNOWN_KEY:
            member = f"membership:{arrear.membership_id}"
            answer = gateway.debit(key=retry.key, member=member, amount_minor=arrear.amount_minor)
    except GatewayUnreachable:
        log.warning("retry.no_answer", retry_id=retry.pk)
        return Arrear.objects.get(pk=arrear.pk)
    if answer is Answer.SETTLED:
        return _settle(retry)
    return _refuse(retry) if answer is Answer.REFUSED else Arrear.objects.get(pk=arrear.pk)


def _settle(retry: Retry) -> Arrear:
    with transaction.atomic():
        arrear = _locked(retry.arrear_id)
        retry = Retry.objects.select_for_update().get(pk=retry.pk)
        if retry.status != Retry.Status.SENT:
            return arrear
        now = timezone.now()
        retry.answered_at = now
        retry.settle()
        retry.save()
        arrear.settled_at, arrear.next_try_at = max(now, arrear.failed_at), None
        arrear.settle()
        arrear.save()
        post(
            plan=arrear.period.plan,
            period=arrear.period,
            kind="paid_later",
            key=retry.key,
            postings=post_collection(_cohort_of(arrear), 1, arrear.amount_minor),
            by=SYSTEM,
        )
        body = {"period": arrear.period.stream, "key": retry.key, "amount_minor": arrear.amount_minor}
        append(kind="arrear.settled", stream=f"membership:{arrear.membership_id}", by=SYSTEM, body=body)
        return arrear


def _refuse(retry: Retry) -> Arrear:
    with transaction.atomic():
        arrear = _locked(retry.arrear_id)
        retry = Retry.objects.select_for_update().get(pk=retry.pk)
        if retry.status != Retry.Status.SENT:
            return arrear
        retry.answered_at = timezone.now()
        retry.refuse()
        retry.save()
        body = {"period": arrear.period.stream, "key": retry.key}
        append(kind="arrear.refused", stream=f"membership:{arrear.membership_id}", by=SYSTEM, body=body)
        if has_ended_over_shares(arrear.membership):
            # The others were written off when the membership ended; this one waited for its answer.
            write_off(arrears=[arrear], by=SYSTEM)
        return arrear


def end_in_arrears(*, membership_id: int, at: dt.datetime | None = None) -> bool:
    """The grace of a share is over: the membership ends, and all that it owes is written off to the sponsor.

    A share whose last attempt is unanswered waits for the answer, and where the grace of no other one is over, so does
    the membership: nobody is sent away while their payment may be on its way. Says whether anything was done; safe to
    run twice. `at` is when the act counts as done, otherwise now.
    """
    now = at or timezone.now()
    with transaction.atomic():
        membership = Membership.objects.select_for_update(no_key=True).get(pk=membership_id)
        owed = _owed_and_answered(membership)
        if not any(arrear.grace_ends_at <= now for arrear in owed):
            return False
        # Whoever left by themselves, or was aided, owes all the same; what they owe is written off too.
        with contextlib.suppress(MembershipEnded):
            end_membership(membership_id=membership_id, at=now, reason=Membership.EndReason.ARREARS, by=SYSTEM)
        write_off(arrears=owed, by=SYSTEM)
        return True


def write_off(*, arrears: Iterable[Arrear], by: Actor) -> None:
    """Part of an act that ends a membership: the sponsor bears what its member owes. The rows are locked already."""
    for arrear in arrears:
        arrear.written_off_at, arrear.next_try_at = max(timezone.now(), arrear.failed_at), None
        arrear.write_off()
        arrear.save()
        post(
            plan=arrear.period.plan,
            period=arrear.period,
            kind="write_off",
            key=f"write_off:{arrear}",
            postings=post_write_off(_cohort_of(arrear), arrear.amount_minor),
            by=by,
        )
        body = {"period": arrear.period.stream, "amount_minor": arrear.amount_minor}
        append(kind="arrear.written_off", stream=f"membership:{arrear.membership_id}", by=by, body=body)


def write_off_owed(*, membership: Membership, by: Actor) -> None:
    """Part of an act that ends a membership: what it owes, but for shares whose last attempt is unanswered."""
    write_off(arrears=_owed_and_answered(membership), by=by)


def net_arrears(*, payout: Payout, by: Actor) -> int:
    """Part of the sending of a payout: what the aided membership owes is taken off; says how much, in minor units.

    The membership's row is locked here, its arrears after it. What an unanswered attempt may have brought in already is
    left alone. The payout's amount is to be saved with it.
    """
    membership = Membership.objects.select_for_update(no_key=True).get(pk=payout.membership_id)
    written_off = Arrear.objects.filter(membership=membership, status=Arrear.Status.WRITTEN_OFF)
    rows = {arrear.pk: arrear for arrear in [*_owed_and_answered(membership), *_lockable(written_off)]}
    netted = shares_to_net(payout.amount_minor, [share_owed(arrear) for arrear in rows.values()])
    for share in netted:
        arrear = rows[share.ref]
        arrear.payout, arrear.next_try_at = payout, None
        arrear.net()
        arrear.save()
        body = {"period": arrear.period.stream, "amount_minor": arrear.amount_minor, "payout": payout.key}
        append(kind="arrear.netted", stream=f"membership:{membership.pk}", by=by, body=body)
    return sum(share.amount_minor for share in netted)


def share_owed(arrear: Arrear) -> ShareOwed:
    """The row as the rules see it."""
    return ShareOwed(arrear.pk, arrear.amount_minor, arrear.written_off_at is not None)


def has_ended_over_shares(membership: Membership) -> bool:
    """Whether the membership ended in arrears, or in a refund that waits for its last shares."""
    return membership.end_reason == Membership.EndReason.ARREARS or hasattr(membership, "refund")


def _owed_and_answered(membership: Membership) -> list[Arrear]:
    """What a locked membership owes, locked, oldest first, without shares whose last attempt is unanswered."""
    owed = Arrear.objects.filter(membership=membership, status=Arrear.Status.OWED)
    return list(_lockable(owed.exclude(pk__in=Retry.objects.filter(status="sent").values("arrear_id"))))


def _lockable(arrears: QuerySet[Arrear]) -> QuerySet[Arrear]:
    """The rows locked in the order of their making, with what the ledger asks of them."""
    found = arrears.select_for_update(of=("self",)).select_related("membership", "share", "period__plan")
    return found.order_by("pk")


def _locked(arrear_id: int) -> Arrear:
    """The arrear, its membership locked before it."""
    membership_id = Arrear.objects.values_list("membership_id", flat=True).get(pk=arrear_id)
    Membership.objects.select_for_update(no_key=True).get(pk=membership_id)
    return _lockable(Arrear.objects.filter(pk=arrear_id)).get()


def _cohort_of(arrear: Arrear) -> str:
    share = arrear.share
    return CohortKey(share.first_notice_on, share.is_gifted, share.carried_minor).code
