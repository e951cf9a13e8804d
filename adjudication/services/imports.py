"""Importing medical records: enrol the patients, file the claims, attach the bills; twice is once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import transaction

from adjudication.fhir.reading import Broken, ClaimRecord, ConditionRecord, Ignored, PatientRecord, Read
from adjudication.models import Claim, Evidence
from adjudication.rules.records import Diagnosis, days_to_move, diagnosis_of, first_occurrences
from adjudication.services.claims import submit_claim
from adjudication.services.evidence import add_evidence
from adjudication.services.refusals import NoRulesInForce
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


@dataclass(frozen=True, slots=True)
class _Run:
    """What one import brings records into, and on which day. `rules` are those of the plan's last version."""

    plan: Plan
    first_rules: PlanRules
    rules: PlanRules
    imported_on: dt.date
    as_recorded: bool


@dataclass
class _Patient:
    """Everything that the file says of one patient, in its order."""

    record: PatientRecord | None = None
    conditions: list[ConditionRecord] = field(default_factory=list)
    claims: list[ClaimRecord] = field(default_factory=list)

    def condition(self, resource_id: str) -> ConditionRecord:
        """The first condition of that id."""
        return next(one for one in self.conditions if one.resource_id == resource_id)


def import_records(
    *, records: Iterable[Read], plan: Plan, imported_on: dt.date, as_recorded: bool, report: Callable[[Line], None]
) -> None:
    """Bring records into a plan: patients become members, first covered diagnoses claims, bills evidence.

    Each patient, claim and bill carries the id of its resource, so running it again adds nothing. A record older
    than the plan is moved forward as a whole (`as_recorded` forbids that), the same each time. Every resource is
    reported once: first what can't be read, then patient by patient in the file's order. Raises NoRulesInForce.
    """
    versions = [version.rules for version in versions_of(plan).order_by("starts_at")]
    if not versions:
        raise NoRulesInForce(plan.code, imported_on)
    run = _Run(plan, versions[0], versions[-1], imported_on, as_recorded)
    order: dict[str, int] = {}
    for patient_id, patient in _by_patient(records, order, report).items():
        if patient.record is None:
            why = f"its patient {patient_id or '(none)'} is not in the file"
            orphans: list[ConditionRecord | ClaimRecord] = [*patient.conditions, *patient.claims]
            lines = [_line(orphan, LEFT_OUT, why) for orphan in orphans]
        else:
            lines = _import_patient(run, patient.record, patient)
        for line in sorted(lines, key=lambda line: order[line.place]):
            report(line)


def _by_patient(records: Iterable[Read], order: dict[str, int], report: Callable[[Line], None]) -> dict[str, _Patient]:
    """The records by patient; notes in `order` where each stands. What is read no further is reported at once."""
    found: dict[str, _Patient] = defaultdict(_Patient)
    seen: set[tuple[str, str]] = set()
    for record in records:
        order[record.place] = len(order)
        if isinstance(record, Broken):
            report(Line(record.place, "", BROKEN, record.what))
            continue
        if isinstance(record, Ignored):
            name = f"{record.resource_type}/{record.resource_id}"
            report(Line(record.place, name, LEFT_OUT, f"{record.resource_type} is not read"))
            continue
        resource = (type(record).__name__, record.resource_id)
        if resource in seen:
            report(_line(record, LEFT_OUT, "the same resource stands in the file twice; the first one counts"))
            continue
        seen.add(resource)
        if isinstance(record, PatientRecord):
            found[record.resource_id].record = record
        elif isinstance(record, ConditionRecord):
            found[record.patient_id].conditions.append(record)
        else:
            found[record.patient_id].claims.append(record)
    return dict(found)


def _import_patient(run: _Run, record: PatientRecord, patient: _Patient) -> list[Line]:
    claimable, later, lines = _sorted_out(patient, run.rules)
    lines += [
        _line(patient.condition(one.resource_id), LEFT_OUT, f"{one.condition} occurred before: not the first")
        for one in later
    ]
    moved = _movement(run, record, patient, claimable)
    membership, did, words = _enrol(run, record, moved)
    lines.append(_line(record, did, words))
    filed: dict[str, Claim] = {}
    for diagnosis in claimable:
        condition = patient.condition(diagnosis.resource_id)
        if membership is None:
            lines.append(_line(condition, LEFT_OUT, "the patient was not enrolled"))
            continue
        claim, did, words = _file(run, diagnosis, membership, moved, patient)
        lines.append(_line(condition, did, words))
        if claim is not None:
            filed[condition.resource_id] = claim
    lines += [_line(bill, *_attach(bill, filed, patient)) for bill in patient.claims]
    return lines


def _sorted_out(patient: _Patient, rules: PlanRules) -> tuple[list[Diagnosis], list[Diagnosis], list[Line]]:
    """The first covered diagnoses, the later ones of the same illness, and a line for each condition left out."""
    diagnoses: list[Diagnosis] = []
    lines: list[Line] = []
    for condition in patient.conditions:
        found = diagnosis_of(condition.resource_id, condition.codes, condition.verification, condition.onset_on, rules)
        if isinstance(found, str):
            lines.append(_line(condition, LEFT_OUT, found))
        else:
            diagnoses.append(found)
    claimable, later = first_occurrences(diagnoses)
    return claimable, later, lines


def _movement(run: _Run, record: PatientRecord, patient: _Patient, claimable: list[Diagnosis]) -> dt.timedelta:
    """How far this record is moved: as far as at its first import; else so that its first covered illness is recent."""
    known = Person.objects.filter(import_key=_key("Patient", record.resource_id)).first()
    if known is not None and record.born_on is not None:
        return known.born_on - record.born_on
    if run.as_recorded:
        return dt.timedelta()
    days = [diagnosis.on for diagnosis in claimable] or [one.onset_on for one in patient.conditions if one.onset_on]
    days = days or [bill.billed_on for bill in patient.claims if bill.billed_on]
    if not days:
        return dt.timedelta()
    return dt.timedelta(days=days_to_move(min(days), run.imported_on, run.rules.apply_by_days))


def _enrol(run: _Run, record: PatientRecord, moved: dt.timedelta) -> tuple[Membership | None, str, str]:
    key = _key("Patient", record.resource_id)
    known = Membership.objects.filter(plan=run.plan, person__import_key=key).select_related("person", "plan").last()
    if known is not None:
        return known, ALREADY, f"membership {known.pk}"
    if record.born_on is None:
        return None, LEFT_OUT, "birthDate gives no day, so no age can be judged"
    born_on = _moved(record.born_on, moved)
    if born_on is None or born_on > run.imported_on:
        return (
            None,
            LEFT_OUT,
            f"born on {record.born_on}, which with the record moved by {moved.days} days has not come",
        )
    first_rules = run.first_rules
    old_enough_on = born_on + dt.timedelta(days=first_rules.join.age_min_days)
    joined_at = max(first_rules.starts_at, start_of_day(old_enough_on, run.plan.timezone))
    answers = {question.code: question.allowed_answer for question in first_rules.join.health_questions}
    try:
        # In one act: somebody whom the plan does not take is not registered either.
        with transaction.atomic():
            person = Person.objects.filter(import_key=key).first() or _register(record, born_on, key)
            membership = join_plan(
                person=person, plan=run.plan, joined_at=joined_at, health_answers=answers, by=IMPORTER
            )
    except DomainError as error:
        return None, LEFT_OUT, str(error)
    shift = f", record moved by {moved.days} days" if moved else ""
    return membership, ENROLLED, f"membership {membership.pk}, joined {joined_at:%Y-%m-%d}{shift}"


def _register(record: PatientRecord, born_on: dt.date, key: str) -> Person:
    return register_person(
        name=record.name or f"Patient {record.resource_id[:8]}",
        born_on=born_on,
        sex=record.sex if record.sex in Person.Sex.values else Person.Sex.UNKNOWN,
        phone=record.phone,
        address=record.address,
        import_key=key,
        by=IMPORTER,
    )


def _file(
    run: _Run, diagnosis: Diagnosis, membership: Membership, moved: dt.timedelta, patient: _Patient
) -> tuple[Claim | None, str, str]:
    key = _key("Condition", diagnosis.resource_id)
    known = Claim.objects.filter(import_key=key).first()
    if known is not None:
        return known, ALREADY, f"claim {known.ref}"
    diagnosed_on = _moved(diagnosis.on, moved)
    if diagnosed_on is None or diagnosed_on > run.imported_on:
        day = diagnosed_on or "a day after the last one there is"
        return None, LEFT_OUT, f"with the record moved by {moved.days} days it falls on {day}, which has not come"
    condition = patient.condition(diagnosis.resource_id)
    related = [bill for bill in patient.claims if _is_related(bill, condition)]
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
        return None, LEFT_OUT, str(error)
    return claim, FILED, f"{claim.ref}: {diagnosis.icd10} {diagnosis.severity}, first diagnosed {diagnosed_on}"


def _attach(bill: ClaimRecord, filed: dict[str, Claim], patient: _Patient) -> tuple[str, str]:
    key = _key("Claim", bill.resource_id)
    known = Evidence.objects.filter(import_key=key).select_related("claim").first()
    if known is not None:
        return ALREADY, f"evidence {known.pk} of {known.claim.ref if known.claim else 'a draft'}"
    claims = [claim for condition_id, claim in filed.items() if _is_related(bill, patient.condition(condition_id))]
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


def _moved(on: dt.date, by: dt.timedelta) -> dt.date | None:
    """The day so much later; None beyond the last day that a calendar can name."""
    try:
        return on + by
    except OverflowError:
        return None


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
