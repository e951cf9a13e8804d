"""Closing a period: the notice and the charge, at any number of members."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from allocation.models import CohortShare, Period
from allocation.services.periods import charge_period, publish_notice
from audit.actors import SYSTEM
from config.bench.crowd import add_claims, add_members, approve_claims, make_plan, tidy
from config.bench.figures import Spread, clocked
from members.models import Plan
from members.rules.plans import next_notice_on

CLAIMS_A_PERIOD = 20
NEW_YEAR = dt.date(2025, 1, 1)
ALL_HAVE_JOINED = dt.date(2025, 8, 15)
MOST_PERIODS = 8
"""As many as the year has after that day; with the new year all cohorts become one."""


def measure(members: int, periods: int) -> dict[str, Any]:
    """Close so many periods of a plan with so many members (at most MOST_PERIODS).

    Two come before them: the first of the year, from which members who join later differ, and one to warm up and to
    count the queries.
    """
    plan = make_plan(f"bench-{members}")
    add_members(plan, members)
    tidy()
    rules = plan.versions.get().rules
    _close(plan, next_notice_on(rules, NEW_YEAR))
    notice_on = next_notice_on(rules, ALL_HAVE_JOINED)
    with CaptureQueriesContext(connection) as captured:
        _prepare(plan)
        before = len(captured)
        _close(plan, notice_on)
        queries = len(captured) - before
    took = []
    for _ in range(periods):
        _prepare(plan)
        notice_on = next_notice_on(rules, notice_on)
        took.append(clocked(lambda day=notice_on: _close(plan, day)))  # type: ignore[misc]
    last = Period.objects.filter(plan=plan).latest("notice_on")
    return {
        "members": last.members,
        "claims_a_period": CLAIMS_A_PERIOD,
        "cohorts": CohortShare.objects.filter(period=last).count(),
        **Spread.of(took).as_json(),
        "queries": queries,
    }


def _prepare(plan: Plan) -> None:
    add_claims(plan, CLAIMS_A_PERIOD)
    approve_claims(plan)


def _close(plan: Plan, notice_on: dt.date) -> None:
    period = publish_notice(plan=plan, notice_on=notice_on, by=SYSTEM)
    charge_period(period_id=period.pk, by=SYSTEM)
