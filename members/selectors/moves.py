"""Moves between plans: which are possible, and which memberships follow each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import get_language

from audit.errors import DomainError
from members.errors import AlreadyMember, BirthImpossible, MembershipEnded
from members.models import Membership, Plan, PlanVersion
from members.move_errors import AgeOutsideMove, NoWayIn
from members.rules.dates import local_day
from members.rules.joining import TOO_OLD
from members.rules.moves import age_problem, way_in_from
from members.rules.plans import WayIn
from members.selectors.memberships import is_member_of
from members.selectors.plans import plans_with_versions, title_in

_LINES = """
    WITH RECURSIVE back (asked, id, moved_from_id) AS (
        SELECT id, id, moved_from_id FROM members_membership WHERE id = ANY(%s)
        UNION ALL
        SELECT back.asked, m.id, m.moved_from_id FROM back JOIN members_membership m ON m.id = back.moved_from_id
    ), line (asked, id, place) AS (
        SELECT asked, id, 1 FROM back WHERE moved_from_id IS NULL
        UNION ALL
        SELECT line.asked, m.id, line.place + 1 FROM line JOIN members_membership m ON m.moved_from_id = line.id
    )
    SELECT asked, id FROM line ORDER BY asked, place
"""


@dataclass(frozen=True)
class MoveOption:
    """Another plan that takes members of this one, by its rules of now; `refusal` says why this member can't move."""

    plan: Plan
    version: PlanVersion
    way: WayIn
    refusal: DomainError | None

    @property
    def is_possible(self) -> bool:
        """Whether the member may move now, the health statement apart."""
        return self.refusal is None


def move_options(membership: Membership, at: dt.datetime) -> list[MoveOption]:
    """Every plan whose rules take members of this membership's plan, with what stands in the member's way."""
    options = []
    for plan in plans_with_versions().exclude(pk=membership.plan_id):
        started = [version for version in plan.versions.all() if version.starts_at <= at]
        way = way_in_from(started[-1].rules, membership.plan.code) if started else None
        if way is not None:
            options.append(MoveOption(plan, started[-1], way, _refusal(membership, started[-1], at)))
    return options


def way_between(membership: Membership, version: PlanVersion, at: dt.datetime) -> WayIn:
    """The way from a membership into the plan of a version, for this member at this moment.

    Raises NoWayIn, BirthImpossible, AgeOutsideMove.
    """
    rules, born_on = version.rules, membership.person.born_on
    way = way_in_from(rules, membership.plan.code)
    if way is None:
        raise NoWayIn(rules, title_in(membership.plan, get_language()))
    moved_on = local_day(at, rules.timezone)
    if born_on > moved_on:
        raise BirthImpossible(born_on)
    problem = age_problem(way, born_on, moved_on)
    if problem is not None:
        raise AgeOutsideMove(rules, way, is_too_old=problem == TOO_OLD)
    return way


def _refusal(membership: Membership, version: PlanVersion, at: dt.datetime) -> DomainError | None:
    if membership.left_at is not None:
        return MembershipEnded(membership.left_at, membership.plan.timezone)
    try:
        way_between(membership, version, at)
    except DomainError as refusal:
        return refusal
    if is_member_of(membership.person, version.plan, at):
        return AlreadyMember(title_in(version.plan, get_language()))
    return None


def lines_of(membership_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """For each membership its line: the memberships that became it and that it became by moves, oldest first.

    One query for any number; a membership that nobody moved into or out of is its own line.
    """
    lines: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LINES.strip(), [sorted(set(membership_ids))])
        for asked, pk in cursor.fetchall():
            lines.setdefault(asked, []).append(pk)
    return {asked: tuple(line) for asked, line in lines.items()}


def line_of(membership_id: int) -> tuple[int, ...]:
    """The line of one membership."""
    return lines_of([membership_id])[membership_id]
