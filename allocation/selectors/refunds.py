"""Rejections that lead to a refund, what the sweep has to do about refunds, and what reviewers read of them."""

from __future__ import annotations

import datetime as dt

from django.db.models import DateField, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast

from adjudication.models import Claim, Decision
from allocation.models import Refund
from allocation.rules.arrears import REFUND_AFTER_DAYS, WAITING_PERIOD, SharePaid, is_ill_in_wait, refund_is_due_from
from allocation.selectors.periods import next_notice_day
from allocation.selectors.statements import StatementLine, lines_of
from members.access import AnyUser
from members.models import Membership, Plan
from members.rules.dates import start_of_day
from members.rules.eligibility import Trace
from members.rules.eligibility_types import NOT_MET
from members.selectors.memberships import memberships_visible_to

MOST_AT_ONCE = 500


def decision_to_refund(claim: Claim) -> Decision | None:
    """The claim's last decision, where it rejects an illness inside the waiting period; otherwise None."""
    if claim.status != Claim.Status.REJECTED:
        return None
    decision = claim.decisions.select_related("eligibility_check").order_by("-sequence").first()
    if decision is None or decision.outcome != Decision.Outcome.REJECTED:
        return None
    return decision if _names_illness_in_wait(decision) else None


def _names_illness_in_wait(decision: Decision) -> bool:
    trace = Trace.from_json(decision.eligibility_check.trace)
    return is_ill_in_wait(decision.reason_codes, trace.findings)


def claims_to_refund(now: dt.datetime) -> list[int]:
    """Claims whose rejection has stood long enough, by memberships that were neither refunded nor aided.

    An index finds the decisions that name the clause; each claim is looked at once more under its lock.
    """
    last = Decision.objects.filter(claim=OuterRef("claim")).order_by("-sequence").values("pk")[:1]
    found = (
        Decision.objects.filter(
            outcome=Decision.Outcome.REJECTED,
            reason_codes__contains=[WAITING_PERIOD],
            decided_at__lte=now - dt.timedelta(days=REFUND_AFTER_DAYS),
            claim__status=Claim.Status.REJECTED,
            claim__membership__refund=None,
            pk=Subquery(last),
            eligibility_check__trace__contains={"findings": [{"clause": WAITING_PERIOD, "result": NOT_MET}]},
            # A day too generous, for time zones: whoever was ill long before joining is never met here.
            claim__first_diagnosed_on__gte=Cast(F("claim__membership__waits_from") - dt.timedelta(days=1), DateField()),
        )
        .exclude(claim__membership__end_reason=Membership.EndReason.AIDED)
        .select_related("eligibility_check")
        .order_by("decided_at", "pk")
    )
    return [decision.claim_id for decision in found[:MOST_AT_ONCE] if _names_illness_in_wait(decision)]


def is_due(decision: Decision, now: dt.datetime) -> bool:
    """Whether the decision has stood long enough."""
    return refund_is_due_from(decision.decided_at) <= now


def shares_to_refund(membership: Membership) -> list[SharePaid] | None:
    """The shares of a membership that has ended, paid or not; None while it isn't known yet what will have been paid.

    That is while a notice may still count it, a share is not charged, or its collection or its failures are awaited.
    """
    if membership.left_at is None or _may_be_counted_again(membership, membership.left_at):
        return None
    lines = lines_of(membership)
    if any(line.payment in {"announced", "collecting", "owed"} for line in lines):
        return None
    if any(line.payment == "collected" and not line.are_failures_read for line in lines):
        return None
    return [_share_paid(line) for line in lines]


def _may_be_counted_again(membership: Membership, left_at: dt.datetime) -> bool:
    plan = membership.plan
    return start_of_day(next_notice_day(plan), plan.timezone) <= left_at


def _share_paid(line: StatementLine) -> SharePaid:
    return SharePaid(line.share_minor, line.payment in {"collected", "paid_later"}, line.is_gifted)


def open_refunds() -> list[int]:
    """Refunds to reckon, to send or to ask about, oldest first; one of unknown fate waits for a person."""
    found = Refund.objects.filter(status__in=[Refund.Status.OPENED, Refund.Status.PENDING, Refund.Status.SENT])
    return list(found.order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])


def refunds_visible_to(user: AnyUser) -> QuerySet[Refund]:
    """Reviewers and auditors see all; anybody else their own and those of whom they pay for. Newest first."""
    found = Refund.objects.filter(membership__in=memberships_visible_to(user).order_by().values("pk"))
    return found.select_related("claim", "membership__plan").order_by("-pk")


def refunds_of_plan(plan: Plan) -> QuerySet[Refund]:
    """The plan's refunds; those that need a person come first, then those that are not done."""
    found = Refund.objects.filter(membership__plan=plan).select_related("claim", "membership__plan")
    needs_a_person = Q(status=Refund.Status.UNKNOWN)
    return found.annotate(stuck=needs_a_person).order_by("-stuck", F("settled_at").desc(nulls_first=True), "-pk")
