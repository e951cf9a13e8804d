"""How somebody's memberships stand: waiting, in force, ended."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from members.models import HealthStatement, Membership, Person, PlanVersion
from members.rules.dates import last_day_of, local_day
from members.rules.membership_states import MembershipState
from pages.moments import page_now


@dataclass(frozen=True)
class Standing:
    """A membership with its state: active, in_wait or ended; `waits_until` is the last day of its waiting period."""

    membership: Membership
    state: MembershipState
    waits_until: dt.date | None
    stated_at: dt.datetime | None
    """When the health statement was signed; None where there is none."""
    is_moved: bool
    """Came over from another membership, whose waiting period counts."""


def standings_of(person: Person, now: dt.datetime) -> tuple[Standing, ...]:
    """A person's memberships, newest first; the person comes from `people_with_standings`."""
    return tuple(_standing(membership, now) for membership in person.standing_memberships)  # type: ignore[attr-defined]


def people_with_standings(people: QuerySet[Person]) -> QuerySet[Person]:
    """With their memberships, plans, rules and statements at hand, in a fixed number of queries."""
    started = PlanVersion.objects.filter(starts_at__lte=page_now()).order_by("starts_at")
    memberships = (
        Membership.objects.select_related("plan")
        .prefetch_related(
            Prefetch("plan__versions", started, to_attr="started"),
            Prefetch("health_statement", HealthStatement.objects.defer("answers")),
        )
        .order_by("-joined_at", "-pk")
    )
    return people.prefetch_related(Prefetch("memberships", memberships, to_attr="standing_memberships"))


def _standing(membership: Membership, now: dt.datetime) -> Standing:
    statement = getattr(membership, "health_statement", None)
    stated_at = statement.signed_at if statement else None
    is_moved = membership.waits_from < membership.joined_at
    if membership.left_at is not None and membership.left_at <= now:
        return Standing(membership, MembershipState.ENDED, None, stated_at, is_moved)
    versions: list[PlanVersion] = membership.plan.started  # type: ignore[attr-defined]
    if not versions:
        return Standing(membership, MembershipState.ACTIVE, None, stated_at, is_moved)
    rules = versions[-1].rules
    last_day = last_day_of(local_day(membership.waits_from, rules.timezone), rules.waiting_days)
    waits = local_day(now, rules.timezone) <= last_day
    return Standing(
        membership, MembershipState.IN_WAIT if waits else MembershipState.ACTIVE, last_day, stated_at, is_moved
    )
