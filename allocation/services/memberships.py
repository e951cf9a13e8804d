"""Joining a plan and moving into one, with what the person has already paid in it this year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from allocation.errors import OwesBeforeMoving
from allocation.selectors.arrears import owed_by
from allocation.selectors.carrying import carried_into
from allocation.services.carrying import wait_for_charge
from audit.actors import Actor
from members.models import Membership, Person, Plan, User
from members.rules.plans import first_notice_after
from members.selectors.plans import version_in_force
from members.services.memberships import join_plan, move_to_plan
from members.services.people import NewPerson, check_may_act_for, register_applicant


@transaction.atomic
def enrol(
    *, plan: Plan, applicant: Person | NewPerson, is_dependant: bool, health_answers: Mapping[str, bool], by: User
) -> Membership:
    """Join a user, or somebody of their family, now; whoever is new is registered in the same act, or not at all.

    A dependant is paid for by the user, who is registered already. Raises what `register_applicant` and `join_plan` do.
    """
    if isinstance(applicant, Person):
        return rejoin_or_join(person=applicant, plan=plan, health_answers=health_answers, by=by)
    person = register_applicant(applicant=applicant, is_dependant=is_dependant, by=by)
    return join_plan(person=person, plan=plan, joined_at=timezone.now(), health_answers=health_answers, by=by)


@transaction.atomic
def rejoin_or_join(
    *,
    person: Person,
    plan: Plan,
    health_answers: Mapping[str, bool],
    by: Actor,
    joined_at: dt.datetime | None = None,
) -> Membership:
    """Make a registered person a member, now or since a moment that has passed; whoever was one carries what they paid.

    Raises what `join_plan` raises.
    """
    at = joined_at or timezone.now()
    return join_plan(
        person=person,
        plan=plan,
        joined_at=at,
        health_answers=health_answers,
        by=by,
        carried_minor=_carried(person, plan, at),
    )


@transaction.atomic
def move(
    *,
    membership_id: int,
    plan: Plan,
    health_answers: Mapping[str, bool],
    by: Actor,
    moved_at: dt.datetime | None = None,
) -> Membership:
    """Move a member into another plan. What they paid in the one they leave counts nothing there; what they paid this
    year in the one they move into, as a member of it before, does: the cap is of a person, a plan and a year.

    Nobody moves away from a share that could not be collected. Raises NotTheirs, OwesBeforeMoving and what
    `move_to_plan` raises.
    """
    at = moved_at or timezone.now()
    person = Person.objects.select_related("payer").get(memberships=membership_id)
    check_may_act_for(by, person)
    # Locked: two moves at once, or a move and the end of a grace, look one after the other.
    owed = owed_by(Membership.objects.select_for_update().get(pk=membership_id))
    if owed:
        raise OwesBeforeMoving(owed)
    return move_to_plan(
        membership_id=membership_id,
        plan=plan,
        health_answers=health_answers,
        by=by,
        moved_at=at,
        carried_minor=_carried(person, plan, at),
    )


def _carried(person: Person, plan: Plan, at: dt.datetime) -> int:
    """What the person has paid in the plan this year; nothing where it has not started, and joining says so itself."""
    version = version_in_force(plan, at)
    if version is None or not person.memberships.filter(plan=plan).exists():
        return 0
    wait_for_charge(plan=plan)
    return carried_into(person, plan, first_notice_after(version.rules, at))
