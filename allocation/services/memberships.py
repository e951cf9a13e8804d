"""Joining a plan and moving into one, with what the person has already paid in it this year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from allocation.errors.arrears import OwesBeforeMoving
from allocation.selectors.arrears import owed_by
from allocation.selectors.carrying import carried_into
from allocation.services.carrying import share_charge_lock
from audit import clock
from audit.actors import Actor
from members.models import Membership, Person, Plan, User
from members.rules.money import Money
from members.rules.plans import first_notice_after
from members.selectors.plans import version_in_force
from members.services.memberships import join_plan, move_to_plan
from members.services.people import NewPerson, check_may_act_for, register_applicant


@transaction.atomic
def enrol(
    *, plan: Plan, applicant: Person | NewPerson, is_dependant: bool, health_answers: Mapping[str, bool], by: User
) -> Membership:
    """Enrol a user or a member of their family now; a new person is registered in the same transaction.

    The user pays for a dependant, and is already registered. Raises what `register_applicant` and `join_plan` raise.
    """
    if isinstance(applicant, Person):
        return rejoin_or_join(person=applicant, plan=plan, health_answers=health_answers, by=by)
    person = register_applicant(applicant=applicant, is_dependant=is_dependant, by=by)
    return join_plan(person=person, plan=plan, joined_at=clock.now(), health_answers=health_answers, by=by)


@transaction.atomic
def rejoin_or_join(
    *,
    person: Person,
    plan: Plan,
    health_answers: Mapping[str, bool],
    by: Actor,
    joined_at: dt.datetime | None = None,
) -> Membership:
    """Make a registered person a member, now or from a past moment; a former member carries in this year's payments.

    Raises what `join_plan` raises.
    """
    at = joined_at or clock.now()
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
    """Move a member into another plan.

    What they paid in the plan they leave does not count there. What they paid this year in the plan they enter, as an
    earlier member of it, does: the annual cap applies per person, plan and calendar year.

    A member with a share that could not be collected cannot move. Raises NotTheirs, OwesBeforeMoving and what
    `move_to_plan` raises.
    """
    at = moved_at or clock.now()
    person = Person.objects.select_related("payer").get(memberships=membership_id)
    check_may_act_for(by, person)
    # Locked, so that two moves at once, or a move and the end of a grace period, are decided one after the other.
    owed = owed_by(Membership.objects.select_for_update().get(pk=membership_id))
    if owed:
        notice = owed[0].period
        amount_minor = sum(arrear.amount_minor for arrear in owed)
        amount = Money(amount_minor, notice.plan.currency, notice.plan.currency_exponent)
        raise OwesBeforeMoving(amount=amount, day=notice.notice_on)
    return move_to_plan(
        membership_id=membership_id,
        plan=plan,
        health_answers=health_answers,
        by=by,
        moved_at=at,
        carried_minor=_carried(person, plan, at),
    )


def _carried(person: Person, plan: Plan, at: dt.datetime) -> int:
    """What the person has paid in the plan this year, in minor units; 0 for a plan without rules yet, which joining
    then refuses.
    """
    version = version_in_force(plan, at)
    if version is None or not person.memberships.filter(plan=plan).exists():
        return 0
    # Before the sum is read: a charge in between would not see this membership yet, and so not correct its sum.
    share_charge_lock(plan=plan)
    return carried_into(person, plan, first_notice_after(version.rules, at))
