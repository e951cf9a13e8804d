"""Who a hospital's patient is here: found by server and id or by an identifier, never against what is known."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from adjudication.fhir.records import PatientRecord
from adjudication.fhir.references import Identifier, Identity
from adjudication.models import ImportedPatient, PatientIdentity
from adjudication.rules.records import contradictions
from audit.actors import Actor
from audit.services import append
from members.fields import blind_index
from members.models import Person
from members.services.people import register_person

LONGEST_KEY = 120


@dataclass(frozen=True, slots=True)
class KnownPatient:
    """A person known by one of a patient's identities, and by how many days their record was moved."""

    person: Person
    moved_days: int


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Why a patient can't be the person who is known by the same identity."""

    words: str


def import_key(identity: Identity) -> str:
    """The key under which an imported row is found again: the server, the type and the id."""
    key = f"fhir:{identity}"
    if len(key) <= LONGEST_KEY:
        return key
    return f"fhir:{identity.resource_type}:{hashlib.sha256(key.encode()).hexdigest()}"


def known_patient(
    identities: Iterable[Identity], identifiers: Iterable[Identifier], records: Iterable[PatientRecord]
) -> KnownPatient | Contradiction | None:
    """The person known by any of these identities; None for nobody.

    A contradiction where they belong to several people, where name, sex or birth differ from what is known, or where
    neither name nor birth say that it is the same person.
    """
    identities = list(identities)
    found = ImportedPatient.objects.filter(identities__digest__in=_digests(identities, identifiers))
    moved = {one.person_id: one.moved_days for one in found}
    people = list(Person.objects.filter(pk__in=moved))
    keyed = Person.objects.filter(import_key__in=[import_key(one) for one in identities]).exclude(pk__in=moved)
    people += list(keyed)
    if not people:
        return None
    if len(people) > 1:
        numbers = ", ".join(str(person.pk) for person in sorted(people, key=lambda one: one.pk))
        return Contradiction(f"its identities belong to different people here (persons {numbers})")
    person = people[0]
    # Who was imported before the days were stored: nobody can say how far, so only an unmoved record can agree.
    moved_days = moved.get(person.pk, 0)
    born = (person.born_on - dt.timedelta(days=moved_days)).isoformat()
    for record in records:
        names = () if person.name == placeholder(record) else (person.name,)
        odds = contradictions(record.names, record.sex, record.born, names, person.sex, born)
        if odds:
            return Contradiction(f"it contradicts person {person.pk}, who is known by the same identity, in {odds}")
        if not record.born and not (record.names and names):
            return Contradiction(f"neither a name nor a date of birth says that it is person {person.pk}")
    return KnownPatient(person, moved_days)


def is_identity_of(person_id: int, identity: Identity | None) -> bool:
    """Whether a person is known by this id; yes for a resource that names nobody, which is known by its own id."""
    if identity is None:
        return True
    known = PatientIdentity.objects.filter(patient__person=person_id, digest__in=_digests([identity], ()))
    return known.exists() or Person.objects.filter(pk=person_id, import_key=import_key(identity)).exists()


def placeholder(record: PatientRecord) -> str:
    """What somebody is called whose record has no name."""
    return f"Patient {record.head.identity.resource_id[:8]}"


@transaction.atomic
def register_patient(*, record: PatientRecord, born_on: dt.date, moved_days: int, by: Actor) -> Person:
    """Register a patient as a person, with the days by which their record is moved.

    Raises BirthImpossible and PersonRegistered.
    """
    person = register_person(
        name=record.name or placeholder(record),
        born_on=born_on,
        sex=record.sex if record.sex in Person.Sex.values else Person.Sex.UNKNOWN,
        phone=record.phone,
        address=record.address,
        import_key=import_key(record.head.identity),
        by=by,
    )
    ImportedPatient.objects.create(person=person, moved_days=moved_days)
    append(kind="patient.registered", stream=f"person:{person.pk}", by=by, body={"moved_days": moved_days})
    return person


@transaction.atomic
def learn_identities(
    *, person: Person, identities: Iterable[Identity], identifiers: Iterable[Identifier], by: Actor
) -> int:
    """Remember under which ids and identifiers a person is known to hospitals; how many were new."""
    patient, _is_new = ImportedPatient.objects.get_or_create(person=person)
    digests = _digests(identities, identifiers)
    known = set(PatientIdentity.objects.filter(digest__in=digests).values_list("digest", flat=True))
    new = sorted(digests - known)
    if new:
        PatientIdentity.objects.bulk_create(PatientIdentity(patient=patient, digest=digest) for digest in new)
        append(kind="patient.identified", stream=f"person:{person.pk}", by=by, body={"identities": len(new)})
    return len(new)


def _digests(identities: Iterable[Identity], identifiers: Iterable[Identifier]) -> set[str]:
    # In hexadecimal: a blind index takes capitals and blanks for equal, and ids are not.
    ids = {blind_index("fhir-patient", str(one).encode().hex()) for one in identities}
    return ids | {blind_index("fhir-identifier", "|".join(one).encode().hex()) for one in identifiers}
