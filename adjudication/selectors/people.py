"""One person as the plan's staff see them: memberships, family and claims, masked; and who looked at their data."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from adjudication.models import Claim
from adjudication.selectors.claims import claims_visible_to, own_claims
from adjudication.selectors.readable_files import illness_title
from audit.models import Entry
from audit.rooms import every_name
from members.access import AnyUser
from members.models import Person, RoleGrant, Unmasking
from members.models.users import Role
from members.rules.masking import masked_name
from members.selectors.standings import Standing, people_with_standings, standings_of
from members.selectors.unmaskings import (
    ShownData,
    is_of_household,
    shown_data,
    unmaskings_at_household,
    unmaskings_visible_to,
)
from pages.moments import page_now

MOST = 50
MOST_LOOKS = 200
VIEWED = "claim.viewed"


@dataclass(frozen=True)
class Relative:
    """A family member, masked."""

    number: int
    masked_name: str


@dataclass(frozen=True)
class ClaimOfPerson:
    """A claim and its illness."""

    claim: Claim
    illness: str


@dataclass(frozen=True)
class WholePerson:
    """What the plan's staff read about a person. `shown` holds the masked data in clear while this reader's access is
    open.
    """

    person: Person
    masked_name: str
    shown: ShownData | None
    may_unmask: bool
    payer: Relative | None
    dependants: tuple[Relative, ...]
    standings: tuple[Standing, ...]
    claims: tuple[ClaimOfPerson, ...]
    looks: tuple[Unmasking, ...]


@dataclass(frozen=True)
class Look:
    """A staff member looked at a member's data or opened their claim: when, in which role, and why."""

    at: dt.datetime
    role: str
    whom: str
    reason: str
    claim_ref: str

    @property
    def role_word(self) -> str:
        """The role in words; an actor without a recorded role at that moment is still described as staff."""
        return str(Role(self.role).label) if self.role else _("a member of the plan's staff")


def whole_person(person: Person, user: AnyUser) -> WholePerson:
    """One person with everything that belongs to them; the caller has checked that the user may see them.

    The same few queries for any number of memberships, relatives and claims.
    """
    person = people_with_standings(Person.objects.select_related("user", "payer")).get(pk=person.pk)
    family = Person.objects.filter(payer=person).order_by("pk")[:MOST]
    claims = claims_visible_to(user).filter(membership__person=person).defer("hospital", "account")[:MOST]
    return WholePerson(
        person=person,
        masked_name=masked_name(person.name),
        shown=shown_data(user, person),
        may_unmask=not is_of_household(user, person),  # type: ignore[arg-type]
        payer=_relative(person.payer) if person.payer else None,
        dependants=tuple(_relative(one) for one in family),
        standings=standings_of(person, page_now()),
        claims=tuple(ClaimOfPerson(claim, illness_title(claim.icd10)) for claim in claims),
        looks=tuple(unmaskings_visible_to(user).filter(person=person)[:MOST]),
    )


def looks_at(user: AnyUser) -> list[Look]:
    """Which staff read the data of a user, or of people they pay for, newest first: by role, never by name."""
    found = [
        Look(one.unmasked_at, one.role, one.person.name, str(one.get_reason_display()), "")
        for one in unmaskings_at_household(user)[:MOST_LOOKS]
    ]
    found += _views_of_claims(user)
    return sorted(found, key=lambda look: look.at, reverse=True)[:MOST_LOOKS]


def _views_of_claims(user: AnyUser) -> list[Look]:
    """The times that a claim was opened with the member's identity, as the log has them."""
    claims = {claim.stream: claim for claim in own_claims(user)[:MOST]}
    entries = list(Entry.objects.filter(kind__in=every_name(VIEWED), stream__in=claims).order_by("-pk")[:MOST_LOOKS])
    roles = _roles_of({entry.actor for entry in entries})
    return [
        Look(
            entry.recorded_at,
            _role_in(roles.get(entry.actor, []), entry.recorded_at),
            claims[entry.stream].membership.person.name,
            "",
            claims[entry.stream].ref,
        )
        for entry in entries
    ]


def _roles_of(actors: set[str]) -> dict[str, list[RoleGrant]]:
    """The roles that each actor was ever given."""
    numbers = {int(actor.removeprefix("user:")) for actor in actors if actor.removeprefix("user:").isdigit()}
    found: dict[str, list[RoleGrant]] = {}
    for grant in RoleGrant.objects.filter(user__in=numbers).order_by("granted_at"):
        found.setdefault(f"user:{grant.user_id}", []).append(grant)
    return found


def _role_in(grants: list[RoleGrant], at: dt.datetime) -> str:
    """The role held at a moment, the first given of several; empty where none was."""
    held = [
        grant.role for grant in grants if grant.granted_at <= at and (not grant.revoked_at or grant.revoked_at > at)
    ]
    return held[0] if held else ""


def _relative(person: Person) -> Relative:
    return Relative(person.pk, masked_name(person.name))
