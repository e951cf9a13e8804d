"""Joining a plan, moving from one into another, and leaving."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language

from audit.actors import Actor
from audit.services import append
from members.dissolution_errors import GiftsNotGiven
from members.errors import (
    AgeOutsideJoining,
    AlreadyMember,
    BirthImpossible,
    EndsBeforeItBegins,
    HealthStatementForbids,
    HealthStatementIncomplete,
    JoinsInTheFuture,
    MembershipEnded,
    PlanNotStarted,
)
from members.models import HealthStatement, Membership, Person, Plan, PlanVersion
from members.models.memberships import NEVER_OVERLAP, EndReason
from members.rules import joining
from members.rules.dates import local_day
from members.rules.moves import waits_from_after
from members.rules.plans import PlanRules, WayIn, first_notice_after
from members.selectors.memberships import left_before
from members.selectors.moves import line_of, way_between
from members.selectors.plans import title_in, version_in_force
from members.services.dissolutions import check_takes_members
from members.services.people import check_may_act_for


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
    for somebody who comes over from another plan without a new wait; `carried_minor` is what they paid this year.
    Raises NotTheirs, JoinsInTheFuture, PlanNotStarted, AgeOutsideJoining, HealthStatementIncomplete,
    HealthStatementForbids, AlreadyMember, GiftsNotGiven, PlanDissolving.
    """
    check_may_act_for(by, person)
    now = timezone.now()
    if joined_at > now:
        raise JoinsInTheFuture
    version = version_in_force(plan, joined_at)
    if version is None:
        raise PlanNotStarted(title_in(plan, get_language()))
    check_takes_members(plan)
    if is_gifted and not version.rules.sponsor.gives_shares:
        raise GiftsNotGiven(title_in(plan, get_language()))
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
    append(
        kind="membership.joined", stream=f"membership:{membership.pk}", by=by, body=_joined_facts(membership, version)
    )
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

    By the member's own act or the payer's; the plan moves nobody. The wait goes on where those rules count it; a gift
    does not, for it is the sponsor's of one plan. `carried_minor` is what the person has paid this year in the plan
    that they move into, as a member of it before; what they paid in the one that they leave counts nothing there.
    An open claim is no hindrance: it belongs to the membership of its first diagnosis and is judged by the rules of
    then. Raises NotTheirs, JoinsInTheFuture, MembershipEnded, EndsBeforeItBegins, PlanNotStarted, NoWayIn,
    AgeOutsideMove, HealthStatementIncomplete, HealthStatementForbids, AlreadyMember, PlanDissolving.
    """
    found = Membership.objects.select_related("plan", "person__payer").select_for_update(of=("self",))
    old = found.get(pk=membership_id)
    check_may_act_for(by, old.person)
    now = timezone.now()
    at = moved_at or now
    if at > now:
        raise JoinsInTheFuture
    if old.left_at is not None:
        raise MembershipEnded(old.left_at, old.plan.timezone)
    version = version_in_force(plan, at)
    if version is None:
        raise PlanNotStarted(title_in(plan, get_language()))
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
    membership = Membership.objects.select_for_update().get(pk=membership_id)
    if membership.left_at is not None:
        raise MembershipEnded(membership.left_at, membership.plan.timezone)
    if at <= membership.joined_at:
        raise EndsBeforeItBegins
    membership.left_at = at
    membership.end_reason = EndReason(reason)
    membership.save(update_fields=["left_at", "end_reason"])
    body = {"left_at": at.isoformat(), "reason": str(membership.end_reason)}
    append(kind="membership.ended", stream=f"membership:{membership.pk}", by=by, body=body)
    return membership


@transaction.atomic
def end_line(*, membership_id: int, at: dt.datetime, reason: str, by: Actor) -> Membership | None:
    """End a membership or, where the member has moved on since, the one that it became; None where all have ended.

    For what ends being a member and not only being one in one plan, such as aid: one payment for the whole line.
    """
    for pk in line_of(membership_id):
        membership = Membership.objects.select_for_update().get(pk=pk)
        if membership.left_at is None:
            # Moved into after the moment itself, where a demonstration plays a day that has passed.
            ends_at = at if at > membership.joined_at else timezone.now()
            return end_membership(membership_id=pk, at=ends_at, reason=reason, by=by)
    return None


@transaction.atomic
def leave_plan(*, membership_id: int, by: Actor) -> Membership:
    """Leave now, by the member's own act or the payer's; the period that has counted them is still paid.

    Raises NotTheirs, MembershipEnded.
    """
    membership = Membership.objects.select_related("person__payer").get(pk=membership_id)
    check_may_act_for(by, membership.person)
    return end_membership(membership_id=membership_id, at=timezone.now(), reason=EndReason.LEFT, by=by)


def _store(membership: Membership) -> Membership:
    """Store a new membership. Raises AlreadyMember where the person has one of this plan at that time."""
    membership.previous_left_at = left_before(membership.person, membership.plan, membership.joined_at)
    try:
        # The constraints and not a look beforehand decide: two joins at once would both see nothing.
        with transaction.atomic():
            membership.save()
    except IntegrityError as error:
        if NEVER_OVERLAP not in str(error):
            raise
        raise AlreadyMember(title_in(membership.plan, get_language())) from None
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
        raise HealthStatementIncomplete(question)
    for question in joining.refused_questions(rules, answers):
        raise HealthStatementForbids(rules, question)


def _check_age(rules: PlanRules, born_on: dt.date, joined_at: dt.datetime) -> None:
    joined_on = local_day(joined_at, rules.timezone)
    if born_on > joined_on:
        raise BirthImpossible(born_on)
    age = joining.joining_age(rules, born_on, joined_on)
    if age.problem is not None:
        raise AgeOutsideJoining(rules, is_too_old=age.problem == joining.TOO_OLD)


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
    append(kind="membership.moved", stream=f"membership:{new.pk}", by=by, body=body)
