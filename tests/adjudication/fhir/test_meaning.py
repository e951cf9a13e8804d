"""What a resource says: confirmed or not, on which day, of whom; and what is not understood counts as not good."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from adjudication.fhir.reading import read_records
from adjudication.fhir.records import Broken, ClaimRecord, ConditionRecord, Ignored, PatientRecord
from tests.adjudication.fhir.resources import bill, bundle, condition, ndjson, patient

VER = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ABSENT = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}
MODIFIER = [{"url": "http://x.example/not", "valueBoolean": True}]


def ill(**more: Any) -> ConditionRecord:
    value = condition() | more
    (found,) = read_records(ndjson({name: one for name, one in value.items() if one is not None}))
    assert isinstance(found, ConditionRecord), found
    return found


def person(**more: Any) -> PatientRecord:
    (found,) = read_records(ndjson(patient(**more)))
    assert isinstance(found, PatientRecord), found
    return found


def billed(**more: Any) -> ClaimRecord:
    (found,) = read_records(ndjson(bill(**more)))
    assert isinstance(found, ClaimRecord), found
    return found


@pytest.mark.parametrize(
    ("status", "verification"),
    [
        ({"coding": [{"system": VER, "code": "confirmed"}]}, "confirmed"),
        ({"coding": [{"code": "Confirmed"}], "text": "Confirmed by biopsy"}, "confirmed"),
        ({"coding": [{"system": "http://h.example", "code": "C"}, {"system": VER, "code": "confirmed"}]}, "confirmed"),
        ({"coding": [{"system": "http://h.example", "code": "R"}, {"system": VER, "code": "refuted"}]}, "refuted"),
        ({"coding": [{"system": VER, "code": "confirmed"}, {"system": VER, "code": "refuted"}]}, "refuted"),
        (
            {"coding": [{"system": VER, "code": "confirmed"}, {"system": "http://h.example", "code": "refuted"}]},
            "refuted",
        ),
        ({"coding": [{"system": VER, "code": "Entered-In-Error"}]}, "entered-in-error"),
        ({"coding": [{"system": VER, "code": "entered_in_error"}]}, "entered-in-error"),
        ({"text": "entered in error"}, "entered-in-error"),
        ({"coding": [{"system": VER, "code": "confirmed"}], "text": "Refuted by the pathologist"}, "refuted"),
        ({"text": "confirmed"}, "without a coded status"),
        ({"coding": [{"system": "http://h.example", "code": "confirmed"}]}, "without a coded status"),
        ({"coding": [{"system": VER, "code": "provisional"}]}, "provisional"),
        ({"coding": [{"system": VER, "code": "nonsense"}]}, "nonsense"),
        (None, "without a coded status"),
    ],
)
def test_only_what_is_plainly_confirmed_is(status: Any, verification: str) -> None:
    assert ill(verificationStatus=status).verification == verification


@pytest.mark.parametrize(
    ("certainty", "verification"), [("G", "confirmed"), ("A", "of certainty A"), ("V", "of certainty V")]
)
def test_a_german_coding_says_how_certain_it_is(certainty: str, verification: str) -> None:
    url = "http://fhir.de/StructureDefinition/icd-10-gm-diagnosesicherheit"
    coding = {"code": "C50.9", "extension": [{"url": url, "valueCoding": {"code": certainty}}]}
    assert ill(code={"coding": [coding]}).verification == verification


@pytest.mark.parametrize(
    ("clinical", "odd"),
    [("active", ""), ("resolved", ""), ("relapse", "relapse"), ("Recurrence", "recurrence"), ("new", "new")],
)
def test_an_illness_that_came_back_is_not_the_first(clinical: str, odd: str) -> None:
    assert ill(clinicalStatus={"coding": [{"code": clinical}]}).recurrence == odd


@pytest.mark.parametrize(
    ("more", "onset"),
    [
        ({"onsetDateTime": "2026-10-20"}, dt.date(2026, 10, 20)),
        ({"onsetDateTime": "2026-10-20T23:59:60Z"}, dt.datetime(2026, 10, 20, 23, 59, 59, tzinfo=dt.UTC)),
        ({"onsetPeriod": {"start": "2016-03-01", "end": "2016-04-01"}}, dt.date(2016, 3, 1)),
        ({"onsetPeriod": {"start": "2016-03"}}, None),
        ({"onsetPeriod": {"end": "2016-03-01"}}, None),
        ({"onsetAge": {"value": 30, "unit": "years"}}, None),
        ({"onsetString": "2016-03-01"}, None),
        ({"onsetRange": {"low": {"value": 29}}}, None),
        ({"onsetDateTime": "2016"}, None),
        ({"onsetDateTime": "2016-03"}, None),
        ({"onsetDateTime": "0001-01-01"}, None),
        ({"_onsetDateTime": ABSENT}, None),
        ({"onsetDateTime": "2016-03-01", "_onsetDateTime": ABSENT}, None),
        ({"_onsetString": ABSENT}, None),
        ({}, dt.date(2026, 10, 22)),
        ({"_recordedDate": ABSENT}, None),
    ],
)
def test_a_day_of_onset_is_stated_and_the_recorded_one_never_stands_in_for_another(more: Any, onset: Any) -> None:
    found = ill(**({"onsetDateTime": None, "recordedDate": "2026-10-22"} | more))
    assert found.onset == onset
    assert bool(found.onset_words) == (onset is None)


@pytest.mark.parametrize(
    "more",
    [
        {"modifierExtension": MODIFIER},
        {"stage": [{"modifierExtension": MODIFIER, "summary": {"text": "II"}}]},
        {"implicitRules": "http://x.example/rules"},
        {"meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]}},
        {"meta": {"tag": [{"code": "HTEST"}]}},
    ],
)
def test_what_may_change_the_meaning_is_a_doubt(more: Any) -> None:
    assert ill(**more).head.doubt
    assert not ill(extension=MODIFIER).head.doubt


@pytest.mark.parametrize(
    ("more", "gone"),
    [
        ({"deceasedBoolean": True}, "the patient has died"),
        ({"deceasedDateTime": "2021-01-01"}, "the patient has died"),
        ({"deceasedDateTime": "2021"}, "the patient has died"),
        ({"_deceasedDateTime": ABSENT}, "the patient has died"),
        ({"deceasedBoolean": False}, ""),
        ({"active": False}, "the record is no longer in use (active is false)"),
        ({"active": True}, ""),
        ({"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/patient-animal"}]}, "it is an animal"),
        (
            {"link": [{"type": "replaced-by", "other": {"reference": "Patient/2"}}]},
            "the record was replaced by Patient/2",
        ),
        ({"link": [{"type": "seealso", "other": {"reference": "Patient/2"}}]}, ""),
        ({"link": [{"type": "refer", "other": {"reference": "Patient/2"}}]}, ""),
    ],
)
def test_who_can_be_enrolled(more: Any, gone: str) -> None:
    assert person(**more).gone == gone


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ([{"use": "old", "text": "Maria Alt"}, {"use": "official", "text": "Maria Neu"}], "Maria Neu"),
        ([{"use": "nickname", "given": ["Bobby"]}, {"family": "Chalmers", "given": ["Robert"]}], "Robert Chalmers"),
        ([{"use": "official", "family": "欧阳", "given": ["小明"]}], "欧阳小明"),
        ([{"family": "김", "given": ["민준"]}], "김민준"),
        ([{"family": "Müller", "given": ["小明"]}], "小明 Müller"),
        ([{"use": "official", "text": "Was", "period": {"end": "2020-01-01"}}, {"use": "usual", "text": "Is"}], "Is"),
        ([{"use": "maiden", "family": "Alt"}], "Alt"),
        ([{"text": " "}], ""),
    ],
)
def test_which_name_counts_and_how_it_is_written(names: Any, name: str) -> None:
    assert person(name=names).name == name


def test_a_phone_of_the_past_is_none() -> None:
    phones = [
        {"system": "phone", "value": "030 111", "use": "old"},
        {"system": "phone", "value": "030 222", "use": "work"},
        {"system": "phone", "value": "139", "use": "mobile"},
    ]
    assert person(telecom=phones).phone == "139"


@pytest.mark.parametrize("born", ["1985-05-17", "1985"])
def test_a_birth_date_that_is_said_to_be_unknown_is_none(born: str) -> None:
    found = person(born=born, _birthDate=ABSENT)
    assert (found.born, found.born_on) == ("", None)


@pytest.mark.parametrize(
    ("more", "standing"),
    [
        ({}, ""),
        ({"status": "Active"}, ""),
        ({"status": "cancelled"}, "the bill is cancelled, not active"),
        ({"status": "draft"}, "the bill is draft, not active"),
        ({"status": "entered-in-error"}, "the bill is entered-in-error, not active"),
        ({"use": "preauthorization"}, "it is a preauthorization, no bill"),
        ({"use": "predetermination"}, "it is a predetermination, no bill"),
    ],
)
def test_only_an_active_claim_is_a_bill(more: Any, standing: str) -> None:
    assert billed(**more).standing == standing


def test_what_a_bill_amounts_to() -> None:
    item = {"sequence": 1, "productOrService": {"text": "a stay"}, "net": {"value": 5, "currency": "usd"}}
    assert (billed(item=[item, item]).total, billed(item=[item]).currencies) == (Decimal(10), {"USD"})
    total = {"value": -5, "currency": "CNY"}
    assert (billed(total=total, item=[item]).total, billed(total=total, item=[item]).currencies) == (
        Decimal(-5),
        {"CNY", "USD"},
    )
    assert billed(total={"value": 5}).currencies == {""}


@pytest.mark.parametrize(
    ("more", "impossible"),
    [
        ({"created": "0001-01-01"}, "0001-01-01"),
        ({"created": "0001"}, "0001"),
        ({"created": "2026-10", "billablePeriod": {"start": "9999-12-31"}}, "9999-12-31"),
        ({"created": "2026-10"}, ""),
    ],
)
def test_a_day_that_cannot_be_is_named(more: Any, impossible: str) -> None:
    assert billed(**more).impossible == impossible


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (ndjson([bundle(patient()), bundle(patient("p2"))]), ["line 1, item 1, entry 1", "line 1, item 2, entry 1"]),
        (ndjson(bundle(bundle(patient()))), ["line 1, entry 1, entry 1"]),
        (
            ndjson({"resourceType": "Parameters", "parameter": [{"name": "return", "resource": bundle(patient())}]}),
            ["line 1, parameter 1, entry 1"],
        ),
    ],
)
def test_documents_inside_documents_are_read(text: str, places: list[str]) -> None:
    found = list(read_records(text))
    assert [one.place for one in found] == places
    assert all(isinstance(one, PatientRecord) for one in found)


def test_a_document_nested_without_end_is_broken() -> None:
    value = patient()
    for _ in range(40):
        value = bundle(value)
    (found,) = read_records(ndjson(value))
    assert isinstance(found, Broken)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"resourceType": "Patient", "id": "p1", "gender": "male", "gender": "female"}', "appears twice"),
        ('{"resourceType": "Patient", "id": "p1", "multipleBirthInteger": NaN}', "NaN is no number"),
        (ndjson(condition(verificationStatus="confirmed")), "it looks like STU3"),
        (ndjson(condition(participant=[])), "it looks like R5"),
        (
            ndjson(
                {"resourceType": "Bundle", "entry": [{"fullUrl": "https://a.example/Patient/2", "resource": patient()}]}
            ),
            "stands under the fullUrl of a.example/Patient/2",
        ),
    ],
)
def test_what_is_broken_is_said(line: str, words: str) -> None:
    (found,) = read_records(line)
    assert isinstance(found, Broken)
    assert words in found.what


def test_an_answer_without_a_resource_is_no_fault_of_the_file() -> None:
    entry = {"request": {"method": "GET", "url": "Patient/1"}}
    (found,) = read_records(ndjson({"resourceType": "Bundle", "type": "batch", "entry": [entry]}))
    assert isinstance(found, Ignored)
