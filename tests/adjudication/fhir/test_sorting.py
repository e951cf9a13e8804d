"""The newest version of each resource, and who is the same person: whatever the order of the file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adjudication.fhir.reading import read_records
from adjudication.fhir.records import Broken, Ignored
from adjudication.fhir.sorting import Sorted, at_odds, sort_out
from tests.adjudication.fhir.resources import bill, bundle, condition, ndjson, patient

MRN = [{"system": "https://a.example/mrn", "value": "77"}]
REFUTED = {"coding": [{"code": "refuted"}]}


def sort(text: str, server: str = "") -> Sorted:
    return sort_out(one for one in read_records(text, server) if not isinstance(one, Broken | Ignored))


def version(number: int | str, at: str = "") -> dict[str, Any]:
    return {"meta": {"versionId": str(number)} | ({"lastUpdated": at} if at else {})}


def told(found: Sorted) -> Any:
    """All that is decided about a file, without the order in which it came."""
    patients = [
        (
            sorted(str(one.head.identity) for one in group.records),
            sorted((str(one.head.identity), one.verification) for one in group.conditions),
            sorted(str(one.head.identity) for one in group.claims),
            bool(at_odds(group)),
        )
        for group in found.patients
    ]
    left = sorted((str(one.head.identity), why) for one, why in found.left_out)
    return sorted(patients), left, sorted(str(one.head.identity) for one in found.deleted)


def verifications(found: Sorted) -> list[str]:
    return [one.verification for group in found.patients for one in group.conditions]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (version(1), version(2)),
        (version(9), version(10)),
        (version("a", "2026-10-01T00:00:00Z"), version("b", "2026-10-01T09:00:00+08:00")),
        (version(1, "2026-10-01T00:00:00Z"), version(2, "2026-10-02T00:00:00Z")),
    ],
)
def test_the_newest_version_counts_wherever_it_stands(order: tuple[int, int], older: Any, newer: Any) -> None:
    versions = [condition(**older), condition(verificationStatus=REFUTED, **newer)]
    found = sort(ndjson(patient(), *(versions[number] for number in order)))
    assert verifications(found) == ["refuted"]
    assert len(found.repeated) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),
        (version(1), {}),
        (version(2, "2026-10-01T00:00:00Z"), version(1, "2026-10-02T00:00:00Z")),
    ],
)
def test_of_two_that_differ_and_neither_is_newer_none_counts(one: Any, other: Any) -> None:
    found = sort(ndjson(patient(), condition(**one), condition(verificationStatus=REFUTED, **other)))
    assert verifications(found) == []
    assert len(found.left_out) == 2


def test_the_same_content_twice_is_one_resource() -> None:
    found = sort(ndjson(patient(), condition(), condition(**version(3))))
    assert verifications(found) == ["confirmed"]
    assert not found.left_out


def history(*entries: dict[str, Any]) -> str:
    return json.dumps({"resourceType": "Bundle", "type": "history", "entry": list(entries)}) + "\n"


@pytest.mark.parametrize(
    ("at", "is_deleted"), [("2026-10-03T00:00:00Z", True), ("2026-10-01T00:00:00Z", False), ("", True)]
)
def test_a_deletion_counts_unless_a_later_version_is_there(at: str, is_deleted: bool) -> None:
    gone = {"request": {"method": "DELETE", "url": "Condition/c1"}} | ({"response": {"lastModified": at}} if at else {})
    text = ndjson(patient(), condition(**version(2, "2026-10-02T00:00:00Z"))) + history(gone)
    found = sort(text)
    assert verifications(found) == ([] if is_deleted else ["confirmed"])
    assert len(found.deleted) == is_deleted


def test_an_id_is_one_server_s() -> None:
    here = {"fullUrl": "https://a.example/fhir/Patient/1", "resource": patient("1")}
    there = {"fullUrl": "https://b.example/fhir/Patient/1", "resource": patient("1", born="1992-02-02")}
    of_there = {
        "fullUrl": "https://b.example/fhir/Condition/9",
        "resource": condition("9", "1", subject={"reference": "Patient/1"}),
    }
    found = sort(ndjson({"resourceType": "Bundle", "entry": [here, there, of_there]}))
    names = {str(group.records[0].head.identity): len(group.conditions) for group in found.patients}
    assert names == {"a.example/fhir/Patient/1": 0, "b.example/fhir/Patient/1": 1}


def test_the_server_of_a_file_is_given_by_hand_where_it_does_not_say() -> None:
    found = sort(ndjson(patient("1"), condition(of="1")), "https://A.example/fhir/")
    assert str(found.patients[0].records[0].head.identity) == "a.example/fhir/Patient/1"
    assert verifications(found) == ["confirmed"]


@pytest.mark.parametrize(
    "subject",
    [
        {"reference": "Patient/p1"},
        {"reference": "Patient/p1/_history/3"},
        {"reference": "https://h.example/fhir/Patient/p1"},
        {"reference": "http://H.example/fhir/Patient/p1/_history/3"},
        {"identifier": MRN[0]},
    ],
)
def test_the_ways_of_pointing_to_a_patient(subject: dict[str, Any]) -> None:
    text = ndjson(patient(identifier=MRN), condition(subject=subject))
    assert verifications(sort(text, "https://h.example/fhir")) == ["confirmed"]


@pytest.mark.parametrize(
    ("subject", "why"),
    [
        ({"reference": "Group/p1"}, "Group/p1 is no Patient"),
        ({"reference": "#p1"}, "#p1 is contained in it and has no identity of its own"),
        ({"reference": "https://other.example/fhir/Patient/p1"}, "other.example/fhir/Patient/p1 is not in the file"),
        ({"reference": "urn:oid:1.2.3"}, "urn:oid:1.2.3 is not in the file"),
        ({"identifier": {"system": "https://a.example/mrn", "value": "78"}}, "is named by an identifier only"),
        ({"identifier": {"value": "77"}}, "(none) is not in the file"),
        ({"display": "Somebody"}, "(none) is not in the file"),
    ],
)
def test_what_points_to_nobody_is_said(subject: dict[str, Any], why: str) -> None:
    found = sort(ndjson(patient(identifier=MRN), condition(subject=subject)))
    assert verifications(found) == []
    assert why in found.left_out[0][1].replace("https://", "")


def test_a_transaction_s_resources_are_known_by_their_uuid() -> None:
    one, other = "urn:uuid:9d5f2d7e-1c60-4f7f-9b7e-6f6f0a9d0001", "urn:uuid:9d5f2d7e-1c60-4f7f-9b7e-6f6f0a9d0002"
    ill = condition(subject={"reference": one})
    person = patient()
    del ill["id"], person["id"]
    entries = [{"fullUrl": one, "resource": person}, {"fullUrl": other, "resource": ill}]
    found = sort(ndjson({"resourceType": "Bundle", "type": "transaction", "entry": entries}))
    assert verifications(found) == ["confirmed"]


def test_an_identifier_joins_two_ids() -> None:
    found = sort(ndjson(patient("p1", identifier=MRN), patient("p2", identifier=MRN), condition(of="p2")))
    (group,) = found.patients
    assert len(group.records) == 2
    assert not at_odds(group)


@pytest.mark.parametrize(
    "identifier",
    [
        [{"value": "77"}],
        [MRN[0] | {"use": "old"}],
        [MRN[0] | {"use": "temp"}],
        [MRN[0] | {"period": {"end": "2020-01-01"}}],
        [MRN[0] | {"type": {"coding": [{"code": "SN"}]}}],
    ],
)
def test_a_number_that_is_not_a_person_s_own_joins_nobody(identifier: Any) -> None:
    found = sort(ndjson(patient("p1", identifier=identifier), patient("p2", identifier=identifier)))
    assert len(found.patients) == 2


def test_records_that_share_an_identity_and_differ_are_at_odds() -> None:
    found = sort(ndjson(patient("p1", identifier=MRN), patient("p2", born="1990-01-01", identifier=MRN)))
    assert "date of birth" in at_odds(found.patients[0])


def test_a_link_joins_and_a_replaced_record_is_gone() -> None:
    also = patient("p2", link=[{"type": "seealso", "other": {"reference": "Patient/p1"}}])
    assert len(sort(ndjson(patient(), also)).patients) == 1
    survivor = patient("p2", link=[{"type": "replaces", "other": {"reference": "Patient/p1"}}])
    found = sort(ndjson(patient(), survivor, condition()))
    assert [one.gone for group in found.patients for one in group.records if one.gone] == [
        "the record was replaced by Patient/p2"
    ]
    assert "the record was replaced by Patient/p2" in found.left_out[0][1]


LINES = [
    patient("p1", identifier=MRN),
    patient("p2", identifier=MRN, active=False),
    patient("p3", deceasedBoolean=True),
    patient("p4", link=[{"type": "seealso", "other": {"reference": "Patient/p1"}}]),
    patient("p5"),
    patient("p5", born="1999-09-09"),
    condition("c1", "p1", **version(1)),
    condition("c1", "p1", verificationStatus=REFUTED, **version(2)),
    condition("c2", "p4"),
    condition("c3", "p5"),
    condition("c4", "p2"),
    condition("c4", "p2"),
    condition("c5", "p3"),
    condition("c6", "nobody"),
    bill("b1", "p1"),
    bill("b2", "p4", status="cancelled"),
    bundle(patient("p6", identifier=MRN, born="1970-01-01")),
]


@given(st.permutations(LINES))
def test_no_order_of_the_lines_changes_what_is_decided(lines: Iterable[Any]) -> None:
    assert told(sort(ndjson(*lines))) == told(sort(ndjson(*LINES)))
