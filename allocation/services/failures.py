"""Reading from the payment service which members of a collected batch did not pay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import structlog
from django.db import transaction
from django.utils import timezone

from allocation.gateways import Failure, GatewayUnreachable, payment_gateway
from allocation.models import Arrear, Collection
from allocation.rules.arrears import grace_ends_at, next_try_at
from allocation.rules.cohorts import CohortKey
from allocation.rules.ledger import post_failed_collection
from allocation.selectors.failures import members_in
from allocation.services.calendar import payment_moment
from allocation.services.ledger import post
from audit.actors import SYSTEM
from audit.services import append
from members.models import Membership

log = structlog.get_logger(__name__)


def read_failures(*, collection_id: int) -> int:
    """Read every report of a failure that is new; says how many members turned out not to have paid.

    Safe to run twice, by two at once and after a crash anywhere: a report is booked in one transaction with the number
    up to which the reports are read. Without an answer the next sweep asks again.
    """
    collection = Collection.objects.get(pk=collection_id)
    opened = 0
    while collection.status == Collection.Status.SETTLED:
        try:
            failures = payment_gateway().failures(key=collection.key, after=collection.failures_read)
        except GatewayUnreachable:
            log.warning("failures.no_answer", collection_id=collection_id)
            break
        collection, booked = _book(collection_id, failures)
        opened += booked
        if not failures:
            break
    return opened


def _book(collection_id: int, failures: Sequence[Failure]) -> tuple[Collection, int]:
    with transaction.atomic():
        collection = Collection.objects.select_for_update().get(pk=collection_id)
        new = [failure for failure in failures if failure.number > collection.failures_read]
        if not failures:
            # Only now everything is read: after a crash between two pages the next sweep goes on at once.
            collection.failures_asked_at = timezone.now()
        collection.failures_read = max([collection.failures_read, *(failure.number for failure in new)])
        collection.save(update_fields=["failures_asked_at", "failures_read"])
        return collection, _open_arrears(collection, new) if new else 0


def _open_arrears(collection: Collection, failures: Sequence[Failure]) -> int:
    """A row, and an entry, for each member reported whose share this was and who is not known to owe it."""
    share, period = collection.share, collection.share.period
    reported = {failure.member for failure in failures}
    numbers = [membership.pk for membership in members_in(collection, reported)]
    # Locked before their arrears, as everywhere: a membership that is about to end waits, or is found ended.
    members = Membership.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=numbers).order_by("pk")
    known = set(Arrear.objects.filter(period=period, membership__in=numbers).values_list("membership_id", flat=True))
    owing = [membership for membership in members.select_related("refund") if membership.pk not in known]
    failed_at = payment_moment(period)
    arrears = Arrear.objects.bulk_create(_arrear(collection, membership, failed_at) for membership in owing)
    key = CohortKey(share.first_notice_on, share.is_gifted, share.carried_minor).code
    post(
        plan=period.plan,
        period=period,
        kind="failed_collection",
        key=f"failed:{collection.key}:{collection.failures_read}",
        postings=post_failed_collection(key, share.per_member_minor, len(arrears)),
        by=SYSTEM,
    )
    for arrear in arrears:
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
    body = {"reported": len(reported), "opened": len(arrears), "not_theirs": len(reported) - len(numbers)}
    append(kind="failures.read", stream=period.stream, by=SYSTEM, body={"cohort": key, **body})
    return len(arrears)


def _arrear(collection: Collection, membership: Membership, failed_at: dt.datetime) -> Arrear:
    share, period = collection.share, collection.share.period
    rules = period.plan_version.rules
    has_ended = membership.end_reason == Membership.EndReason.ARREARS or hasattr(membership, "refund")
    # Whose membership has ended over its shares gets no second grace: what fails now is written off with the rest.
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
    )
