"""From the resources of a file to its patients: the newest version of each, and who is the same person.

Nothing here depends on the order of the file: where two resources contradict each other and neither is newer, both are
left out, and never the one that happens to come second.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace

from adjudication.fhir.records import ClaimRecord, ConditionRecord, Deleted, PatientRecord, Record
from adjudication.fhir.references import Identifier, Identity, Reference
from adjudication.rules.records import contradictions

Versioned = Record | Deleted


@dataclass
class Patient:
    """One person in a file: every record of them, and what belongs to these."""

    records: list[PatientRecord] = field(default_factory=list)
    conditions: list[ConditionRecord] = field(default_factory=list)
    claims: list[ClaimRecord] = field(default_factory=list)

    @property
    def standing(self) -> list[PatientRecord]:
        """The records that are in use, in an order of their own."""
        return sorted((one for one in self.records if not one.gone), key=lambda one: one.head.identity)

    @property
    def identities(self) -> set[Identity]:
        """Every id of this person that is in use, on whatever server."""
        return {one.head.identity for one in self.standing}

    @property
    def identifiers(self) -> set[Identifier]:
        """Every identifier of this person that is in use."""
        return {identifier for one in self.standing for identifier in one.identifiers}


@dataclass
class Sorted:
    """A file sorted out; `left_out` are the resources of which nothing can be used, each with its reason."""

    patients: list[Patient] = field(default_factory=list)
    left_out: list[tuple[Versioned, str]] = field(default_factory=list)
    repeated: list[tuple[Versioned, str]] = field(default_factory=list)
    """Versions of resources beside the one that counts."""
    deleted: list[Deleted] = field(default_factory=list)
    orphans: list[ConditionRecord | ClaimRecord] = field(default_factory=list)
    """Of nobody in the file; what they withdraw still counts. Their reason stands in `left_out`."""


def sort_out(records: Iterable[Versioned]) -> Sorted:
    """The patients of a file with what belongs to each, and what is left over."""
    found = Sorted()
    newest = _newest(records, found)
    patients = [one for one in newest if isinstance(one, PatientRecord)]
    people = _People(patients)
    found.patients = people.groups()
    by_identity = {record.head.identity: group for group in found.patients for record in group.records}
    gone = {record.head.identity: record.gone for group in found.patients for record in group.records if record.gone}
    for record in newest:
        if isinstance(record, Deleted):
            found.deleted.append(record)
        if isinstance(record, PatientRecord | Deleted):
            continue
        identity = people.identity_of(record.patient)
        why = _without_patient(record.patient, identity, gone)
        if why or identity is None:
            found.orphans.append(record)
            found.left_out.append((record, why))
        elif isinstance(record, ConditionRecord):
            by_identity[identity].conditions.append(record)
        else:
            by_identity[identity].claims.append(record)
    return found


def _without_patient(reference: Reference, identity: Identity | None, gone: dict[Identity, str]) -> str:
    if identity is not None:
        return f"of its patient: {gone[identity]}" if identity in gone else ""
    return f"its patient {reference.words}"


def _newest(records: Iterable[Versioned], found: Sorted) -> list[Versioned]:
    """The newest version of each resource; older ones, and those of which none is the newest, are left out."""
    versions: dict[Identity, list[Versioned]] = defaultdict(list)
    for record in records:
        versions[record.head.identity].append(record)
    newest = []
    for same in versions.values():
        last = [one for one in same if not any(_is_newer(other, one) for other in same)]
        deletions: list[Versioned] = [one for one in last if isinstance(one, Deleted)]
        if deletions and len({one.head.fingerprint for one in last}) > 1:
            last = deletions  # what was deleted at an unknown time counts as deleted
        told = {one.head.fingerprint for one in last}
        kept = last[0] if len(told) == 1 else None
        for one in same:
            if one is kept:
                newest.append(one)
            elif kept is None and one in last:
                why = "the file has it in several versions that differ, and nothing says which is the newest"
                found.left_out.append((one, why))
            elif one in last or (kept is not None and one.head.fingerprint == kept.head.fingerprint):
                found.repeated.append((one, "the same resource appears in the file twice"))
            else:
                found.repeated.append((one, "an older version of a resource of the file"))
    return newest


def _is_newer(one: Versioned, other: Versioned) -> bool:
    """Whether a version is plainly newer: by the time of its change or its number, and by neither the older one."""
    left, right = one.head.version, other.head.version
    signs = []
    if left.at is not None and right.at is not None and left.at != right.at:
        signs.append(left.at > right.at)
    if left.number is not None and right.number is not None and left.number != right.number:
        signs.append(left.number > right.number)
    return bool(signs) and all(signs)


class _People:
    """Who is the same person: by a shared identifier, or because one record points to another one."""

    def __init__(self, records: list[PatientRecord]) -> None:
        self.records = records
        self.known = {record.head.identity for record in records}
        self.urls: dict[tuple[int, str], Identity] = {}
        self.in_scope: dict[tuple[int, str], set[Identity]] = defaultdict(set)
        self.numbers: dict[Identifier, set[Identity]] = defaultdict(set)
        for record in records:
            head = record.head
            if head.full_url:
                self.urls[(head.scope, head.full_url)] = head.identity
            if head.scope:
                self.in_scope[(head.scope, head.identity.resource_id)].add(head.identity)
            for identifier in record.identifiers:
                self.numbers[identifier].add(head.identity)

    def identity_of(self, reference: Reference) -> Identity | None:
        """The patient in the file that a reference points to; None where there is none, or more than one."""
        at = self.urls.get((reference.scope, reference.full_url)) if reference.full_url else None
        if at is not None or reference.identity in self.known:
            return at or reference.identity
        if reference.identifier is not None:
            found = self.numbers.get(reference.identifier, set())
        elif reference.identity is not None and reference.scope and "://" not in reference.full_url:
            found = self.in_scope.get((reference.scope, reference.identity.resource_id), set())
        else:
            found = set()
        return next(iter(found)) if len(found) == 1 else None

    def groups(self) -> list[Patient]:
        """The people, each with all their records, in the order of the file."""
        replaced = {self.identity_of(one): record for record in self.records for one in record.replaces}
        root: dict[Hashable, Hashable] = {}

        def find(key: Hashable) -> Hashable:
            while root.setdefault(key, key) != key:
                key = root[key]
            return key

        for record in self.records:
            targets = [found for one in record.same_as if (found := self.identity_of(one))]
            for key in [*record.identifiers, *targets]:
                root[find(key)] = find(record.head.identity)
        groups: dict[Hashable, Patient] = defaultdict(Patient)
        for record in self.records:
            by = replaced.get(record.head.identity)
            groups[find(record.head.identity)].records.append(_replaced(record, by) if by else record)
        return list(groups.values())


def _replaced(record: PatientRecord, by: PatientRecord) -> PatientRecord:
    return record if record.gone else replace(record, gone=f"the record was replaced by {by.head.identity}")


def at_odds(patient: Patient) -> str:
    """Why the records of one person cannot be one person; empty where nothing contradicts."""
    records = patient.standing
    for number, one in enumerate(records):
        for other in records[number + 1 :]:
            found = contradictions(one.names, one.sex, one.born, other.names, other.sex, other.born)
            if found:
                return f"{one.head.identity} and {other.head.identity} share an identity and differ in {found}"
    return ""
