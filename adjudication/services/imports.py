"""Importing medical records: enrol the patients, file the claims, attach the bills; importing again changes nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from adjudication.errors.claims import ClaimAlreadyOpen
from adjudication.fhir.records import Broken, ClaimRecord, ConditionRecord, Ignored, PatientRecord, Read
from adjudication.fhir.sorting import Patient, Sorted, Versioned, at_odds, sort_out
from adjudication.models import Claim
from adjudication.rules.records import Diagnosis, days_to_move, diagnosis_of, first_occurrences, joining_moment
from adjudication.selectors.claims import open_claim_of
from adjudication.services.claims import submit_claim
from adjudication.services.imported_bills import attach_bill, is_related
from adjudication.services.imported_findings import claim_found_in, record_stated
from adjudication.services.imported_lines import (
    ALREADY,
    BROKEN,
    CHANGES,
    CONTRADICTS,
    ENROLLED,
    FILED,
    IMPORTER,
    LEFT_OUT,
    REPEATED,
    STATED,
    WITHDRAWN,
    Line,
    Run,
    day_moved,
    line_of,
)
from adjudication.services.imported_patients import (
    Contradiction,
    KnownPatient,
    import_key,
    is_identity_of,
    known_patient,
    learn_identities,
    register_patient,
)
from adjudication.services.imported_withdrawals import (
    bill_withdrawn,
    condition_withdrawn,
    deletion_learned,
    is_known_as_withdrawn,
)
from audit.errors import DomainError
from audit.locks import AdvisoryLock, wait_for
from audit.services import append
from members.errors.plans import NoRulesInForce
from members.models import Membership, Person, Plan
from members.rules.dates import local_day
from members.rules.plans import condition_for
from members.selectors.plans import title_of, versions_of
from members.services.memberships import join_plan

OLDEST_YEARS = 130


@dataclass(frozen=True, slots=True)
class _Member:
    """A patient as they are here."""

    person: Person
    membership: Membership | None
    moved: dt.timedelta


def import_records(
    *, records: Iterable[Read], plan: Plan, imported_on: dt.date, as_recorded: bool, report: Callable[[Line], None]
) -> None:
    """Import records into a plan: patients become members, first covered diagnoses claims, bills evidence.

    Each patient, claim and bill stores the identity of its resource, so importing again adds nothing. In a
    demonstration, a record older than the plan is moved forward as a whole (`as_recorded` forbids that), the same each
    time; in a deployment all days stay as recorded. Nothing depends on the order of the file. Every resource is
    reported once: first what can't be used, then patient by patient. Raises NoRulesInForce.
    """
    versions = tuple(version.rules for version in versions_of(plan).order_by("starts_at"))
    if not versions:
        raise NoRulesInForce(plan=title_of(plan), on=imported_on)
    run = Run(plan, versions, imported_on, as_recorded or not settings.IS_DEMO)
    counts: Counter[str] = Counter()

    def tell(line: Line) -> None:
        counts[line.did] += 1
        report(line)

    order: dict[str, int] = {}
    found = sort_out(_readable(records, order, tell))
    for line in _leftovers(run, found):
        tell(line)
    for patient in found.patients:
        for line in sorted(_import_in_turn(run, patient), key=lambda line: order[line.place]):
            tell(line)
    if any(counts[did] for did in CHANGES):
        with transaction.atomic():
            body = {did.replace(" ", "_"): number for did, number in sorted(counts.items())}
            append(kind="records.imported", stream=f"plan:{plan.code}", by=IMPORTER, body=body)


def _readable(records: Iterable[Read], order: dict[str, int], tell: Callable[[Line], None]) -> list[Versioned]:
    """The resources to be sorted out; notes in `order` the position of each. What can't be read is reported at once."""
    found: list[Versioned] = []
    for record in records:
        if isinstance(record, Broken):
            tell(Line(record.place, "", BROKEN, record.what))
        elif isinstance(record, Ignored):
            name = f"{record.resource_type}/{record.resource_id}"
            tell(Line(record.place, name, LEFT_OUT, f"{record.resource_type} is not read"))
        else:
            order[record.head.place] = len(order)
            found.append(record)
    return found


def _leftovers(run: Run, found: Sorted) -> list[Line]:
    """A line for what belongs to nobody in the file; what it withdraws reaches the claim all the same."""
    orphans = {id(one) for one in found.orphans}
    lines = [line_of(record, REPEATED, why) for record, why in found.repeated]
    for record, why in found.left_out:
        told = ""
        if id(record) in orphans and isinstance(record, ConditionRecord):
            claim = _known_claim(record)
            if claim is None or is_identity_of(claim.membership.person_id, record.patient.identity):
                told = condition_withdrawn(record, claim, None, run.plan, IMPORTER)
        elif id(record) in orphans and isinstance(record, ClaimRecord) and record.standing:
            told = bill_withdrawn(record, run.plan, IMPORTER)
        lines.append(line_of(record, WITHDRAWN, told) if told else line_of(record, LEFT_OUT, why))
    for deleted in found.deleted:
        told = deletion_learned(deleted, run.plan, IMPORTER)
        why = "its server deleted it, and nothing here rests on it"
        lines.append(line_of(deleted, WITHDRAWN, told) if told else line_of(deleted, LEFT_OUT, why))
    return lines


def _import_in_turn(run: Run, patient: Patient) -> list[Line]:
    """One patient in one transaction. Two imports take turns, patient by patient: the second of two that hold the same
    one finds them there.
    """
    with transaction.atomic():
        wait_for(AdvisoryLock.RECORD_IMPORT)
        return _import_patient(run, patient)


def _import_patient(run: Run, patient: Patient) -> list[Line]:
    everything: list[Versioned] = [*patient.conditions, *patient.claims]
    gone = [one for one in patient.records if one.gone]
    lines = [line_of(one, LEFT_OUT, one.gone) for one in gone]
    reason = next((one.gone for one in gone if one.is_gone_for_all), "")
    reason = reason or next((one.head.doubt for one in patient.standing if one.head.doubt), "")
    if reason or not patient.standing:
        lines += [line_of(one, LEFT_OUT, reason) for one in patient.standing]
        return lines + [line_of(one, LEFT_OUT, f"of its patient: {reason}") for one in everything]
    odds = at_odds(patient)
    known = None if odds else known_patient(patient.identities, patient.identifiers, patient.standing)
    if odds or isinstance(known, Contradiction):
        words = odds or known.words  # type: ignore[union-attr]
        lines += [
            line_of(one, CONTRADICTS, f"{words}. Nothing was filed: ask the hospital which is right")
            for one in patient.standing
        ]
        return lines + [line_of(one, LEFT_OUT, "its patient contradicts who is known here") for one in everything]
    return lines + _import_known(run, patient, known)


def _import_known(run: Run, patient: Patient, known: KnownPatient | None) -> list[Line]:
    """The lines of a patient whose identity is plain: `known` here, or new."""
    main = min(patient.standing, key=lambda one: (one.born_on is None, not one.name, one.head.identity))
    sound, lines = _sound_conditions(run, patient, main)
    diagnoses = {one: found for one in sound if isinstance(found := _diagnosis(run, one), Diagnosis)}
    claimable, later = first_occurrences(list(diagnoses.values()))
    moved = _movement(run, known, patient, claimable)
    member, did, words = _enrol(run, main, patient, known, moved)
    joined = ALREADY if did == ENROLLED else did
    others = [
        line_of(one, joined, f"the same person as {main.head.identity}") for one in patient.standing if one is not main
    ]
    lines += [line_of(main, did, words), *others]
    claims: dict[ConditionRecord, Claim] = {}
    first, repeated = ({one.resource_id for one in some} for some in (claimable, later))
    for condition in sorted(sound, key=lambda one: (run.day(one.onset) or dt.date.max, str(one.head.identity))):
        claim = _known_claim(condition)
        diagnosis = diagnoses.get(condition)
        stated = claim_found_in(condition.head.identity) if claim is None else None
        if claim is not None:
            did, words = _compare(run, condition, claim, member)
        elif stated is not None:
            did, words = _state_again(run, condition, stated, diagnosis, member)
        elif diagnosis is None:
            did, words = _not_claimed(run, condition)
        elif diagnosis.resource_id in repeated and diagnosis.resource_id not in first:
            did, words = LEFT_OUT, f"{diagnosis.condition} occurred before: not the first"
        elif member is None or member.membership is None:
            did, words = LEFT_OUT, "the patient was not enrolled"
        else:
            claim, did, words = _file(run, diagnosis, member, condition, patient)
        lines.append(line_of(condition, did, words))
        if claim is not None:
            claims[condition] = claim
    for bill in sorted(patient.claims, key=lambda one: one.head.identity):
        lines.append(line_of(bill, *attach_bill(run=run, bill=bill, claims=claims, main=main, by=IMPORTER)))
    return lines


def _sound_conditions(run: Run, patient: Patient, main: PatientRecord) -> tuple[list[ConditionRecord], list[Line]]:
    """The conditions on days that can be, and a line for each of the others: one impossible day costs itself alone."""
    sound, lines = [], []
    for condition in patient.conditions:
        on = run.day(condition.onset)
        why = ""
        if on is not None and on > run.imported_on:
            why = f"its onset on {on} has not come"
        elif on is not None and on.year < run.imported_on.year - OLDEST_YEARS:
            why = f"its onset on {on} is impossible"
        elif on is not None and main.born_on is not None and on < main.born_on:
            why = f"its onset on {on} lies before the birth"
        if why and _known_claim(condition) is None:
            lines.append(line_of(condition, LEFT_OUT, why))
        else:
            sound.append(condition)
    return sound, lines


def _diagnosis(run: Run, condition: ConditionRecord) -> Diagnosis | str:
    if condition.head.doubt:
        return condition.head.doubt
    if condition.recurrence:
        return f"its clinical status is {condition.recurrence}, so it may not be the first time"
    if condition.verification == "confirmed" and condition.onset_words:
        return condition.onset_words
    on = run.day(condition.onset)
    return diagnosis_of(str(condition.head.identity), condition.codes, condition.verification, on, run.rules)


def _not_claimed(run: Run, condition: ConditionRecord) -> tuple[str, str]:
    """Why there is nothing to claim; a withdrawal is kept, so that an older export does not file it later."""
    condition_withdrawn(condition, None, None, run.plan, IMPORTER)
    found = _diagnosis(run, condition)
    assert isinstance(found, str)
    return LEFT_OUT, found


def _compare(run: Run, condition: ConditionRecord, claim: Claim, member: _Member | None) -> tuple[str, str]:
    """Whether the record still says what its claim was filed for."""
    moved = member.moved if member else dt.timedelta()
    on = run.day(condition.onset)
    is_same = None
    if member is not None:
        is_theirs = claim.membership.person_id == member.person.pk
        is_same = is_theirs and on is not None and day_moved(on, moved) == claim.first_diagnosed_on
    told = condition_withdrawn(condition, claim, is_same, run.plan, IMPORTER)
    return (WITHDRAWN, told) if told else (ALREADY, f"claim {claim.ref}")


def _movement(run: Run, known: KnownPatient | None, patient: Patient, claimable: list[Diagnosis]) -> dt.timedelta:
    """By how many days this record is moved: as at its first import, otherwise so that its first covered illness is
    recent.
    """
    if known is not None:
        return dt.timedelta(days=known.moved_days)
    if run.as_recorded:
        return dt.timedelta()
    days = [diagnosis.on for diagnosis in claimable]
    days = days or [on for one in patient.conditions if (on := run.day(one.onset)) and on <= run.imported_on]
    days = days or [on for one in patient.claims if (on := run.day(one.billed)) and on <= run.imported_on]
    if not days:
        return dt.timedelta()
    return dt.timedelta(days=days_to_move(min(days), run.imported_on, run.rules.apply_by_days))


def _enrol(
    run: Run, main: PatientRecord, patient: Patient, known: KnownPatient | None, moved: dt.timedelta
) -> tuple[_Member | None, str, str]:
    try:
        # In one transaction: a person whom the plan does not admit is not registered either.
        with transaction.atomic():
            if known is None:
                person, membership, words = _join(run, main, moved, None)
            else:
                person = known.person
                found = Membership.objects.filter(plan=run.plan, person=person).select_related("person", "plan")
                last = found.last()
                person, membership, words = (person, last, "") if last else _join(run, main, moved, person)
            learn_identities(person=person, identities=patient.identities, identifiers=patient.identifiers, by=IMPORTER)
    except _NotEnrolled as error:
        return None, LEFT_OUT, error.words
    except DomainError as error:
        return None, LEFT_OUT, str(error)
    did = ENROLLED if words else ALREADY
    return _Member(person, membership, moved), did, words or f"membership {membership.pk}"


class _NotEnrolled(Exception):
    def __init__(self, words: str) -> None:
        self.words = words


def _join(run: Run, main: PatientRecord, moved: dt.timedelta, person: Person | None) -> tuple[Person, Membership, str]:
    born_on = person.born_on if person else day_moved(main.born_on, moved) if main.born_on else None
    if main.born_on is None and person is None:
        raise _NotEnrolled("birthDate gives no day, so no age can be judged")
    if born_on is None or born_on > run.imported_on:
        raise _NotEnrolled(f"born on {main.born_on}, which with the record moved by {moved.days} days has not come")
    joined_at = joining_moment(run.versions, born_on)
    if local_day(joined_at, run.plan.timezone) > run.imported_on:
        raise _NotEnrolled(f"old enough for the plan from {local_day(joined_at, run.plan.timezone)} on")
    answers = {
        question.code: question.allowed_answer for rules in run.versions for question in rules.join.health_questions
    }
    if person is None:
        person = register_patient(record=main, born_on=born_on, moved_days=moved.days, by=IMPORTER)
    membership = join_plan(person=person, plan=run.plan, joined_at=joined_at, health_answers=answers, by=IMPORTER)
    shift = f", record moved by {moved.days} days" if moved else ""
    return person, membership, f"membership {membership.pk}, joined {joined_at:%Y-%m-%d}{shift}"


def _known_claim(condition: ConditionRecord) -> Claim | None:
    key = import_key(condition.head.identity)
    return Claim.objects.select_related("membership").filter(import_key=key).first()


def _file(
    run: Run, diagnosis: Diagnosis, member: _Member, condition: ConditionRecord, patient: Patient
) -> tuple[Claim | None, str, str]:
    if is_known_as_withdrawn(condition):
        return None, LEFT_OUT, "the hospital has withdrawn it since, as a newer export said"
    moved = member.moved
    diagnosed_on = day_moved(diagnosis.on, moved)
    if diagnosed_on is None or diagnosed_on > run.imported_on:
        day = diagnosed_on or "a day after the last one there is"
        return None, LEFT_OUT, f"with the record moved by {moved.days} days it falls on {day}, which has not come"
    bills = sorted(patient.claims, key=lambda one: one.head.identity)
    providers = [bill.provider for bill in bills if is_related(bill, condition) and bill.provider and not bill.standing]
    assert member.membership is not None
    try:
        claim = submit_claim(
            membership=member.membership,
            icd10=diagnosis.icd10,
            icd10_given=diagnosis.given,
            severity=diagnosis.severity,
            is_accident=diagnosis.is_accident,
            first_diagnosed_on=diagnosed_on,
            suspected_on=None,
            hospital=providers[0] if providers else "not stated",
            account="Filed from the hospital's record.",
            import_key=import_key(condition.head.identity),
            by=IMPORTER,
        )
    except ClaimAlreadyOpen as error:
        return _state(diagnosis, condition, member.membership, diagnosed_on, str(error))
    except DomainError as error:
        return None, LEFT_OUT, str(error)
    record_stated(
        claim=claim, diagnosis=diagnosis, on=diagnosed_on.isoformat(), identity=condition.head.identity, by=IMPORTER
    )
    given = f" (for {diagnosis.given})" if diagnosis.given else ""
    return claim, FILED, f"{claim.ref}: {diagnosis.icd10}{given} {diagnosis.severity}, first diagnosed {diagnosed_on}"


def _state(
    diagnosis: Diagnosis, condition: ConditionRecord, membership: Membership, diagnosed_on: dt.date, refused: str
) -> tuple[Claim | None, str, str]:
    """What the record states of a claim that is open already, where it is about the same illness of the plan."""
    claim = open_claim_of(membership)
    about = condition_for(claim.plan_version.rules, claim.icd10) if claim else None
    if claim is None or about is None or about.code != diagnosis.condition:
        return None, LEFT_OUT, refused
    written = record_stated(
        claim=claim, diagnosis=diagnosis, on=diagnosed_on.isoformat(), identity=condition.head.identity, by=IMPORTER
    )
    if not written:
        return None, LEFT_OUT, refused
    return None, STATED, f"{claim.ref}: {diagnosis.icd10}, first diagnosed {diagnosed_on}, beside what is stated there"


def _state_again(
    run: Run, condition: ConditionRecord, claim: Claim, diagnosis: Diagnosis | None, member: _Member | None
) -> tuple[str, str]:
    """What a record says now of a claim that somebody else filed: withdrawn, something else, or the same."""
    if diagnosis is None or member is None:
        told = condition_withdrawn(condition, claim, None, run.plan, IMPORTER)
        return (WITHDRAWN, told) if told else (ALREADY, f"claim {claim.ref}")
    on = day_moved(diagnosis.on, member.moved)
    written = on is not None and record_stated(
        claim=claim, diagnosis=diagnosis, on=on.isoformat(), identity=condition.head.identity, by=IMPORTER
    )
    return (STATED, f"{claim.ref}: {diagnosis.icd10}, first diagnosed {on}") if written else (ALREADY, claim.ref)


def today_in(plan: Plan, now: dt.datetime) -> dt.date:
    """Today in the plan's time zone."""
    return local_day(now, plan.timezone)
