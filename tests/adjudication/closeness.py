"""Every kind of closeness between somebody who decides and the member of a claim, as it can arise."""

from __future__ import annotations

from collections.abc import Callable

from adjudication.models import Claim, DeclaredRelation
from audit import clock
from jury.models import Juror
from jury.rules.conflicts import ConflictReason
from members.digests import hospital_digest
from members.models import Person, User
from tests.bent import bend, bend_all
from tests.factories import make_membership, make_person

DATA = {"address": "1 Harbour Road", "phone": "+86 139-1111-2222", "employer": "Beihu Textiles"}


def _filed(claim: Claim, user: User) -> None:
    bend_all(Claim.objects.filter(pk=claim.pk), filed_by=user)


def _pays(claim: Claim, user: User) -> None:
    member = claim.membership.person
    member.payer = _person_of(user)
    bend(member, payer=member.payer)


def _is_paid_for(claim: Claim, user: User) -> None:
    person = _person_of(user)
    person.payer = claim.membership.person
    bend(person, payer=person.payer)


def _has_the_same_payer(claim: Claim, user: User) -> None:
    payer = make_person("Payer of both")
    for person in (claim.membership.person, _person_of(user)):
        person.payer = payer
        bend(person, payer=person.payer)


def _shares(datum: str) -> Callable[[Claim, User], None]:
    def share(claim: Claim, user: User) -> None:
        for person in (claim.membership.person, _person_of(user)):
            setattr(person, datum, DATA[datum])
            bend(person)

    return share


def _works_there(claim: Claim, user: User) -> None:
    membership = make_membership(claim.plan, _person_of(user))
    Juror.objects.create(
        plan=claim.plan,
        number=900,
        person=membership.person,
        membership=membership,
        exam_passed_at=membership.joined_at,
        qualified_at=clock.now(),
        lapsed_at=clock.now(),
        hospital_digest=hospital_digest(claim.hospital),
    )


def _declares(claim: Claim, user: User) -> None:
    DeclaredRelation.objects.create(claim=claim, user=user, kind="friend", declared_at=clock.now())


def _person_of(user: User) -> Person:
    return Person.objects.filter(user=user).first() or make_person("Somebody Close", user=user)


KINDS: dict[str, tuple[ConflictReason, Callable[[Claim, User], None]]] = {
    "filed it": (ConflictReason.IS_CLAIMANT, _filed),
    "pays": (ConflictReason.IS_PAYER, _pays),
    "is paid for": (ConflictReason.SAME_HOUSEHOLD, _is_paid_for),
    "same payer": (ConflictReason.SAME_PAYER, _has_the_same_payer),
    "address": (ConflictReason.SHARED_ADDRESS, _shares("address")),
    "phone": (ConflictReason.SHARED_PHONE, _shares("phone")),
    "employer": (ConflictReason.SHARED_EMPLOYER, _shares("employer")),
    "hospital": (ConflictReason.HOSPITAL_AFFILIATION, _works_there),
    "declared": (ConflictReason.DECLARED, _declares),
}
