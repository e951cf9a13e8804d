"""Rejections that lead to a refund, what the sweep has to do about refunds, and what reviewers read about them."""

from __future__ import annotations

import datetime as dt
from itertools import islice

from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast

from adjudication.models import Claim, Decision
from adjudication.selectors.latest import latest_decision
from allocation.models import Refund
from allocation.rules.arrears import REFUND_AFTER_DAYS, WAITING_PERIOD, SharePaid, is_ill_in_wait, refund_is_due_from
from allocation.rules.payment_states import PaymentState
from allocation.selectors.periods import next_notice_day
from allocation.selectors.statements import StatementLine, lines_of
from audit.selectors.sweeps import ROWS_A_PAGE
from members.access import AnyUser
from members.models import Membership, Plan
from members.rules.dates import start_of_day
from members.rules.eligibility import Trace
from members.rules.eligibility_types import NOT_MET
from members.selectors.memberships import memberships_visible_to


def decision_to_refund(claim: Claim) -> Decision | None:
    """The claim's last decision if it rejects an illness inside the waiting period; otherwise None."""
    if claim.status != Claim.Status.REJECTED:
        return None
    decision = latest_decision(claim)
    if decision is None or decision.outcome != Decision.Outcome.REJECTED:
        return None
    return decision if _names_illness_in_wait(decision) else None


def _names_illness_in_wait(decision: Decision) -> bool:
    trace = Trace.from_json(decision.eligibility_check.trace)
    return is_ill_in_wait(decision.reason_codes, trace.findings)


def claims_to_refund(now: dt.datetime, behind: int = 0) -> list[int]:
    """Claims whose rejection has stood long enough, by memberships that were neither refunded nor aided: the next ones
    behind this id.

    An index finds the decisions that name the clause; `open_refund` checks each claim again under its lock.
    """
    last = Decision.objects.filter(claim=OuterRef("claim")).order_by("-sequence").values("pk")[:1]
    found = (
        Decision.objects.filter(
            ~Exists(Refund.objects.filter(membership=OuterRef("claim__membership"))),
            claim_id__gt=behind,
            outcome=Decision.Outcome.REJECTED,
            reason_codes__contains=[WAITING_PERIOD],
            decided_at__lte=now - dt.timedelta(days=REFUND_AFTER_DAYS),
            claim__status=Claim.Status.REJECTED,
            pk=Subquery(last),
            eligibility_check__trace__contains={"findings": [{"clause": WAITING_PERIOD, "result": NOT_MET}]},
            # Keeps out illnesses from before joining; a day wide because of time zones, since the trace decides below.
            claim__first_diagnosed_on__gte=Cast(F("claim__membership__waits_from") - dt.timedelta(days=1), DateField()),
        )
        .exclude(claim__membership__end_reason=Membership.EndReason.AIDED)
        .select_related("eligibility_check")
        .order_by("claim_id")
    )
    # Read one after the other: a page in which no trace names the illness would be taken for the end.
    named = (decision.claim_id for decision in found.iterator(ROWS_A_PAGE) if _names_illness_in_wait(decision))
    return list(islice(named, ROWS_A_PAGE))


def is_due(decision: Decision, now: dt.datetime) -> bool:
    """Whether the decision has stood long enough."""
    return refund_is_due_from(decision.decided_at) <= now


def shares_to_refund(membership: Membership) -> list[SharePaid] | None:
    """The shares of an ended membership, paid or not; None while it is not yet known which of them will be paid.

    That is while a notice may still count it, a share is not charged, or its collection or failures are awaited.
    """
    if membership.left_at is None or _may_be_counted_again(membership, membership.left_at):
        return None
    lines = lines_of(membership)
    if any(line.payment in {PaymentState.ANNOUNCED, PaymentState.COLLECTING, PaymentState.OWED} for line in lines):
        return None
    if any(line.payment == PaymentState.COLLECTED and not line.are_failures_read for line in lines):
        return None
    return [_share_paid(line) for line in lines]


def _may_be_counted_again(membership: Membership, left_at: dt.datetime) -> bool:
    plan = membership.plan
    # `<=`: a member who leaves at 00:00 of the notice day is still counted.
    return start_of_day(next_notice_day(plan), plan.timezone) <= left_at


def _share_paid(line: StatementLine) -> SharePaid:
    return SharePaid(
        line.share_minor, line.payment in {PaymentState.COLLECTED, PaymentState.PAID_LATER}, line.is_gifted
    )


def refunds_to_calculate(behind: int = 0) -> list[int]:
    """Refunds whose amount is not known yet, the next ones behind this id: they wait for the last collections."""
    found = Refund.objects.filter(status=Refund.Status.OPENED, pk__gt=behind)
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])


def refunds_due(now: dt.datetime, behind: int = 0) -> list[int]:
    """Refunds to send or to ask about now, escalated ones too: the next ones behind this id."""
    found = Refund.objects.exclude(status=Refund.Status.OPENED).filter(next_attempt_at__lte=now, pk__gt=behind)
    return list(found.order_by("pk").values_list("pk", flat=True)[:ROWS_A_PAGE])


def refunds_visible_to(user: AnyUser) -> QuerySet[Refund]:
    """Reviewers and auditors see all, others their own and those of the people they pay for. Newest first."""
    found = Refund.objects.filter(membership__in=memberships_visible_to(user).order_by().values("pk"))
    return found.select_related("claim", "membership__plan").order_by("-pk")


def refunds_of_plan(plan: Plan) -> QuerySet[Refund]:
    """The plan's refunds: escalated ones first, then those that are not settled."""
    found = Refund.objects.filter(membership__plan=plan).select_related("claim", "membership__plan")
    needs_a_person = Q(status=Refund.Status.UNKNOWN)
    return found.annotate(stuck=needs_a_person).order_by("-stuck", F("settled_at").desc(nulls_first=True), "-pk")
