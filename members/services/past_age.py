"""What becomes of members past the oldest age that their plan covers: told before, told on the day, ended or kept.

Each act is one member's, safe to run twice: it looks again under the membership's lock.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from audit import clock
from audit.actors import SYSTEM
from audit.models import Entry
from audit.services import append
from members.models import Membership, PastAge
from members.models.memberships import EndReason
from members.rules.dates import local_day
from members.rules.past_age import is_past_age
from members.rules.plans import PlanRules
from members.selectors.plans import version_in_force
from members.services.memberships import end_membership
from members.services.messages import tell


@transaction.atomic
def warn_of_age(*, membership_id: int) -> PastAge | None:
    """Tell a member, or their payer, that the cover will end by age, and what follows; once. None if it is not time."""
    membership, rules, now = _locked(membership_id)
    if rules is None or PastAge.objects.filter(membership=membership).exists():
        return None
    ahead = now + dt.timedelta(days=rules.past_age.warn_days or 0)
    if not is_past_age(rules, membership.person.born_on, local_day(ahead, rules.timezone)):
        return None
    row = PastAge.objects.create(membership=membership, warned_at=now)
    entry = append(kind="membership.age_warned", stream=f"membership:{membership.pk}", by=SYSTEM, body=_facts(rules))
    person, plan, years = membership.person, membership.plan.code, rules.oldest_covered_years + 1
    if rules.past_age.then == "ends":
        days = rules.past_age.ends_after_days
        tell("members.age_ends_soon", to=person, entry=entry, plan=plan, years=years, days=days)
    else:
        tell("members.age_soon", to=person, entry=entry, plan=plan, years=years)
    _name_senior_plan(membership, rules, entry)
    return row


@transaction.atomic
def reach_age(*, membership_id: int) -> PastAge | None:
    """Tell a member that the cover has ended by age; a membership that stays stays. None if it is not time."""
    membership, rules, now = _locked(membership_id)
    row = PastAge.objects.select_for_update().filter(membership=membership, reached_at=None, closed_at=None).first()
    if rules is None or row is None or now < row.warned_at + dt.timedelta(days=rules.past_age.warn_days or 0):
        return None
    if not is_past_age(rules, membership.person.born_on, local_day(now, rules.timezone)):
        return None
    ends = rules.past_age.then == "ends"
    row.reached_at = clock.now_after(row.warned_at)
    row.closed_at = None if ends else row.reached_at
    row.save(update_fields=["reached_at", "closed_at"])
    entry = append(kind="membership.age_reached", stream=f"membership:{membership.pk}", by=SYSTEM, body=_facts(rules))
    if ends:
        days = rules.past_age.ends_after_days
        tell("members.age_ends", to=membership.person, entry=entry, plan=membership.plan.code, days=days)
    else:
        tell("members.age_stays", to=membership.person, entry=entry, plan=membership.plan.code)
    _name_senior_plan(membership, rules, entry)
    return row


@transaction.atomic
def end_by_age(*, membership_id: int) -> Membership | None:
    """End the membership of somebody past the age once their time to move is over; None if it is not, or they left."""
    membership = _membership(membership_id)
    row = PastAge.objects.select_for_update().filter(membership=membership, closed_at=None).first()
    if row is None or row.reached_at is None:
        return None
    now = clock.now()
    if membership.left_at is None:
        version = version_in_force(membership.plan, now)
        days = version.rules.past_age.ends_after_days if version else None
        if days is None or now < row.reached_at + dt.timedelta(days=days):
            return None
        end_membership(membership_id=membership.pk, at=now, reason=EndReason.PAST_AGE, by=SYSTEM)
    row.closed_at = now
    row.save(update_fields=["closed_at"])
    return membership


def _membership(membership_id: int) -> Membership:
    found = Membership.objects.select_for_update(of=("self",)).select_related("plan", "person__payer")
    return found.get(pk=membership_id)


def _locked(membership_id: int) -> tuple[Membership, PlanRules | None, dt.datetime]:
    """The membership, locked, and the plan's rules of now where they say what becomes of it."""
    membership = _membership(membership_id)
    now = clock.now()
    version = version_in_force(membership.plan, now)
    if version is None or version.rules.past_age.then is None or membership.left_at is not None:
        return membership, None, now
    return membership, version.rules, now


def _facts(rules: PlanRules) -> dict[str, str | None]:
    past = rules.past_age
    return {"plan": rules.code, "version": rules.version, "then": past.then, "senior_plan": past.senior_plan}


def _name_senior_plan(membership: Membership, rules: PlanRules, entry: Entry) -> None:
    if rules.past_age.senior_plan:
        facts = {"plan": membership.plan.code, "senior": rules.past_age.senior_plan}
        tell("members.senior_plan", to=membership.person, entry=entry, **facts)
