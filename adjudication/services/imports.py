"""Importing medical records: enrol the patients, file the claims, attach the bills; twice is once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from adjudication.fhir.reading import Broken, ClaimRecord, ConditionRecord, Ignored, PatientRecord, Read
from adjudication.models import Claim, Evidence
from adjudication.rules.records import Diagnosis, days_to_move, diagnosis_of, first_occurrences
from adjudication.services.claims import submit_claim
from adjudication.services.evidence import add_evidence
from audit.actors import SystemActor
from audit.errors import DomainError
from members.models import Membership, Person, Plan
from members.rules.dates import local_day, start_of_day
from members.rules.plans import PlanRules
from members.selectors.plans import versions_of
from members.services.memberships import join_plan
from members.services.people import register_person

IMPORTER = SystemActor("fhir-import")
ENROLLED, FILED, ATTACHED = "enrolled", "claim filed", "evidence added"
ALREADY, LEFT_OUT, BROKEN = "already there", "left out", "broken"


@dataclass(frozen=True, slots=True)
class Line:
    """What was done with one resource, or why nothing was."""

    place: str
    resource: str
    did: str
    words: str


@dataclass
class _Patient:
    """Everything that the file says of one patient."""

    record: PatientRecord | None = None
    conditions: list[ConditionRecord] = field(default_factory=list)
    claims: list[ClaimRecord] = field(default_factory=list)


def import_records(
    *, records: Iterable[Read], plan: Plan, imported_on: dt.date, as_recorded: bool, report: Callable[[Line], None]
) -> None:
    """Bring records into a plan: patients become members, first covered diagnoses claims, bills evidence.

    Each patient, claim and bill carries the id of its resource, so running it again adds nothing. A record older
    than the plan is moved forward as a whole (`as_recorded` forbids that), the same each time. Every resource is
    reported once.
    """
    versions = [version.rules for version in versions_of(plan).order_by("starts_at")]
    patients = _by_patient(records, report)
    for patient_id, patient in patients.items():
        if patient.record is None:
            for orphan in [*patient.conditions, *patient.claims]:
                report(_line(orphan, LEFT_OUT, f"its patient {patient_id or '(none)'} is not in the file"))
            continue
        _import_patient(patient.record, patient, plan, versions, imported_on, as_recorded, report)


def _by_patient(records: Iterable[Read], report: Callable[[Line], None]) -> dict[str, _Patient]:
    found: dict[str, _Patient] = defaultdict(_Patient)
    for record in records:
        match record:
            case Broken():
                report(Line(record.place, "", BROKEN, record.what))
            case Ignored():
                name = f"{record.resource_type}/{record.resource_id}"
                report(Line(record.place, name, LEFT_OUT, f"{record.resource_type} is not read"))
            case PatientRecord():
                if found[record.resource_id].record is not None:
                    report(_line(record, LEFT_OUT, "the same patient stands in the file twice; the first one counts"))
                else:
                    found[record.resource_id].record = record
            case ConditionRecord():
                found[record.patient_id].conditions.append(record)
            case ClaimRecord():
                found[record.patient_id].claims.append(record)
    return dict(found)


def _import_patient(
    record: PatientRecord,
    patient: _Patient,
    plan: Plan,
    versions: list[PlanRules],
    imported_on: dt.date,
    as_recorded: bool,
    report: Callable[[Line], None],
) -> None:
    rules = versions[-1]
    claimable, later, refused = _sorted_out(patient.conditions, rules)
    for condition, words in refused:
        report(_line(condition, LEFT_OUT, words))
    by_id = {condition.resource_id: condition for condition in patient.conditions}
    for diagnosis in later:
        report(_line(by_id[diagnosis.resource_id], LEFT_OUT, f"{diagnosis.condition} occurred before: not the first"))
    moved = timedelta_of(record, patient, claimable, imported_on, as_recorded, rules)
    membership, words = _enrol(record, plan, versions[0], moved)
    report(_line(record, words[0], words[1]))
    filed: dict[str, Claim] = {}
    for diagnosis in claimable:
        condition = by_id[diagnosis.resource_id]
        if membership is None:
            report(_line(condition, LEFT_OUT, "the patient was not enrolled"))
            continue
        claim, words = _file(diagnosis, membership, moved, patient, by_id, imported_on)
        report(_line(condition, words[0], words[1]))
        if claim is not None:
            filed[condition.resource_id] = claim
    for bill in patient.claims:
        report(_line(bill, *_attach(bill, filed, by_id)))


def _sorted_out(
    conditions: list[ConditionRecord], rules: PlanRules
) -> tuple[list[Diagnosis], list[Diagnosis], list[tuple[ConditionRecord, str]]]:
    diagnoses: list[Diagnosis] = []
    refused: list[tuple[ConditionRecord, str]] = []
    for condition in conditions:
        found = diagnosis_of(condition.resource_id, condition.codes, condition.verification, condition.onset_on, rules)
        if isinstance(found, str):
            refused.append((condition, found))
        else:
            diagnoses.append(found)
    claimable, later = first_occurrences(diagnoses)
    return claimable, later, refused


def timedelta_of(
    record: PatientRecord,
    patient: _Patient,
    claimable: list[Diagnosis],
    imported_on: dt.date,
    as_recorded: bool,
    rules: PlanRules,
) -> dt.timedelta:
    """How far this record is moved: as far as at its first import; else so that its first covered illness is recent."""
    known = Person.objects.filter(import_key=_key("Patient", record.resource_id)).first()
    if known is not None and record.born_on is not None:
        return known.born_on - record.born_on  # type: ignore[no-any-return]
    if as_recorded:
        return dt.timedelta()
    days = [diagnosis.on for diagnosis in claimable] or [one.onset_on for one in patient.conditions if one.onset_on]
    days = days or [bill.billed_on for bill in patient.claims if bill.billed_on]
    if not days:
        return dt.timedelta()
    return dt.timedelta(days=days_to_move(min(days), imported_on, rules.apply_by_days))


def _enrol(
    record: PatientRecord, plan: Plan, first_rules: PlanRules, moved: dt.timedelta
) -> tuple[Membership | None, tuple[str, str]]:
    key = _key("Patient", record.resource_id)
    membership = Membership.objects.filter(plan=plan, person__import_key=key).select_related("person", "plan").last()
    if membership is not None:
        return membership, (ALREADY, f"membership {membership.pk}")
    if record.born_on is None:
        return None, (LEFT_OUT, "birthDate gives no day, so no age can be judged")
    born_on = record.born_on + moved
    old_enough_on = born_on + dt.timedelta(days=first_rules.join.age_min_days)
    joined_at = max(first_rules.starts_at, start_of_day(old_enough_on, plan.timezone))
    try:
        person = Person.objects.filter(import_key=key).first() or register_person(
            name=record.name or f"Patient {record.resource_id[:8]}",
            born_on=born_on,
            sex=record.sex,
            phone=record.phone,
            address=record.address,
            import_key=key,
            by=IMPORTER,
        )
        answers = {question.code: question.allowed_answer for question in first_rules.join.health_questions}
        membership = join_plan(person=person, plan=plan, joined_at=joined_at, health_answers=answers, by=IMPORTER)
    except DomainError as error:
        return None, (LEFT_OUT, str(error))
    shift = f", record moved by {moved.days} days" if moved else ""
    return membership, (ENROLLED, f"membership {membership.pk}, joined {joined_at:%Y-%m-%d}{shift}")


def _file(
    diagnosis: Diagnosis,
    membership: Membership,
    moved: dt.timedelta,
    patient: _Patient,
    by_id: dict[str, ConditionRecord],
    imported_on: dt.date,
) -> tuple[Claim | None, tuple[str, str]]:
    key = _key("Condition", diagnosis.resource_id)
    known = Claim.objects.filter(import_key=key).first()
    if known is not None:
        return known, (ALREADY, f"claim {known.ref}")
    diagnosed_on = diagnosis.on + moved
    if diagnosed_on > imported_on:
        return None, (
            LEFT_OUT,
            f"with the record moved by {moved.days} days it falls on {diagnosed_on}, which has not come",
        )
    related = [bill for bill in patient.claims if _is_related(bill, by_id[diagnosis.resource_id])]
    try:
        claim = submit_claim(
            membership=membership,
            icd10=diagnosis.icd10,
            severity=diagnosis.severity,
            is_accident=diagnosis.is_accident,
            first_diagnosed_on=diagnosed_on,
            suspected_on=None,
            hospital=related[0].provider if related else "not stated",
            account="Filed from the hospital's record.",
            import_key=key,
            by=IMPORTER,
        )
    except DomainError as error:
        return None, (LEFT_OUT, str(error))
    return claim, (FILED, f"{claim.ref}: {diagnosis.icd10} {diagnosis.severity}, first diagnosed {diagnosed_on}")


def _attach(bill: ClaimRecord, filed: dict[str, Claim], by_id: dict[str, ConditionRecord]) -> tuple[str, str]:
    key = _key("Claim", bill.resource_id)
    known = Evidence.objects.filter(import_key=key).select_related("claim").first()
    if known is not None:
        return ALREADY, f"evidence {known.pk} of {known.claim.ref if known.claim else 'a draft'}"
    claims = [claim for condition_id, claim in filed.items() if _is_related(bill, by_id[condition_id])]
    if not claims:
        return LEFT_OUT, "it bills nothing that was claimed"
    try:
        evidence = add_evidence(
            content=bill.content,
            filename=f"{bill.resource_id}.json",
            kind=Evidence.Kind.BILL,
            title=f"Hospital bill of {bill.billed_on or 'an unknown day'}",
            claim=claims[0],
            import_key=key,
            by=IMPORTER,
        )
    except DomainError as error:
        return LEFT_OUT, str(error)
    return ATTACHED, f"evidence {evidence.pk} of {claims[0].ref}"


def _is_related(bill: ClaimRecord, condition: ConditionRecord) -> bool:
    return condition.resource_id in bill.condition_ids or condition.encounter_id in bill.encounter_ids


def _key(resource_type: str, resource_id: str) -> str:
    return f"fhir:{resource_type}/{resource_id}"


def _line(record: PatientRecord | ConditionRecord | ClaimRecord, did: str, words: str) -> Line:
    kind = type(record).__name__.removesuffix("Record")
    return Line(record.place, f"{kind}/{record.resource_id}", did, words)


def today_in(plan: Plan, now: dt.datetime) -> dt.date:
    """The day it is where the plan is."""
    return local_day(now, plan.timezone)
