"""What the home page shows of memberships: waiting period, cost, claims, possible moves, and the family."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from adjudication.models import Claim
from adjudication.selectors.home import MOST, MembershipCard, membership_cards
from allocation.selectors.statements import Statement, statements_of
from members.access import AnyUser
from members.models import Membership, Person, PlanVersion
from members.rules.membership_states import MembershipState
from members.rules.waiting import WaitingLine, waiting_line
from members.selectors.moves import MoveOption, move_options_of, successors_of
from members.selectors.people import family_of, has_household, person_of
from pages.moments import page_now


@dataclass(frozen=True)
class MemberCard:
    """One membership with everything that its member or their payer needs to know."""

    card: MembershipCard
    line: WaitingLine | None
    """The waiting period by the rules in force now; None for a membership that has ended."""
    statement: Statement | None
    claims: tuple[Claim, ...]
    options: tuple[MoveOption, ...]
    moved_to: Membership | None

    @property
    def membership(self) -> Membership:
        """The membership itself."""
        return self.card.membership


@dataclass(frozen=True)
class Relative:
    """A person whose shares the user pays."""

    person: Person
    cards: tuple[MemberCard, ...]


@dataclass(frozen=True)
class Household:
    """The user's own memberships and those of the people they pay for, newest first."""

    own: tuple[MemberCard, ...]
    family: tuple[Relative, ...]
    may_add: bool
    """Whether the user may enrol family members: they are registered, and nobody else pays for them."""


def household(user: AnyUser, claims: Iterable[Claim]) -> Household:
    """Read in a fixed number of queries, for any number of memberships; `claims` are the user's, already read."""
    if not has_household(user):
        return Household((), (), False)
    now = page_now()
    person = person_of(user)
    cards = membership_cards(user)
    memberships = [card.membership for card in cards]
    statements = {statement.membership.pk: statement for statement in statements_of(user)}
    of_claims: dict[int, list[Claim]] = defaultdict(list)
    for claim in claims:
        of_claims[claim.membership_id].append(claim)
    options, moved = move_options_of(memberships, now), successors_of(one.pk for one in memberships)
    found: dict[int, list[MemberCard]] = defaultdict(list)
    for card in cards:
        pk = card.membership.pk
        found[card.membership.person_id].append(
            MemberCard(
                card,
                _line(card, now),
                statements.get(pk),
                tuple(of_claims[pk]),
                tuple(options[pk]) if card.membership.left_at is None else (),
                moved.get(pk),
            )
        )
    family = tuple(Relative(one, tuple(found[one.pk])) for one in family_of(user)[:MOST])
    may_add = person is not None and person.payer_id is None
    return Household(tuple(found[person.pk]) if person else (), family, may_add)


def _line(card: MembershipCard, now: dt.datetime) -> WaitingLine | None:
    membership = card.membership
    versions: list[PlanVersion] = membership.plan.started  # type: ignore[attr-defined]
    if card.state == MembershipState.ENDED or not versions:
        return None
    return waiting_line(
        versions[-1].rules,
        waits_from=membership.waits_from,
        joined_at=membership.joined_at,
        left_at=membership.left_at,
        now=now,
    )
