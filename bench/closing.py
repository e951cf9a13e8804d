"""Closing a period: the notice and the charge, with any number of members."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from allocation.models import CohortShare, Period
from allocation.services.periods import charge_period, publish_notice
from audit.actors import SYSTEM
from bench.crowd import add_claims, add_members, approve_claims, make_plan, tidy
from bench.figures import Spread, clocked
from members.models import Plan
from members.rules.plans import next_notice_on

CLAIMS_A_PERIOD = 20
NEW_YEAR = dt.date(2025, 1, 1)
ALL_HAVE_JOINED = dt.date(2025, 8, 15)
MOST_PERIODS = 8
"""The periods of the year after that day; with the new year all cohorts become one."""


@dataclass
class _Series:
    """One plan whose periods are closed one after the other."""

    plan: Plan
    notice_on: dt.date
    queries: int = 0
    took: list[float] = field(default_factory=list)

    @classmethod
    def begin(cls, members: int) -> _Series:
        """Enrol the members and close the first period of the year; later members then form other cohorts."""
        plan = make_plan(f"bench-{members}-{Plan.objects.count()}")
        add_members(plan, members)
        tidy()
        first = next_notice_on(plan.versions.get().rules, NEW_YEAR)
        _close(plan, first)
        return cls(plan, ALL_HAVE_JOINED)

    def close_next(self) -> float:
        """Close the next period; returns the seconds it took, without the preparation."""
        _prepare(self.plan)
        self.notice_on = next_notice_on(self.plan.versions.get().rules, self.notice_on)
        return clocked(lambda: _close(self.plan, self.notice_on))

    def figures(self) -> dict[str, Any]:
        """What was found."""
        last = Period.objects.filter(plan=self.plan).latest("notice_on")
        return {
            "members": last.members,
            "claims_a_period": CLAIMS_A_PERIOD,
            "cohorts": CohortShare.objects.filter(period=last).count(),
            **Spread.of(self.took).as_json(),
            "queries": self.queries,
        }


def measure(sizes: Sequence[int], periods: int) -> list[dict[str, Any]]:
    """Close this many periods (at most MOST_PERIODS) of a plan of each size, in turns, so a busy machine slows all.

    One more of each is closed first, to warm up and to count the queries.
    """
    series = [_Series.begin(members) for members in sizes]
    for one in series:
        _prepare(one.plan)
        with CaptureQueriesContext(connection) as captured:
            one.notice_on = next_notice_on(one.plan.versions.get().rules, one.notice_on)
            before = len(captured)
            _close(one.plan, one.notice_on)
            one.queries = len(captured) - before
    for _ in range(periods):
        for one in series:
            one.took.append(one.close_next())
    return [one.figures() for one in series]


def _prepare(plan: Plan) -> None:
    add_claims(plan, CLAIMS_A_PERIOD)
    approve_claims(plan)


def _close(plan: Plan, notice_on: dt.date) -> None:
    period = publish_notice(plan=plan, notice_on=notice_on, by=SYSTEM)
    charge_period(period_id=period.pk, by=SYSTEM)
