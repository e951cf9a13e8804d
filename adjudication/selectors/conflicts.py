"""Who may not act on a claim because of what they have to do with its member, and why: the kinds, never the data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from adjudication.models import Claim
from adjudication.selectors.case_files import case_facts
from adjudication.selectors.claims import claims_named_to
from adjudication.selectors.decisions import people_of_claim, people_who_took_part
from adjudication.selectors.relations import counting_relations, own_relation, relations_at
from jury.rules.conflicts import CaseFacts, ConflictReason, JurorFacts, conflicts
from jury.selectors.pool import facts_of_case, facts_of_person, hospitals_of
from members.access import AnyUser, is_investigator, is_reviewer
from members.models import Person, User
from members.models.users import Role
from members.selectors.users import holders_of

PART_TAKEN = frozenset({ConflictReason.INVESTIGATED, ConflictReason.REFERRED, ConflictReason.SAT_BEFORE})
"""What somebody did on the case earlier. It keeps them from judging, but not from every act: an investigator takes a
second round too.
"""


_NEEDED: dict[str, tuple[Role, ...]] = {
    Claim.Status.SUBMITTED: (Role.INVESTIGATOR, Role.REVIEWER),
    Claim.Status.UNDER_INVESTIGATION: (Role.INVESTIGATOR, Role.REVIEWER),
    Claim.Status.INVESTIGATED: (Role.REVIEWER,),
    Claim.Status.JURY_REVIEW: (Role.PROFESSIONAL, Role.REVIEWER),
    Claim.Status.SECOND_OPINION: (Role.PROFESSIONAL, Role.REVIEWER),
}
WORDS: dict[ConflictReason, str | Promise] = {
    ConflictReason.IS_CLAIMANT: _("you are the member, or filed the claim"),
    ConflictReason.IS_PAYER: _("you pay for the member"),
    ConflictReason.SAME_HOUSEHOLD: _("you are of the member's household"),
    ConflictReason.SAME_PAYER: _("the same person pays for you and the member"),
    ConflictReason.SHARED_ADDRESS: _("you share an address with the member"),
    ConflictReason.SHARED_PHONE: _("you share a phone number with the member"),
    ConflictReason.SHARED_EMPLOYER: _("you and the member have the same employer"),
    ConflictReason.HOSPITAL_AFFILIATION: _("you work at the hospital"),
    ConflictReason.DECLARED: _("you declared a relation to the member"),
}
UNSAID = _("you may be close to someone involved")


@dataclass(frozen=True)
class ShownConflict:
    """What a claim's page says: why this user may not act, and for which roles nobody is left who may."""

    why: tuple[str | Promise, ...]
    is_declared: bool
    nobody: tuple[str | Promise, ...]


def shown_conflict(user: User, claim: Claim) -> ShownConflict:
    """What the page of a claim says to a reviewer or an auditor; auditors act on nothing, so no conflict is theirs."""
    kinds = conflicts_of(user, claim) if is_reviewer(user) else ()
    return ShownConflict(
        why=tuple(why(user, claim, kinds)),
        is_declared=own_relation(user, claim) is not None,
        nobody=tuple(role.label for role in roles_without_anybody(claim)),
    )


def roles_without_anybody(claim: Claim) -> list[Role]:
    """The roles whose next act on a claim nobody can do, because all who hold them are in conflict or took part."""
    needed = _NEEDED.get(claim.status, ())
    found = []
    for role in needed:
        holders = holders_of(role).select_related("person")
        away = people_in_conflict(claim, holders)
        if role is Role.REVIEWER:
            away |= people_who_took_part(claim)
        elif role is Role.PROFESSIONAL:
            away |= people_of_claim(claim)
        if all(user.pk in away for user in holders):
            found.append(role)
    return found


def why(user: AnyUser, claim: Claim, kinds: Iterable[ConflictReason]) -> list[str | Promise]:
    """The kinds in words, as far as the user may know who the member is."""
    kinds = list(kinds)
    if ConflictReason.IS_CLAIMANT in kinds:
        # All the rest follows from it.
        kinds = [ConflictReason.IS_CLAIMANT]
    elif ConflictReason.SAME_HOUSEHOLD in kinds:
        kinds = [kind for kind in kinds if kind is not ConflictReason.SAME_PAYER]
    words = [WORDS[kind] for kind in kinds]
    return words if not words or may_know_why(user, claim) else [UNSAID]


def conflicts_of(user: User, claim: Claim) -> tuple[ConflictReason, ...]:
    """Every kind of closeness between a user and the people behind a claim, by what is known now; () for none.

    The one answer for every act on a claim and for every list of people who could do it. The caller of an act has
    locked the claim's row, and declaring a relation locks it too.
    """
    return _conflicts(user, claim, facts_of_case(case_facts(claim)))


def people_in_conflict(claim: Claim, users: Iterable[User]) -> set[int]:
    """The ids of those of these users who are in conflict with a claim; its facts are read once."""
    facts = facts_of_case(case_facts(claim))
    return {user.pk for user in users if _conflicts(user, claim, facts)}


def may_know_why(user: AnyUser, claim: Claim) -> bool:
    """Whether a refusal may say which closeness: only to those who may know who the member is."""
    return (is_reviewer(user) or is_investigator(user)) and claims_named_to(user).filter(pk=claim.pk).exists()


def claims_in_conflict(user: User) -> Q:
    """The condition on claims for which `conflicts_of` finds something, for lists that leave them out."""
    near = Q(filed_by=user) | Q(
        membership__person__in=counting_relations().filter(user=user).values("claim__membership__person")
    )
    person = Person.objects.filter(user=user).first()
    if person is None:
        return near
    hospitals = hospitals_of(person)
    if hospitals:
        near |= Q(hospital_digest__in=hospitals)
    household = person.payer_id or person.pk
    for path in ("membership__person", "filed_by__person"):
        near |= Q(**{f"{path}__in": {person.pk, household}}) | Q(**{f"{path}__payer__in": {person.pk, household}})
        for kind in ("address_digest", "phone_digest", "employer_digest"):
            if digest := getattr(person, kind):
                near |= Q(**{f"{path}__{kind}": digest})
    return near


def _conflicts(user: User, claim: Claim, case: CaseFacts) -> tuple[ConflictReason, ...]:
    person: Person | None = getattr(user, "person", None)
    facts = facts_of_person(person, hospitals_of(person)) if person else JurorFacts(person="")
    found = [reason for reason in conflicts(facts, case) if reason not in PART_TAKEN]
    # Staff may have no person: what is known of the log-in itself still counts.
    if claim.filed_by_id == user.pk and ConflictReason.IS_CLAIMANT not in found:
        found.insert(0, ConflictReason.IS_CLAIMANT)
    if ConflictReason.DECLARED not in found and relations_at(claim).filter(user=user).exists():
        found.append(ConflictReason.DECLARED)
    return tuple(found)
