"""Keyed digests under which jurors and claimants are compared, so that neither needs to be read."""

from __future__ import annotations

from members.fields import blind_index
from members.models import Person


def person_digest(person: Person) -> str:
    """The person."""
    return blind_index("person", str(person.pk))


def payer_digest(person: Person) -> str:
    """The person who pays for them: their payer, or they themselves."""
    return blind_index("person", str(person.payer_id or person.pk))


def household_digest(person: Person) -> str:
    """The household: everybody whom the same person pays for."""
    return blind_index("household", str(person.payer_id or person.pk))


def hospital_digest(name: str) -> str:
    """A hospital, by its name."""
    return blind_index("hospital", name)
