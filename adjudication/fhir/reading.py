"""From a file to validated resources: Bundles or NDJSON of FHIR R4 Patient, Condition and Claim.

R4's Patient, Condition and Claim parse as R4B, which left these three as they were.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

SNOMED = "http://snomed.info/sct"
ICD10_SYSTEMS = {"http://hl7.org/fhir/sid/icd-10", "http://hl7.org/fhir/sid/icd-10-cm"}
READ = ("Patient", "Condition", "Claim")


@dataclass(frozen=True, slots=True)
class Broken:
    """A place of the file that is no valid resource, and what is wrong with it."""

    place: str
    what: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A valid resource of a type that is not read."""

    place: str
    resource_type: str
    resource_id: str


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """Who is ill. The name is empty where the record has none."""

    place: str
    resource_id: str
    name: str
    born_on: dt.date | None
    sex: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class ConditionRecord:
    """A diagnosis. `codes` are (system, code, display)."""

    place: str
    resource_id: str
    patient_id: str
    codes: tuple[tuple[str, str, str], ...]
    verification: str
    onset_on: dt.date | None
    encounter_id: str


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """What a hospital billed: evidence for the conditions that it names or that share its visit."""

    place: str
    resource_id: str
    patient_id: str
    condition_ids: frozenset[str]
    encounter_ids: frozenset[str]
    billed_on: dt.date | None
    provider: str
    content: bytes


Record = PatientRecord | ConditionRecord | ClaimRecord
Read = Record | Broken | Ignored


def read_records(text: str) -> Iterator[Read]:
    """Every resource of a Bundle, a single resource, or NDJSON (whose lines may be Bundles), in the file's order."""
    whole = _whole_document(text)
    if whole is not None:
        yield from _document(whole, "")
        return
    # Not `splitlines`: JSON strings may hold separators that it would break a line at.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"line {number}"
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Broken(place, f"not JSON ({error})")
            continue
        yield from _document(value, place)


def _whole_document(text: str) -> Any | None:
    """The file as one JSON value that spans several lines, as Bundles are written; None for NDJSON."""
    stripped = text.strip()
    first_line = stripped.partition("\n")[0]
    try:
        json.loads(first_line)
    except (ValueError, RecursionError):
        try:
            return json.loads(stripped)
        except (ValueError, RecursionError):
            return None
    return None


def _document(value: Any, place: str) -> Iterator[Read]:
    if isinstance(value, dict) and value.get("resourceType") == "Bundle":
        entries = value.get("entry") or []
        if not isinstance(entries, list):
            yield Broken(place or "file", "a Bundle whose entry is no list")
            return
        for number, entry in enumerate(entries, 1):
            resource = entry.get("resource") if isinstance(entry, dict) else None
            yield _resource(resource, f"{place}, entry {number}".lstrip(", "))
    elif isinstance(value, list):
        for number, resource in enumerate(value, 1):
            yield _resource(resource, f"{place}, item {number}".lstrip(", "))
    else:
        yield _resource(value, place or "file")


def _resource(value: Any, place: str) -> Read:
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        return Broken(place, "no FHIR resource: an object with resourceType is needed")
    resource_type = value["resourceType"]
    if resource_type not in READ:
        return Ignored(place, resource_type, str(value.get("id", "")))
    if not isinstance(value.get("id"), str) or not value["id"]:
        return Broken(place, f"a {resource_type} without id: it could not be recognised a second time")
    try:
        _model(resource_type).model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return Broken(place, f"{resource_type}/{value['id']} is not valid FHIR R4: {where}: {first['msg']}")
    if resource_type == "Patient":
        return _patient(value, place)
    return _condition(value, place) if resource_type == "Condition" else _claim(value, place)


def _model(resource_type: str) -> Any:
    # Imported when needed: the models take half a second, and only this command uses them.
    from fhir.resources.R4B.claim import Claim
    from fhir.resources.R4B.condition import Condition
    from fhir.resources.R4B.patient import Patient

    return {"Patient": Patient, "Condition": Condition, "Claim": Claim}[resource_type]


def _patient(value: dict[str, Any], place: str) -> PatientRecord:
    name = _first(value, "name")
    parts = [*_words(name, "given"), name.get("family") or ""]
    phones = [one.get("value") or "" for one in _items(value, "telecom") if one.get("system") == "phone"]
    address = _first(value, "address")
    lines = [*_words(address, "line"), address.get("city") or "", address.get("postalCode") or ""]
    return PatientRecord(
        place=place,
        resource_id=value["id"],
        name=name.get("text") or " ".join(part for part in parts if part),
        born_on=_day(value.get("birthDate")),
        sex=value.get("gender") or "unknown",
        phone=phones[0] if phones else "",
        address=" ".join(line for line in lines if line),
    )


def _condition(value: dict[str, Any], place: str) -> ConditionRecord:
    codes = tuple(
        (one.get("system") or "", one.get("code") or "", one.get("display") or "")
        for one in _items(value.get("code"), "coding")
    )
    return ConditionRecord(
        place=place,
        resource_id=value["id"],
        patient_id=_target(value.get("subject")),
        codes=codes,
        verification=_first(value.get("verificationStatus"), "coding").get("code") or "",
        onset_on=_day(value.get("onsetDateTime") or value.get("recordedDate")),
        encounter_id=_target(value.get("encounter")),
    )


def _claim(value: dict[str, Any], place: str) -> ClaimRecord:
    conditions = [_target(one.get("diagnosisReference")) for one in _items(value, "diagnosis")]
    encounters = [_target(visit) for item in _items(value, "item") for visit in _items(item, "encounter")]
    provider = value.get("provider") or {}
    return ClaimRecord(
        place=place,
        resource_id=value["id"],
        patient_id=_target(value.get("patient")),
        condition_ids=frozenset(one for one in conditions if one),
        encounter_ids=frozenset(one for one in encounters if one),
        billed_on=_day((value.get("billablePeriod") or {}).get("start") or value.get("created")),
        provider=provider.get("display") or f"Provider {_target(provider)[:8]}",
        content=json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode(),
    )


def _items(value: Any, name: str) -> list[dict[str, Any]]:
    """The objects of a list; none where it is missing. Single places may be null beside an extension."""
    found = (value or {}).get(name) or []
    return [one for one in found if isinstance(one, dict)]


def _first(value: Any, name: str) -> dict[str, Any]:
    return next(iter(_items(value, name)), {})


def _words(value: dict[str, Any], name: str) -> list[str]:
    return [one for one in value.get(name) or [] if isinstance(one, str)]


def _target(reference: Any) -> str:
    """The id that a reference points to: `urn:uuid:X`, `Patient/X` and a full address all give X."""
    text = reference.get("reference", "") if isinstance(reference, dict) else ""
    return str(text).removeprefix("urn:uuid:").rpartition("/")[2]


def _day(value: Any) -> dt.date | None:
    """The day of a FHIR date or dateTime; None for one without a day (only a year, or a year and month)."""
    text = str(value or "")[:10]
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
