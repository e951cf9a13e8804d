"""Which diagnoses of a medical record can be claimed, and on which days they fall in the plan's time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from members.codes import icd10 as icd10_codes
from members.codes import snomed
from members.rules.icd10_ranges import normalised
from members.rules.plans import PlanRules, condition_for

SNOMED_SYSTEM = "http://snomed.info/sct"
DAYS_FROM_DIAGNOSIS_TO_CLAIM = 30
"""A record that is moved is moved so that its first covered illness was diagnosed so many days before the import."""

_UNSETTLED = {"refuted", "entered-in-error", "provisional", "differential", "unconfirmed"}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One diagnosis of a record as it was recorded, in ICD-10."""

    resource_id: str
    on: dt.date
    icd10: str
    severity: str
    is_accident: bool
    condition: str
    """The plan's covered condition."""


def diagnosis_of(
    resource_id: str,
    codes: tuple[tuple[str, str, str], ...],
    verification: str,
    on: dt.date | None,
    rules: PlanRules,
) -> Diagnosis | str:
    """The claimable diagnosis, or why there is none, in words."""
    if verification in _UNSETTLED:
        return f"the diagnosis is {verification}, not confirmed"
    if on is None:
        return "it gives no day of onset"
    found = _coded(codes)
    if isinstance(found, str):
        return found
    icd10, severity, is_accident = found
    condition = condition_for(rules, icd10)
    if condition is None:
        return f"{icd10} ({icd10_codes.title(icd10)}) is not covered by {rules.code} {rules.version}"
    if severity not in condition.severities:
        severity = condition.severities[0]
    return Diagnosis(resource_id, on, icd10, severity, is_accident, condition.code)


def _coded(codes: tuple[tuple[str, str, str], ...]) -> tuple[str, str, bool] | str:
    """ICD-10, severity and whether it is an injury, from the first coding that gives them; else why none does."""
    reasons = []
    for system, code, display in codes:
        found = _from_snomed(code, display) if system == SNOMED_SYSTEM else _from_icd10(system, code)
        if not isinstance(found, str):
            return found
        reasons.append(found)
    return next((reason for reason in reasons if reason), "it has no SNOMED or ICD-10 code")


def _from_snomed(code: str, display: str) -> tuple[str, str, bool] | str:
    known = snomed.look_up(code)
    if known is None:
        return f"SNOMED {code} ({display}) has no ICD-10 code in the table yet"
    if known.icd10 is None:
        return f"SNOMED {code} ({known.display}): {known.reason.en if known.reason else 'no diagnosis'}"
    return known.icd10, known.severity or "severe", known.is_injury


def _from_icd10(system: str, code: str) -> tuple[str, str, bool] | str:
    if "icd-10" not in system:
        return ""
    if not icd10_codes.exists(code):
        return f"{code} is no ICD-10 code"
    return normalised(code), "severe", code[0] in "STVWXY"


def first_occurrences(diagnoses: list[Diagnosis]) -> tuple[list[Diagnosis], list[Diagnosis]]:
    """The first of each covered condition by day, and the later ones."""
    first: dict[str, Diagnosis] = {}
    later: list[Diagnosis] = []
    for diagnosis in sorted(diagnoses, key=lambda one: (one.on, one.resource_id)):
        if diagnosis.condition in first:
            later.append(diagnosis)
        else:
            first[diagnosis.condition] = diagnosis
    return list(first.values()), later


def days_to_move(anchor_on: dt.date, imported_on: dt.date, apply_by_days: int) -> int:
    """How many days a record is moved forward, all its days alike; 0 where a claim can still be made as recorded."""
    if 0 <= (imported_on - anchor_on).days <= apply_by_days:
        return 0
    return (imported_on - dt.timedelta(days=DAYS_FROM_DIAGNOSIS_TO_CLAIM) - anchor_on).days
