"""Moves between plans: which are possible, and which memberships follow each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from audit.errors import DomainError
from members.errors.memberships import AlreadyMember, MembershipEnded, PlanClosed
from members.errors.moves import NoWayIn, TooOldToMove, TooYoungToMove
from members.errors.people import BirthImpossible
from members.models import Membership, Plan, PlanVersion
from members.rules.dates import completed_years, local_day
from members.rules.joining import TOO_OLD
from members.rules.moves import age_problem, waits_from_after, way_in_from
from members.rules.plans import SEVERITIES, PlanRules, WayIn, band_for, first_notice_after
from members.rules.waiting import WaitingLine, waiting_line
from members.selectors.memberships import in_force_at, owed_when_leaving
from members.selectors.plans import plans_with_versions, title_of, version_in_force

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
    """Another plan that accepts members of this one, by its rules of now; `refusal` says why this member can't move."""

    plan: Plan
    version: PlanVersion
    way: WayIn
    refusal: DomainError | None

    @property
    def is_possible(self) -> bool:
        """Whether the member may move now, the health statement apart."""
        return self.refusal is None


def move_options(membership: Membership, at: dt.datetime) -> list[MoveOption]:
    """Every plan whose rules take members of this membership's plan, with what prevents this member's move."""
    return move_options_of([membership], at)[membership.pk]


def move_options_of(memberships: Sequence[Membership], at: dt.datetime) -> dict[int, list[MoveOption]]:
    """The same for each of several memberships; the same few queries for any number."""
    options: dict[int, list[MoveOption]] = {membership.pk: [] for membership in memberships}
    people = {membership.person_id for membership in memberships}
    held = set(in_force_at(at).filter(person__in=people).values_list("person_id", "plan_id"))
    for plan in plans_with_versions():
        started = [version for version in plan.versions.all() if version.starts_at <= at]
        for membership in memberships if started else ():
            way = way_in_from(started[-1].rules, membership.plan.code)
            if way is not None:
                is_held = (membership.person_id, plan.pk) in held
                refusal = _refusal(membership, started[-1], at, is_held)
                options[membership.pk].append(MoveOption(plan, started[-1], way, refusal))
    return options


def check_is_open(rules: PlanRules, at: dt.datetime) -> None:
    """Whether the rules let anybody become a member at a moment. Raises PlanClosed."""
    if rules.join.closed_from is not None and rules.join.is_closed_at(at):
        raise PlanClosed(plan=rules.title, at=rules.join.closed_from)


def way_between(membership: Membership, version: PlanVersion, at: dt.datetime) -> WayIn:
    """The way from a membership into the plan of a version, for this member at this moment.

    Raises NoWayIn, PlanClosed, BirthImpossible, TooOldToMove, TooYoungToMove.
    """
    rules, born_on = version.rules, membership.person.born_on
    way = way_in_from(rules, membership.plan.code)
    if way is None:
        raise NoWayIn(plan=rules.title, origin=title_of(membership.plan))
    check_is_open(rules, at)
    moved_on = local_day(at, rules.timezone)
    if born_on > moved_on:
        raise BirthImpossible(day=born_on)
    problem = age_problem(way, born_on, moved_on)
    if problem == TOO_OLD:
        raise TooOldToMove(plan=rules.title, oldest=way.age_to)
    if problem is not None:
        raise TooYoungToMove(plan=rules.title, youngest=way.age_from)
    return way


def _refusal(membership: Membership, version: PlanVersion, at: dt.datetime, is_held: bool) -> DomainError | None:
    if membership.left_at is not None:
        return MembershipEnded(day=local_day(membership.left_at, membership.plan.timezone))
    try:
        way_between(membership, version, at)
    except DomainError as refusal:
        return refusal
    return AlreadyMember(plan=title_of(version.plan)) if is_held else None


@dataclass(frozen=True)
class Cover:
    """What two plans pay for one severity at one age, in minor units; None where one pays nothing."""

    severity: str
    before_minor: int | None
    after_minor: int | None


@dataclass(frozen=True)
class MovePreview:
    """What a move would do now, for the page that asks for confirmation."""

    option: MoveOption
    line: WaitingLine
    """The wait as it would be counted in the other plan."""
    first_notice_on: dt.date
    owed: tuple[dt.date, ...]
    """The notice days of the old plan whose period is still to be paid."""
    covers: tuple[Cover, ...]
    """The aid for a first diagnosis at the age of now, in the old plan and in the other."""


def move_preview(membership: Membership, option: MoveOption, at: dt.datetime) -> MovePreview:
    """What would end, begin, go on and be owed if the member moved at this moment."""
    rules = option.version.rules
    line = waiting_line(
        rules,
        waits_from=waits_from_after(option.way, membership.waits_from, at),
        joined_at=at,
        left_at=None,
        now=at,
    )
    old = version_in_force(membership.plan, at)
    years = completed_years(membership.person.born_on, max(line.today, membership.person.born_on))
    covers = tuple(
        Cover(severity, _aid_minor(old.rules if old else None, years, severity), _aid_minor(rules, years, severity))
        for severity in SEVERITIES
    )
    return MovePreview(option, line, first_notice_after(rules, at), owed_when_leaving(membership, at), covers)


def _aid_minor(rules: PlanRules | None, years: int, severity: str) -> int | None:
    band = None if rules is None else band_for(rules, years, severity)
    return None if band is None else band.amount_minor


def successors_of(membership_ids: Iterable[int]) -> dict[int, Membership]:
    """What memberships became by a move, by the number of the old one."""
    found = Membership.objects.filter(moved_from__in=list(membership_ids)).select_related("plan")
    return {membership.moved_from_id: membership for membership in found if membership.moved_from_id is not None}


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
