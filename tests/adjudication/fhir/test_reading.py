"""Files become resources, whatever shape they come in; what is broken is named with its place."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from adjudication.fhir.reading import read_records
from adjudication.fhir.records import Broken, ClaimRecord, ConditionRecord, Ignored, PatientRecord, Read
from adjudication.fhir.references import Identity
from tests.adjudication.fhir.resources import bill, bundle, condition, ndjson, patient

THREE = (patient(), condition(), bill())


def only(text: str) -> Read:
    (found,) = read_records(text)
    return found


def places(text: str) -> list[str]:
    return [record.place for record in read_records(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ndjson(*THREE), ["line 1", "line 2", "line 3"]),
        (ndjson(*THREE).replace("\n", "\r\n"), ["line 1", "line 2", "line 3"]),
        (ndjson(*THREE).replace("\n", "\n\n"), ["line 1", "line 3", "line 5"]),
        (ndjson(bundle(*THREE)), ["line 1, entry 1", "line 1, entry 2", "line 1, entry 3"]),
        (
            ndjson(bundle(patient("x")), bundle(condition(), bill())),
            ["line 1, entry 1", "line 2, entry 1", "line 2, entry 2"],
        ),
        (json.dumps(bundle(*THREE), indent=2), ["entry 1", "entry 2", "entry 3"]),
        (json.dumps(list(THREE), indent=2), ["item 1", "item 2", "item 3"]),
        (json.dumps(patient(), indent=2), ["file"]),
        ("", []),
        ("\n \n", []),
        (ndjson(bundle()), []),
    ],
    ids=["ndjson", "crlf", "blank-lines", "one-bundle", "ndjson-of-bundles", "pretty", "list", "one", "", "blank", "0"],
)
def test_every_shape_of_file_gives_its_resources_in_order(text: str, expected: list[str]) -> None:
    found = list(read_records(text))

    assert [record.place for record in found] == expected
    assert not [record for record in found if isinstance(record, Broken)]


def test_a_broken_line_is_named_and_the_rest_is_read() -> None:
    lines = [json.dumps(patient()), '{"resourceType": "Condition", "id": ', json.dumps(bill())]

    first, broken, last = read_records("\n".join(lines))

    assert isinstance(first, PatientRecord)
    assert isinstance(broken, Broken)
    assert broken.place == "line 2"
    assert "not JSON" in broken.what
    assert isinstance(last, ClaimRecord)
    assert last.place == "line 3"


def test_a_broken_first_line_does_not_hide_the_others() -> None:
    broken, good = read_records("{oops\n" + json.dumps(patient()))

    assert isinstance(broken, Broken)
    assert isinstance(good, PatientRecord)


def test_a_line_is_not_broken_by_a_separator_inside_a_word() -> None:
    found = only(ndjson(patient(name=[{"text": "Ada\u2028Lovelace\x85"}])))

    assert isinstance(found, PatientRecord)
    assert found.name == "Ada\u2028Lovelace\x85"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (patient(born="1985-13-40"), "Patient/p1 is not valid FHIR R4: birthDate"),
        ({**condition(), "subject": "p1"}, "Condition/c1 is not valid FHIR R4: subject"),
        ({**bill(), "use": 7}, "Claim/b1 is not valid FHIR R4: use"),
        ({**patient(), "nonsense": True}, "not valid FHIR R4: nonsense"),
        ({"resourceType": "Patient", "gender": "male"}, "a Patient without id"),
        ({**patient(), "id": ""}, "a Patient without id"),
        ({"id": "p1"}, "no FHIR resource"),
        (["a"], "no FHIR resource"),
        (7, "no FHIR resource"),
        ({"resourceType": "Bundle", "entry": "all"}, "entry is no list"),
        ({"resourceType": "Bundle", "entry": [None]}, "no FHIR resource"),
    ],
)
def test_an_invalid_resource_is_named(value: Any, words: str) -> None:
    found = only(ndjson(value))

    assert isinstance(found, Broken)
    assert words in found.what


def test_json_nested_without_end_is_broken_and_not_a_crash() -> None:
    broken, good = read_records("[" * 100_000 + "\n" + json.dumps(patient()))

    assert isinstance(broken, Broken)
    assert isinstance(good, PatientRecord)


def test_other_resources_are_distinguished_from_broken_ones() -> None:
    found = only(ndjson({"resourceType": "Observation", "id": "o1"}))

    assert found == Ignored("line 1", "Observation", "o1")


def test_a_patient_as_read() -> None:
    found = only(
        ndjson(
            patient(
                name=[{"given": ["Ada", None], "_given": [None, {"id": "x"}], "family": "Lovelace"}],
                telecom=[{"system": "email", "value": "a@b.example"}, {"system": "phone", "value": "555"}],
                address=[{"line": ["1 Rose Lane"], "city": "Leeds", "postalCode": "LS1"}],
            )
        )
    )

    assert isinstance(found, PatientRecord)
    assert (found.place, found.head.identity) == ("line 1", Identity("", "Patient", "p1"))
    assert (found.name, found.names, found.sex) == ("Ada Lovelace", ("Ada Lovelace",), "female")
    assert (found.born, found.born_on) == ("1985-05-17", dt.date(1985, 5, 17))
    assert (found.phone, found.address, found.gone, found.head.doubt) == ("555", "1 Rose Lane Leeds LS1", "", "")


def test_a_patient_with_few_fields() -> None:
    found = only(ndjson({"resourceType": "Patient", "id": "p1", "name": None, "telecom": None, "address": None}))

    assert isinstance(found, PatientRecord)
    assert (found.name, found.names, found.born, found.born_on) == ("", (), "", None)
    assert (found.sex, found.phone, found.address, found.gone) == ("unknown", "", "", "")


@pytest.mark.parametrize("born", ["1985", "1985-05"])
def test_a_partial_birth_date_is_no_day(born: str) -> None:
    found = only(ndjson(patient(born=born)))

    assert isinstance(found, PatientRecord)
    assert found.born_on is None


def test_a_condition_as_read() -> None:
    found = only(ndjson(condition()))

    assert isinstance(found, ConditionRecord)
    assert (found.place, found.head.identity) == ("line 1", Identity("", "Condition", "c1"))
    assert found.patient.identity == Identity("", "Patient", "p1")
    assert found.codes == (("http://snomed.info/sct", "22298006", "a condition"),)
    assert (found.verification, found.recurrence, found.head.doubt) == ("confirmed", "", "")
    assert (found.onset, found.onset_words) == (dt.datetime(2026, 10, 20, 10, tzinfo=dt.UTC), "")
    assert found.encounter == Identity("", "Encounter", "visit-of-c1")


def test_a_condition_without_onset_takes_the_day_it_was_recorded() -> None:
    value = condition(recordedDate="2026-10-22")
    del value["onsetDateTime"]
    found = only(ndjson(value))

    assert isinstance(found, ConditionRecord)
    assert found.onset == dt.date(2026, 10, 22)


def test_a_bill_as_read() -> None:
    value = bill(diagnosis=[{"sequence": 1, "diagnosisReference": {"reference": "http://h.example/Condition/c1"}}])
    found = only(ndjson(value))

    assert isinstance(found, ClaimRecord)
    assert (found.patient.identity, found.provider) == (Identity("", "Patient", "p1"), "Ren'ai Hospital")
    assert found.billed == dt.datetime(2026, 10, 21, 10, tzinfo=dt.UTC)
    assert [one.identity for one in found.conditions] == [Identity("h.example", "Condition", "c1")]
    assert found.encounters == {Identity("", "Encounter", "visit-of-c1")}
    assert (found.standing, found.total, found.currencies, found.impossible) == ("", None, frozenset(), "")
    assert json.loads(found.content) == value


def test_a_bill_that_names_its_provider_by_reference_only() -> None:
    found = only(ndjson(bill(provider={"reference": "urn:uuid:8b58cdd1-3d79"})))

    assert isinstance(found, ClaimRecord)
    assert found.provider == "Provider 8b58cdd1"
