"""Joining a plan and leaving it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
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
    PayerNotRegistered,
    PlanNotStarted,
)
from members.models import HealthStatement, Membership, Person, Plan, PlanVersion, User
from members.models.memberships import NEVER_OVERLAP, EndReason
from members.rules import joining
from members.rules.dates import local_day
from members.rules.plans import PlanRules, first_notice_after
from members.selectors.memberships import left_before
from members.selectors.plans import title_in, version_in_force
from members.services.dissolutions import check_takes_members
from members.services.people import check_may_act_for, register_person


@dataclass(frozen=True)
class NewPerson:
    """Somebody who is not registered yet, as they fill in the joining form."""

    name: str
    born_on: dt.date
    sex: str = "unknown"
    id_number: str = ""
    phone: str = ""
    address: str = ""
    employer: str = ""


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
    _check_joining(version.rules, person.born_on, joined_at, answers)
    membership = Membership(
        plan=plan,
        person=person,
        joined_at=joined_at,
        previous_left_at=left_before(person, plan, joined_at),
        waits_from=waits_from or joined_at,
        first_notice_on=first_notice_after(version.rules, joined_at),
        is_gifted=is_gifted,
        carried_minor=carried_minor,
    )
    try:
        # The constraints and not a look beforehand decide: two joins at once would both see nothing.
        with transaction.atomic():
            membership.save()
    except IntegrityError as error:
        if NEVER_OVERLAP not in str(error):
            raise
        raise AlreadyMember(title_in(plan, get_language())) from None
    HealthStatement.objects.create(membership=membership, plan_version=version, answers=answers, signed_at=now)
    append(
        kind="membership.joined", stream=f"membership:{membership.pk}", by=by, body=_joined_facts(membership, version)
    )
    return membership


@transaction.atomic
def enrol(
    *, plan: Plan, applicant: Person | NewPerson, is_dependant: bool, health_answers: Mapping[str, bool], by: User
) -> Membership:
    """Join a user, or somebody of their family, now; whoever is new is registered in the same act, or not at all.

    A dependant is paid for by the user, who is registered already. Raises what `register_person` and `join_plan` do.
    """
    person = applicant if isinstance(applicant, Person) else _register(applicant, is_dependant, by)
    return join_plan(person=person, plan=plan, joined_at=timezone.now(), health_answers=health_answers, by=by)


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
def leave_plan(*, membership_id: int, by: Actor) -> Membership:
    """Leave now, by the member's own act or the payer's; the period that has counted them is still paid.

    Raises NotTheirs, MembershipEnded.
    """
    membership = Membership.objects.select_related("person__payer").get(pk=membership_id)
    check_may_act_for(by, membership.person)
    return end_membership(membership_id=membership_id, at=timezone.now(), reason=EndReason.LEFT, by=by)


def _register(applicant: NewPerson, is_dependant: bool, by: User) -> Person:
    payer = Person.objects.filter(user=by).first() if is_dependant else None
    if is_dependant and payer is None:
        raise PayerNotRegistered
    return register_person(
        name=applicant.name,
        born_on=applicant.born_on,
        sex=applicant.sex,
        id_number=applicant.id_number,
        phone=applicant.phone,
        address=applicant.address,
        employer=applicant.employer,
        user=None if is_dependant else by,
        payer=payer,
        by=by,
    )


def _signed_answers(rules: PlanRules, answers: Mapping[str, bool]) -> dict[str, Any]:
    """The answers to the plan's own questions, in its order; anything else is not part of the statement."""
    return {
        question.code: bool(answers[question.code])
        for question in rules.join.health_questions
        if question.code in answers
    }


def _check_joining(rules: PlanRules, born_on: dt.date, joined_at: dt.datetime, answers: Mapping[str, bool]) -> None:
    joined_on = local_day(joined_at, rules.timezone)
    if born_on > joined_on:
        raise BirthImpossible(born_on)
    age = joining.joining_age(rules, born_on, joined_on)
    if age.problem is not None:
        raise AgeOutsideJoining(rules, is_too_old=age.problem == joining.TOO_OLD)
    for question in joining.unanswered_questions(rules, answers):
        raise HealthStatementIncomplete(question)
    for question in joining.refused_questions(rules, answers):
        raise HealthStatementForbids(rules, question)


def _joined_facts(membership: Membership, version: PlanVersion) -> dict[str, Any]:
    return {
        "plan": membership.plan.code,
        "version": version.label,
        "person": str(membership.person),
        "joined_at": membership.joined_at.isoformat(),
        "first_notice_on": membership.first_notice_on.isoformat(),
        "is_gifted": membership.is_gifted,
    }
