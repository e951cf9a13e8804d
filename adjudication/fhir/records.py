"""What is read from a file: each resource with its place, its identity and its version, or why it can't be read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from adjudication.fhir.references import Identifier, Identity, Reference

When = dt.date | dt.datetime
"""A day, or an aware moment: which day that is, only a time zone says."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A place in the file that is not a valid resource, and what is wrong with it."""

    place: str
    what: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A valid resource of a type that is not read."""

    place: str
    resource_type: str
    resource_id: str


@dataclass(frozen=True, slots=True)
class Version:
    """When a resource was last changed, and the number of that version; None where the file says nothing of it."""

    at: dt.datetime | None = None
    number: int | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What all resources have. `doubt` says in words why a resource may mean something else than it seems to."""

    place: str
    identity: Identity
    full_url: str
    scope: int
    version: Version
    fingerprint: str
    """A digest of its content without version and narrative: two with the same one say the same."""
    doubt: str = ""


class _Headed:
    """What has a head has its place."""

    __slots__ = ()
    head: Head

    @property
    def place(self) -> str:
        """Where it stands in the file."""
        return self.head.place


@dataclass(frozen=True, slots=True)
class Deleted(_Headed):
    """A resource that the server deleted."""

    head: Head


@dataclass(frozen=True, slots=True)
class PatientRecord(_Headed):
    """Who is ill. `name` is empty where the record has none; `gone` says why nobody can be enrolled from it."""

    head: Head
    name: str
    names: tuple[str, ...]
    """All names, also old ones: by any of them somebody may be known."""
    born: str
    """The date of birth as written: a day, a month or a year."""
    born_on: dt.date | None
    sex: str
    phone: str
    address: str
    identifiers: frozenset[Identifier] = frozenset()
    same_as: tuple[Reference, ...] = ()
    replaces: tuple[Reference, ...] = ()
    gone: str = ""
    is_gone_for_all: bool = False
    """Whether that is true of the person or animal and not of this record alone."""


@dataclass(frozen=True, slots=True)
class ConditionRecord(_Headed):
    """A diagnosis. `codes` are (system, code, display)."""

    head: Head
    patient: Reference
    codes: tuple[tuple[str, str, str], ...]
    verification: str
    """`confirmed` where everything said of it is plainly that; otherwise what it is instead."""
    recurrence: str
    """`recurrence` or `relapse` where the illness came back, or what is not understood; otherwise nothing."""
    onset: When | None
    onset_words: str
    """Why there is no day of onset; empty where there is one."""
    encounter: Identity | None


@dataclass(frozen=True, slots=True)
class ClaimRecord(_Headed):
    """What a hospital billed: evidence for the conditions that it names or that share its visit."""

    head: Head
    patient: Reference
    conditions: tuple[Reference, ...]
    encounters: frozenset[Identity]
    billed: When | None
    impossible: str
    """A day on it that cannot be, as written; empty where there is none."""
    provider: str
    content: bytes
    standing: str
    """Why it is no bill that stands; empty for an active claim for payment."""
    total: Decimal | None
    currencies: frozenset[str]
    """The currencies of its amounts; the empty text stands for an amount without one."""


Record = PatientRecord | ConditionRecord | ClaimRecord
Read = Record | Deleted | Broken | Ignored
