"""Joining a plan, moving from one into another, and leaving."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from audit import clock
from audit.actors import Actor
from audit.services import append
from members.errors.memberships import (
    AlreadyMember,
    EndsBeforeItBegins,
    GiftsNotGiven,
    HealthStatementForbids,
    HealthStatementIncomplete,
    JoinsInTheFuture,
    MembershipEnded,
    NewbornTooYoungToJoin,
    TooOldToJoin,
    TooYoungToJoin,
)
from members.errors.people import BirthImpossible
from members.errors.plans import NoRulesInForce
from members.models import HealthStatement, Membership, Person, Plan, PlanVersion
from members.models.memberships import NEVER_OVERLAP, EndReason
from members.rules import joining
from members.rules.dates import local_day
from members.rules.moves import waits_from_after
from members.rules.plans import PlanRules, WayIn, first_notice_after
from members.selectors.memberships import left_before
from members.selectors.moves import check_is_open, line_of, way_between
from members.selectors.plans import title_of, version_in_force
from members.services.dissolutions import check_takes_members
from members.services.messages import tell
from members.services.people import check_may_act_for

TOLD_OF_ENDS = {
    EndReason.LEFT: "members.membership_left",
    EndReason.AIDED: "members.membership_ended_by_aid",
    EndReason.ARREARS: "members.membership_ended_by_arrears",
    EndReason.ILL_IN_WAIT: "members.membership_ended_in_wait",
    EndReason.PAST_AGE: "members.membership_ended_by_age",
}
"""A move has a message of its own, and the end of a plan is told to all at once."""
AN_INSTANT = dt.timedelta(microseconds=1)
"""The least time that a membership lasts: without any it would cover nothing."""


@transaction.atomic
def join_plan(
    *,
    person: Person,
    plan: Plan,
    joined_at: dt.datetime,
    health_answers: Mapping[str, bool],
    by: Actor,
    waits_from: dt.datetime | None = None,
    is_gifted: bool = False,
    carried_minor: int = 0,
) -> Membership:
    """Make somebody a member, by the joining rules of the version in force at `joined_at`.

    `health_answers` are the answers by question code, true for yes; they are stored as signed. `waits_from` is given
    for somebody who moves from another plan without a new wait; `carried_minor` is what they paid this year.
    Raises NotTheirs, JoinsInTheFuture, NoRulesInForce, TooOldToJoin, TooYoungToJoin, NewbornTooYoungToJoin,
    HealthStatementIncomplete, HealthStatementForbids, AlreadyMember, GiftsNotGiven, PlanClosed, PlanDissolving.
    """
    check_may_act_for(by, person)
    now = clock.now()
    if joined_at > now:
        raise JoinsInTheFuture
    version = version_in_force(plan, joined_at)
    if version is None:
        raise NoRulesInForce(plan=title_of(plan), on=local_day(joined_at, plan.timezone))
    check_takes_members(plan)
    check_is_open(version.rules, joined_at)
    if is_gifted and not version.rules.sponsor.gives_shares:
        raise GiftsNotGiven(plan=title_of(plan))
    answers = _signed_answers(version.rules, health_answers)
    _check_age(version.rules, person.born_on, joined_at)
    _check_health(version.rules, answers)
    membership = _store(
        Membership(
            plan=plan,
            person=person,
            joined_at=joined_at,
            waits_from=waits_from or joined_at,
            first_notice_on=first_notice_after(version.rules, joined_at),
            is_gifted=is_gifted,
            carried_minor=carried_minor,
        )
    )
    HealthStatement.objects.create(membership=membership, plan_version=version, answers=answers, signed_at=now)
    stream, facts = f"membership:{membership.pk}", _joined_facts(membership, version)
    entry = append(kind="membership.joined", stream=stream, by=by, body=facts)
    tell("members.joined", to=person, entry=entry, plan=plan.code, notice=membership.first_notice_on)
    return membership


@transaction.atomic
def move_to_plan(
    *,
    membership_id: int,
    plan: Plan,
    health_answers: Mapping[str, bool],
    by: Actor,
    moved_at: dt.datetime | None = None,
    carried_minor: int = 0,
) -> Membership:
    """End a membership and begin one of another plan at the same moment, as the other plan's rules of then allow.

    By the member's own act or the payer's; the plan moves nobody. The wait continues where those rules count it; a
    gift does not, since it comes from the sponsor of one plan. `carried_minor` is what the person has paid this year in
    the plan that they move to, as a member of it before; what they paid in the one that they leave does not count
    there. An open claim does not prevent it: it belongs to the membership of its first diagnosis and is judged by the
    rules of then. Raises NotTheirs, JoinsInTheFuture, MembershipEnded, EndsBeforeItBegins, NoRulesInForce, NoWayIn,
    TooOldToMove, TooYoungToMove, HealthStatementIncomplete, HealthStatementForbids, AlreadyMember, PlanClosed,
    PlanDissolving.
    """
    found = Membership.objects.select_related("plan", "person__payer").select_for_update(of=("self",))
    # Locked before anything is read from it: a second move, or a leave, at the same time waits and finds it ended.
    old = found.get(pk=membership_id)
    check_may_act_for(by, old.person)
    # After the lock, since waiting for it takes time.
    now = clock.now()
    at = moved_at or now
    if at > now:
        raise JoinsInTheFuture
    if old.left_at is not None:
        raise MembershipEnded(day=local_day(old.left_at, old.plan.timezone))
    version = version_in_force(plan, at)
    if version is None:
        raise NoRulesInForce(plan=title_of(plan), on=local_day(at, plan.timezone))
    check_takes_members(plan)
    way = way_between(old, version, at)
    answers = _signed_answers(version.rules, health_answers) if way.asks_health else {}
    if way.asks_health:
        _check_health(version.rules, answers)
    end_membership(membership_id=old.pk, at=at, reason=EndReason.TRANSFERRED, by=by)
    new = _store(
        Membership(
            plan=plan,
            person=old.person,
            joined_at=at,
            waits_from=waits_from_after(way, old.waits_from, at),
            first_notice_on=first_notice_after(version.rules, at),
            carried_minor=carried_minor,
            moved_from=old,
        )
    )
    if way.asks_health:
        HealthStatement.objects.create(membership=new, plan_version=version, answers=answers, signed_at=now)
    _append_move(old, new, version, way, by)
    return new


@transaction.atomic
def end_membership(*, membership_id: int, at: dt.datetime, reason: str, by: Actor) -> Membership:
    """End a membership at a moment, for a reason of `EndReason`.

    Raises MembershipEnded, EndsBeforeItBegins.
    """
    found = Membership.objects.select_for_update(of=("self",)).select_related("plan", "person__payer")
    membership = found.get(pk=membership_id)
    if membership.left_at is not None:
        raise MembershipEnded(day=local_day(membership.left_at, membership.plan.timezone))
    # A membership [joined_at, left_at) of no length would cover nothing: equality is refused too.
    if at <= membership.joined_at:
        raise EndsBeforeItBegins
    membership.left_at = at
    membership.end_reason = EndReason(reason)
    membership.save(update_fields=["left_at", "end_reason"])
    body = {"left_at": at.isoformat(), "reason": str(membership.end_reason)}
    entry = append(kind="membership.ended", stream=f"membership:{membership.pk}", by=by, body=body)
    if told := TOLD_OF_ENDS.get(EndReason(reason)):
        tell(told, to=membership.person, entry=entry, plan=membership.plan.code)
    return membership


@transaction.atomic
def end_line(*, membership_id: int, at: dt.datetime, reason: str, by: Actor) -> Membership | None:
    """End a membership or, where the member has moved on since, the one that it became; None where all have ended.

    For what ends being a member and not only being one in one plan, such as aid: one payment for the whole line.
    """
    for pk in line_of(membership_id):
        # Locked before the look: somebody who leaves at the same time has then left, or waits.
        membership = Membership.objects.select_for_update().get(pk=pk)
        if membership.left_at is None:
            # Moved into after the moment itself, where a demonstration plays a day that has passed.
            ends_at = at if at > membership.joined_at else clock.now_after(membership.joined_at + AN_INSTANT)
            return end_membership(membership_id=pk, at=ends_at, reason=reason, by=by)
    return None


@transaction.atomic
def leave_plan(*, membership_id: int, by: Actor) -> Membership:
    """Leave now, by the member's own act or the payer's; the period that has counted them is still paid.

    Raises NotTheirs, MembershipEnded.
    """
    membership = Membership.objects.select_related("person__payer").get(pk=membership_id)
    check_may_act_for(by, membership.person)
    # Everybody who has joined can leave, also where the clock was set back behind the joining meanwhile.
    at = clock.now_after(membership.joined_at + AN_INSTANT)
    return end_membership(membership_id=membership_id, at=at, reason=EndReason.LEFT, by=by)


def _store(membership: Membership) -> Membership:
    """Store a new membership. Raises AlreadyMember where the person has one of this plan at that time."""
    membership.previous_left_at = left_before(membership.person, membership.plan, membership.joined_at)
    try:
        # The constraints decide, not a query before them: two concurrent joins would both find none.
        with transaction.atomic():
            membership.save()
    except IntegrityError as error:
        if NEVER_OVERLAP not in str(error):
            raise
        raise AlreadyMember(plan=title_of(membership.plan)) from None
    return membership


def _signed_answers(rules: PlanRules, answers: Mapping[str, bool]) -> dict[str, Any]:
    """The answers to the plan's own questions, in its order; anything else is not part of the statement."""
    return {
        question.code: bool(answers[question.code])
        for question in rules.join.health_questions
        if question.code in answers
    }


def _check_health(rules: PlanRules, answers: Mapping[str, bool]) -> None:
    """Raises HealthStatementIncomplete, HealthStatementForbids."""
    for question in joining.unanswered_questions(rules, answers):
        raise HealthStatementIncomplete(question=question.text)
    for question in joining.refused_questions(rules, answers):
        raise HealthStatementForbids(plan=rules.title, question=question.text)


def _check_age(rules: PlanRules, born_on: dt.date, joined_at: dt.datetime) -> None:
    joined_on = local_day(joined_at, rules.timezone)
    if born_on > joined_on:
        raise BirthImpossible(day=born_on)
    age = joining.joining_age(rules, born_on, joined_on)
    join = rules.join
    if age.problem == joining.TOO_OLD:
        raise TooOldToJoin(plan=rules.title, oldest=join.age_max_years)
    if age.problem is not None and join.age_min_years:
        raise TooYoungToJoin(plan=rules.title, years=join.age_min_years)
    if age.problem is not None:
        raise NewbornTooYoungToJoin(plan=rules.title, days=join.age_min_days)


def _joined_facts(membership: Membership, version: PlanVersion) -> dict[str, Any]:
    return {
        "plan": membership.plan.code,
        "version": version.label,
        "person": str(membership.person),
        "joined_at": membership.joined_at.isoformat(),
        "first_notice_on": membership.first_notice_on.isoformat(),
        "is_gifted": membership.is_gifted,
        "carried_minor": membership.carried_minor,
    }


def _append_move(old: Membership, new: Membership, version: PlanVersion, way: WayIn, by: Actor) -> None:
    body = {
        "from": f"membership:{old.pk}",
        "from_plan": old.plan.code,
        "plan": new.plan.code,
        "version": version.label,
        "kind": way.kind,
        "joined_at": new.joined_at.isoformat(),
        "waits_from": new.waits_from.isoformat(),
        "first_notice_on": new.first_notice_on.isoformat(),
        "carried_minor": new.carried_minor,
    }
    entry = append(kind="membership.moved", stream=f"membership:{new.pk}", by=by, body=body)
    tell(
        "members.moved",
        to=old.person,
        entry=entry,
        before=old.plan.code,
        plan=new.plan.code,
        notice=new.first_notice_on,
    )
