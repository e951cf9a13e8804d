"""Which diagnoses of a record can be claimed, and how far a record is moved."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from adjudication.rules.records import (
    DAYS_FROM_DIAGNOSIS_TO_CLAIM,
    Diagnosis,
    days_to_move,
    diagnosis_of,
    first_occurrences,
)
from members.rules.plans import PlanRules, parse_plan
from tests.adjudication.fhir.resources import MYOCARDIAL_INFARCTION, SINUSITIS, STROKE

SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ON = dt.date(2026, 10, 20)
PLANS = Path(__file__).parents[3] / "members" / "plan_files"


@pytest.fixture(scope="module")
def rules() -> PlanRules:
    name = "xhb-2020-01-01.toml"
    return parse_plan((PLANS / name).read_text(encoding="utf-8"), name)


def diagnose(rules: PlanRules, *codes: tuple[str, str, str], verification: str = "confirmed") -> Diagnosis | str:
    return diagnosis_of("c1", codes, verification, ON, rules)


def test_a_covered_snomed_code_becomes_icd10_with_the_plan_s_condition(rules: PlanRules) -> None:
    found = diagnose(rules, (SNOMED, MYOCARDIAL_INFARCTION, "Myocardial infarction"))

    assert found == Diagnosis("c1", ON, "I21.9", "severe", False, "acute_myocardial_infarction")


def test_an_icd10_code_is_taken_in_any_spelling(rules: PlanRules) -> None:
    found = diagnose(rules, (ICD10, "c509", "breast"))

    assert isinstance(found, Diagnosis)
    assert (found.icd10, found.condition) == ("C50.9", "malignant_tumour")


def test_a_severity_that_the_plan_does_not_pay_becomes_one_it_pays(rules: PlanRules) -> None:
    found = diagnose(rules, (ICD10, "D07.5", "in situ"))

    assert isinstance(found, Diagnosis)
    assert found.severity == "mild"


def test_the_first_coding_that_can_be_read_counts(rules: PlanRules) -> None:
    found = diagnose(rules, ("urn:local", "H1", "own"), (SNOMED, "1", "unknown"), (ICD10, "I64", "stroke"))

    assert isinstance(found, Diagnosis)
    assert found.icd10 == "I64"


@pytest.mark.parametrize(
    ("codes", "why"),
    [
        ([], "no SNOMED or ICD-10 code"),
        ([("urn:local", "H1", "own")], "no SNOMED or ICD-10 code"),
        ([(SNOMED, "1", "Odd")], "SNOMED 1 (Odd) has no ICD-10 code in the table yet"),
        ([(SNOMED, SINUSITIS, "Sinusitis")], "is not covered by xhb 2020-01-01"),
        ([(ICD10, "XYZ", "")], "XYZ is not known here"),
        ([(SNOMED, "399211009", "History of MI")], "no illness of this day"),
    ],
)
def test_why_there_is_nothing_to_claim(rules: PlanRules, codes: list[tuple[str, str, str]], why: str) -> None:
    found = diagnose(rules, *codes)

    assert isinstance(found, str)
    assert why in found


@pytest.mark.parametrize("verification", ["refuted", "entered-in-error", "provisional", "differential", "unconfirmed"])
def test_a_diagnosis_that_is_not_confirmed_is_no_claim(rules: PlanRules, verification: str) -> None:
    found = diagnose(rules, (SNOMED, STROKE, "Stroke"), verification=verification)

    assert found == f"the diagnosis is {verification}, not confirmed"


def test_a_diagnosis_without_a_day_is_no_claim(rules: PlanRules) -> None:
    assert diagnosis_of("c1", ((SNOMED, STROKE, "Stroke"),), "confirmed", None, rules) == "it gives no day of onset"


def test_only_the_first_of_a_condition_counts_whatever_the_order_in_the_file() -> None:
    def of(resource_id: str, day: int, condition: str) -> Diagnosis:
        return Diagnosis(resource_id, dt.date(2026, 1, day), "I64", "severe", False, condition)

    later, first, other = of("a", 9, "stroke"), of("b", 2, "stroke"), of("c", 5, "infarction")

    assert first_occurrences([later, first, other]) == ([first, other], [later])


@pytest.mark.parametrize(
    ("days_ago", "moved"),
    [
        (0, 0),
        (180, 0),
        (181, 181 - DAYS_FROM_DIAGNOSIS_TO_CLAIM),
        (20_000, 20_000 - DAYS_FROM_DIAGNOSIS_TO_CLAIM),
        (-1, -1 - DAYS_FROM_DIAGNOSIS_TO_CLAIM),
    ],
)
def test_a_record_is_moved_only_where_no_claim_could_be_made_as_recorded(days_ago: int, moved: int) -> None:
    assert days_to_move(ON - dt.timedelta(days=days_ago), ON, 180) == moved
