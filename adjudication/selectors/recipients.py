"""Who is told what happens to a claim."""

from __future__ import annotations

from adjudication.models import Claim, Investigation
from adjudication.selectors.conflicts import people_in_conflict
from adjudication.selectors.decisions import people_who_took_part
from members.models import Person, User
from members.models.users import Role
from members.selectors.users import holders_of


def applicants_of(claim: Claim) -> list[User | Person]:
    """The member, and the payer who filed for a member with a log-in of their own.

    Staff who filed a claim for somebody are not its applicants, and a payer who did not file it is not told what an
    adult of the family claims.
    """
    person = claim.membership.person
    payer = person.payer
    if person.user_id is None or payer is None or claim.filed_by_id is None or payer.user_id != claim.filed_by_id:
        return [person]
    return [person, payer]


def open_investigation_of(claim: Claim) -> Investigation | None:
    """The investigation that somebody has taken and not yet signed."""
    found = claim.investigations.filter(status=Investigation.Status.OPEN)
    return found.select_related("investigator").order_by("-round").first()


def reviewers_for(claim: Claim) -> list[User]:
    """The reviewers who may decide a claim: those who took no part in it and are not close to the member."""
    others = holders_of(Role.REVIEWER).exclude(pk__in=people_who_took_part(claim)).select_related("person")
    away = people_in_conflict(claim, others)
    return [one for one in others if one.pk not in away]
