"""Histories of joins, leaves, moves, aid and charges, as hypothesis makes them up, through the services.

No history makes memberships of one plan overlap, a negative wait, two successors, or a trace that contradicts its
outcome; nobody pays more in a calendar year than the cap, and the sum of a statement is that of its shares.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from allocation.models import Period
from allocation.selectors.statements import line_of_period
from allocation.services.memberships import move, rejoin_or_join
from allocation.services.periods import charge_period, publish_notice
from audit.actors import SYSTEM
from members.errors.memberships import AlreadyMember, MembershipEnded, TooOldToJoin, TooYoungToJoin
from members.errors.moves import NoWayIn, TooOldToMove, TooYoungToMove
from members.models import Membership, Person, PlanVersion
from members.rules.dates import completed_years, local_day, start_of_day
from members.rules.eligibility import ELIGIBLE, NOT_ELIGIBLE, Facts, Trace, check_eligibility
from members.rules.plans import next_notice_on
from members.selectors.moves import lines_of
from members.services.memberships import end_line, end_membership
from tests.allocation.making import make_approved_claim, make_members, reject
from tests.factories import SHANGHAI, make_person, make_plan_version
from tests.moving import set_clock

ZONE = "Asia/Shanghai"
WELL = {"medicine_30_days": False, "hospital_15_days": False, "covered_condition": False, "open_examination": False}
BEGIN = dt.datetime(2019, 5, 3, 9, tzinfo=SHANGHAI)
CAPS = {"xhb-mutual-2018-10-16": "60", "xhb-2019-01-01": "90", "xhb-senior-2019-05-01": "40"}
# Born so that somebody turns 60 on the way, somebody is 60 already, and somebody stays young.
BORN = (dt.date(1959, 9, 1), dt.date(1955, 2, 28), dt.date(1990, 6, 1))


def capped(name: str, cap: str) -> PlanVersion:
    pieces = {
        'case_cap_per_head = "0.10"': 'case_cap_per_head = "none"',
        '["case_cap_excess", "gifts"': '["case_cap_excess", "annual_cap_excess", "gifts"',
    }
    for old in ('annual_cap_per_member = "none"', 'annual_cap_per_member = "188.00"', 'annual_cap_per_member = "188"'):
        pieces[old] = f'annual_cap_per_member = "{cap}"'
    pieces["closed_from = 2018-11-27T12:00:00"] = 'closed_from = "none"'
    return make_plan_version(name, **pieces)


Coming = tuple[int, int]
PEOPLE, PLANS = st.integers(0, 2), st.integers(0, 2)
COMINGS = st.lists(st.tuples(PEOPLE, st.sampled_from((0, 0, 3))), max_size=2)


class Histories(RuleBasedStateMachine):
    """Three people, three plans, and a clock that only goes on."""

    def __init__(self) -> None:
        super().__init__()
        self._atomic = transaction.atomic()
        self._atomic.__enter__()
        self.now = BEGIN
        self.held: dict[tuple[int, int], int] = {}
        """The number of the membership that a person has of a plan now: what the database must agree with."""

    @initialize()
    def found(self) -> None:
        self.versions = [capped(name, cap) for name, cap in CAPS.items()]
        assert all(version.rules.annual_cap_minor for version in self.versions)
        self.people: list[Person] = [make_person(born_on=born_on) for born_on in BORN]
        for version in self.versions:
            make_members(version.plan, 2)
        for who, plan in ((0, 0), (0, 1), (1, 2), (2, 1)):
            self.joins(who=who, plan=plan)

    def teardown(self) -> None:
        try:
            if hasattr(self, "people"):
                self._nobody_pays_more_than_the_cap()
                self._no_trace_contradicts_itself()
        finally:
            transaction.set_rollback(True)
            self._atomic.__exit__(None, None, None)

    @rule(days=st.sampled_from((1, 8, 95)))
    def time_passes(self, days: int) -> None:
        self.now += dt.timedelta(days=days, minutes=1)

    @rule(who=PEOPLE, plan=PLANS)
    def joins(self, who: int, plan: int) -> None:
        person, version = self.people[who], self.versions[plan]
        key = person.pk, version.plan_id
        try:
            made = rejoin_or_join(
                person=person, plan=version.plan, health_answers=WELL, by=SYSTEM, joined_at=self._tick()
            )
        except AlreadyMember:
            assert key in self.held
        except (TooOldToJoin, TooYoungToJoin):
            oldest, youngest = version.rules.join.age_max_years, version.rules.join.age_min_years
            assert not youngest <= completed_years(person.born_on, local_day(self.now, ZONE)) <= oldest
        else:
            assert key not in self.held
            assert made.waits_from == made.joined_at
            self.held[key] = made.pk

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def leaves(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.held)))
        end_membership(membership_id=self.held.pop(key), at=self._tick(), reason="left", by=SYSTEM)

    @rule(who=PEOPLE, plan=PLANS, into=PLANS)
    def moves(self, who: int, plan: int, into: int) -> None:
        old = Membership.objects.filter(person=self.people[who], plan=self.versions[plan].plan).last()
        if old is None:
            return
        target = self.versions[into].plan
        try:
            new = move(membership_id=old.pk, plan=target, health_answers=WELL, by=SYSTEM, moved_at=self._tick())
        except MembershipEnded:
            assert (old.person_id, old.plan_id) not in self.held
        except AlreadyMember:
            assert (old.person_id, target.pk) in self.held
        except (NoWayIn, TooOldToMove, TooYoungToMove):
            assert self.held[old.person_id, old.plan_id] == old.pk
        else:
            assert self.held.pop((old.person_id, old.plan_id)) == old.pk
            assert new.waits_from == old.waits_from
            self.held[new.person_id, new.plan_id] = new.pk

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def is_aided(self, data: st.DataObject) -> None:
        """For any membership of the line, as when the illness came before a move: what it became ends."""
        key = data.draw(st.sampled_from(sorted(self.held)))
        line = lines_of([self.held[key]])[self.held[key]]
        ended = end_line(membership_id=line[0], at=self._tick(), reason="aided", by=SYSTEM)
        assert ended is not None
        assert ended.pk == self.held.pop(key)

    @rule(
        plan=PLANS,
        amount=st.sampled_from((50_00, 150_00, 400_00)),
        late=st.sampled_from((0, 0, 9)),
        falls=st.booleans(),
        before=COMINGS,
        between=COMINGS,
    )
    def a_period_runs(
        self, plan: int, amount: int, late: int, falls: bool, before: list[Coming], between: list[Coming]
    ) -> None:
        """The next notice is published, on its day or late, and charged, with all its claims or without one.

        Before it, between its notice day and the notice, and between the notice and the charge people come and go.
        """
        version = self.versions[plan]
        latest = Period.objects.filter(plan=version.plan).order_by("notice_on").last()
        notice_on = next_notice_on(version.rules, latest.notice_on if latest else BEGIN.date())
        while notice_on < local_day(self.now, ZONE) - dt.timedelta(days=20):
            notice_on = next_notice_on(version.rules, notice_on)
        self.now = max(self.now, start_of_day(notice_on, ZONE) + dt.timedelta(hours=1))
        self._come_and_go(plan, before)
        self.now += dt.timedelta(days=late)
        for _each in range(2):
            make_approved_claim(version, amount, make_members(version.plan, 1, is_gifted=True)[0])
        set_clock(self.now)
        period = publish_notice(plan=version.plan, notice_on=notice_on, by=SYSTEM)
        self._come_and_go(plan, between)
        self.now = max(self.now, start_of_day(period.charge_on, ZONE) + dt.timedelta(hours=9))
        self._maybe_leave(period, falls)
        set_clock(self.now)
        charge_period(period_id=period.pk, by=SYSTEM)

    def _come_and_go(self, plan: int, comings: list[Coming]) -> None:
        """Each leaves the plan, if they are in it, and comes back some days later."""
        for who, days in comings:
            key = self.people[who].pk, self.versions[plan].plan_id
            if key in self.held:
                end_membership(membership_id=self.held.pop(key), at=self._tick(), reason="left", by=SYSTEM)
            self.now += dt.timedelta(days=days, minutes=1)
            self.joins(who=who, plan=plan)

    def _maybe_leave(self, period: Period, falls: bool) -> None:
        line = period.lines.first() if falls else None
        if line is not None:
            reject(line.claim)

    def _tick(self) -> dt.datetime:
        self.now += dt.timedelta(seconds=1)
        return set_clock(self.now)

    @invariant()
    def memberships_follow_each_other(self) -> None:
        if not hasattr(self, "people"):
            return
        rows = list(Membership.objects.filter(person__in=self.people).order_by("joined_at"))
        assert {(row.person_id, row.plan_id): row.pk for row in rows if row.left_at is None} == self.held
        by_pk = {row.pk: row for row in rows}
        before: dict[tuple[int, int], Membership] = {}
        for row in rows:
            earlier = before.get((row.person_id, row.plan_id))
            assert earlier is None or (earlier.left_at is not None and earlier.left_at <= row.joined_at)
            before[row.person_id, row.plan_id] = row
            assert row.waits_from <= row.joined_at
            if row.moved_from_id is not None:
                old = by_pk[row.moved_from_id]
                assert (old.person_id, old.left_at, old.end_reason) == (row.person_id, row.joined_at, "transferred")
            else:
                assert row.waits_from == row.joined_at
        moved = [row.moved_from_id for row in rows if row.moved_from_id is not None]
        assert len(set(moved)) == len(moved)

    def _nobody_pays_more_than_the_cap(self) -> None:
        for period in Period.objects.filter(status=Period.Status.NOTICED):
            set_clock(max(self.now, start_of_day(period.charge_on, ZONE)))
            charge_period(period_id=period.pk, by=SYSTEM)
        periods = list(Period.objects.order_by("notice_on").prefetch_related("shares"))
        for person in self.people:
            paid: dict[tuple[int, int], int] = defaultdict(int)
            memberships = list(Membership.objects.filter(person=person))
            for period in periods:
                lines = [line_of_period(one, period) for one in memberships if one.plan_id == period.plan_id]
                told = [line for line in lines if line is not None]
                assert len(told) <= 1
                for line in told:
                    year = period.plan_id, period.notice_on.year
                    paid[year] += line.share_minor
                    assert line.year_to_date_minor == paid[year]
                    assert paid[year] <= (period.plan_version.rules.annual_cap_minor or 0)

    def _no_trace_contradicts_itself(self) -> None:
        rules = {version.plan_id: version.rules for version in self.versions}
        for row in Membership.objects.filter(person__in=self.people).select_related("person"):
            joined_on = local_day(row.joined_at, ZONE)
            left_on = local_day(row.left_at, ZONE) if row.left_at else None
            wait_ends_on = local_day(row.waits_from, ZONE) + dt.timedelta(days=89)
            days = {joined_on, wait_ends_on, wait_ends_on + dt.timedelta(days=1)} | ({left_on} if left_on else set())
            for on in days:
                trace = check_eligibility(_facts(row, on), rules[row.plan_id])
                results = {finding.clause: finding.result for finding in trace.findings}
                assert (trace.outcome == NOT_ELIGIBLE) == ("not_met" in results.values())
                assert (trace.outcome == ELIGIBLE) == (set(results.values()) == {"met"})
                assert Trace.from_json(trace.as_json()) == trace
                is_member = joined_on <= on and (left_on is None or on <= left_on)
                assert (results["membership"] == "met") == is_member
                assert (results["waiting_period"] == "met") == (on > wait_ends_on)


def _facts(row: Membership, on: dt.date) -> Facts:
    return Facts(
        born_on=row.person.born_on,
        joined_at=row.joined_at,
        left_at=row.left_at,
        waiting_from=row.waits_from,
        first_diagnosed_on=on,
        submitted_at=start_of_day(on, ZONE) + dt.timedelta(days=2),
        icd10="C50.9",
        severity="severe",
        health_answers=WELL,
        is_health_statement_true=True,
    )


@pytest.mark.django_db
def test_no_history_breaks_what_must_hold() -> None:
    examples = settings(
        max_examples=8,
        stateful_step_count=15,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Histories, settings=examples)
