"""The approved claims that wait for their money, one query for each kind of wait; `allocation/waits.py` names them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Case, DateTimeField, F, Q, QuerySet, Value, When

from adjudication.models import Claim
from adjudication.selectors.wait_terms import NEVER, Terms, fixed, later, running
from allocation.models import AidLine, Payout, Period
from allocation.rules.asking import FOR_A_PERSON_AFTER
from allocation.selectors.periods import approved_unallocated, next_notice_day
from members.errors.plans import NoRulesInForce
from members.models import Plan
from members.rules.dates import start_of_day
from members.rules.plans import next_notice_on
from members.selectors.plans import version_in_force
from pages.moments import page_now

Rows = QuerySet[Any]


def for_a_notice(_terms: Terms) -> Rows:
    """Approved claims that no notice has included yet."""
    found = approved_unallocated().filter(hold_reason="").exclude(pk__in=Payout.objects.values("claim"))
    plans = Plan.objects.filter(pk__in=found.order_by().values("plan"))
    found = found.annotate(_since=later(F("status_since"), F("released_at")))
    # A claim that was approved after a notice day is not late because that notice is.
    whens = [When(plan=plan.pk, _since__lt=at, then=Value(at)) for plan in plans for at in _notices(plan)]
    next_notice = Case(*whens, default=NEVER, output_field=DateTimeField())
    return running(found, claim="pk", since=F("_since"), until=next_notice)


def for_a_charge(_terms: Terms) -> Rows:
    """Approved claims in a notice that is not charged yet."""
    found = AidLine.objects.filter(left_because="", period__status=Period.Status.NOTICED)
    periods = Period.objects.filter(status=Period.Status.NOTICED).select_related("plan").defer("notice_figures")
    ends = {period.pk: start_of_day(period.charge_on, period.plan.timezone) for period in periods}
    whens = [When(period=pk, then=Value(at)) for pk, at in ends.items()]
    charge = Case(*whens, default=NEVER, output_field=DateTimeField())
    return running(found, claim="claim_id", since=F("period__noticed_at"), until=charge)


def for_an_answer(_terms: Terms) -> Rows:
    """Payouts that are sent, or about to be, while no person is needed yet."""
    found = Payout.objects.filter(escalated_at=None, claim__hold_reason="").exclude(status=Payout.Status.SETTLED)
    since = later(F("created_at"), F("unanswered_since"), F("claim__released_at"))
    return running(found, claim="claim_id", since=since, until=fixed(since, FOR_A_PERSON_AFTER))


def for_a_person(_terms: Terms) -> Rows:
    """Payouts that were refused, or not answered for hours: a person has to look into them."""
    found = Payout.objects.filter(escalated_at__isnull=False).exclude(status=Payout.Status.SETTLED)
    return running(found.filter(Q(claim__status=Claim.Status.APPROVED)), claim="claim_id", since=F("escalated_at"))


def _notices(plan: Plan) -> list[dt.datetime]:
    """When the next notice is due, in the past if it should have been published, and the one after it; none without
    rules in force.
    """
    try:
        day = next_notice_day(plan)
    except NoRulesInForce:
        return []
    version = version_in_force(plan, page_now())
    days = [day] if version is None else [day, next_notice_on(version.rules, day)]
    return [start_of_day(one, plan.timezone) for one in days]
