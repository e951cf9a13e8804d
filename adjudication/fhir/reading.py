"""From a file to validated resources of FHIR R4: Patient, Condition and Claim.

R4's Patient, Condition and Claim parse as R4B, which left these three as they were.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from adjudication.fhir import elements
from adjudication.fhir.documents import Found, resources_in
from adjudication.fhir.elements import code_of, items
from adjudication.fhir.records import (
    Broken,
    ClaimRecord,
    ConditionRecord,
    Deleted,
    Head,
    Ignored,
    PatientRecord,
    Read,
    When,
)
from adjudication.fhir.references import (
    Identity,
    Reference,
    identifier_in,
    identity_at,
    reference_in,
    server_of,
    uuid_in,
)

READ = ("Patient", "Condition", "Claim")
_STATUS_SYSTEM = "condition-ver-status"
_NOT_FIRST = {"recurrence", "relapse"}
_CLINICAL = {"active", "inactive", "remission", "resolved"}
_SHARED_NUMBERS = {"SN", "AN"}
"""Kinds of identifiers that a family has together: the subscriber of an insurance, an account."""
_CERTAINTY = "icd-10-gm-diagnosesicherheit"
"""The German extension of a coding that says whether a diagnosis is certain (G), suspected, excluded or past."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a resource stands: what its relative references are relative to."""

    server: str
    default_server: str
    scope: int

    def reference(self, value: Any, resource_type: str) -> Reference:
        return reference_in(
            value, resource_type, server=self.server, default_server=self.default_server, scope=self.scope
        )


def read_records(text: str, server: str = "") -> Iterator[Read]:
    """Every resource of a file in its order; `server` is the address of the one that all ids without one come from."""
    default_server = server_of(server)
    for found in resources_in(text):
        yield _resource(found, default_server) if isinstance(found, Found) else found


def _resource(found: Found, default_server: str) -> Read:
    if found.deleted:
        return _deleted(found, default_server)
    value, place = found.value, found.place
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        return Broken(place, "no FHIR resource: an object with resourceType is needed")
    resource_type = value["resourceType"]
    if resource_type not in READ:
        return Ignored(place, resource_type, str(value.get("id", "")))
    resource_id = value.get("id") or uuid_in(found.full_url)
    if not isinstance(resource_id, str) or not 0 < len(resource_id) <= 64:
        return Broken(place, f"a {resource_type} without id: it could not be recognised a second time")
    try:
        _model(resource_type).model_validate(value)
    except (ValidationError, RecursionError, ArithmeticError) as error:
        return Broken(
            place, f"{resource_type}/{resource_id} is not valid FHIR R4: {_what(error)}{_other_release(value)}"
        )
    there = identity_at(found.full_url)
    if there is not None and (there.resource_type, there.resource_id) != (resource_type, resource_id):
        return Broken(place, f"{resource_type}/{resource_id} stands under the fullUrl of {there}")
    server = there.server if there else default_server
    head = Head(
        place=place,
        identity=Identity(server, resource_type, resource_id),
        full_url=found.full_url.strip(),
        scope=found.scope,
        version=elements.version_of(value.get("meta"), found.stamp),
        fingerprint=elements.fingerprint(value),
        doubt=elements.doubt_in(value),
    )
    where = _Place(server, default_server, found.scope)
    if resource_type == "Patient":
        return _patient(value, head, where)
    return _condition(value, head, where) if resource_type == "Condition" else _claim(value, head, where)


def _deleted(found: Found, default_server: str) -> Read:
    address = found.deleted
    where = _Place("", default_server, found.scope)
    target = next((one for kind in READ if (one := where.reference({"reference": address}, kind).identity)), None)
    if target is None or uuid_in(address):
        return Ignored(found.place, "A deletion", address)
    version = elements.version_of(None, found.stamp)
    return Deleted(Head(found.place, target, found.full_url, found.scope, version, "deleted"))


def _model(resource_type: str) -> Any:
    # Imported when needed: the models take half a second, and only this command uses them.
    from fhir.resources.R4B.claim import Claim
    from fhir.resources.R4B.condition import Condition
    from fhir.resources.R4B.patient import Patient

    return {"Patient": Patient, "Condition": Condition, "Claim": Claim}[resource_type]


def _what(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return type(error).__name__
    first = error.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _other_release(value: dict[str, Any]) -> str:
    """A hint for resources of other releases of FHIR, which many servers still or already send."""
    if isinstance(value.get("verificationStatus"), str) or "assertedDate" in value or "animal" in value:
        return " (it looks like STU3; ask the hospital for an export in R4)"
    if value["resourceType"] == "Condition" and (
        "participant" in value or isinstance(value.get("bodyStructure"), dict)
    ):
        return " (it looks like R5; ask the hospital for an export in R4)"
    return ""


def _patient(value: dict[str, Any], head: Head, where: _Place) -> PatientRecord:
    names = elements.names_of(value)
    links = [(code_of(one.get("type")), where.reference(one.get("other"), "Patient")) for one in items(value, "link")]
    gone, is_gone_for_all = _gone(value, links)
    given = None if elements.is_absent(value, "birthDate") else value.get("birthDate")
    return PatientRecord(
        head=head,
        name=names[0] if names else "",
        names=tuple(names),
        born=str(given or ""),
        born_on=elements.day(given),
        sex=str(value.get("gender") or "unknown").strip().lower(),
        phone=elements.phone_of(value),
        address=elements.address_of(value),
        identifiers=frozenset(
            found
            for one in items(value, "identifier")
            if not elements.is_over(one) and code_of(one.get("use")) != "temp" and not _is_shared(one)
            if (found := identifier_in(one))
        ),
        same_as=tuple(target for kind, target in links if kind in {"seealso", "refer"}),
        replaces=tuple(target for kind, target in links if kind == "replaces"),
        gone=gone,
        is_gone_for_all=is_gone_for_all,
    )


def _is_shared(identifier: dict[str, Any]) -> bool:
    return any(str(one.get("code") or "").upper() in _SHARED_NUMBERS for one in items(identifier.get("type"), "coding"))


def _gone(value: dict[str, Any], links: list[tuple[str, Reference]]) -> tuple[str, bool]:
    """Why nobody can be enrolled from a patient's record, and whether that holds whatever other records say."""
    if any(str(one.get("url") or "").rstrip("/").endswith("/patient-animal") for one in items(value, "extension")):
        return "it is an animal", True
    is_dead = value.get("deceasedDateTime") or str(value.get("deceasedBoolean") or "").lower() == "true"
    if is_dead or elements.is_absent(value, "deceasedDateTime"):
        return "the patient has died", True
    for kind, target in links:
        if kind == "replaced-by":
            return f"the record was replaced by {target.identity or 'another one'}", False
        if kind not in {"seealso", "refer", "replaces"}:
            return f"its link of type {kind or '(none)'} is not known here", False
    if str(value.get("active")).lower() == "false":
        return "the record is no longer in use (active is false)", False
    return "", False


def _condition(value: dict[str, Any], head: Head, where: _Place) -> ConditionRecord:
    codings = items(value.get("code"), "coding")
    codes = tuple(
        (str(one.get("system") or ""), str(one.get("code") or ""), str(one.get("display") or "")) for one in codings
    )
    onset, onset_words = _onset(value)
    return ConditionRecord(
        head=head,
        patient=where.reference(value.get("subject"), "Patient"),
        codes=codes,
        verification=_verification(value.get("verificationStatus"), codings),
        recurrence=_recurrence(value.get("clinicalStatus")),
        onset=onset,
        onset_words=onset_words,
        encounter=where.reference(value.get("encounter"), "Encounter").identity,
    )


def _verification(value: Any, codings: list[dict[str, Any]]) -> str:
    """`confirmed` where a standard coding says so and nothing else says otherwise; otherwise what it is instead."""
    for coding in codings:
        for one in items(coding, "extension"):
            certainty = (one.get("valueCoding") or {}).get("code") or one.get("valueCode")
            if _CERTAINTY in str(one.get("url")) and certainty != "G":
                return f"of certainty {certainty or 'unknown'}"
    found = items(value, "coding")
    standard = {code_of(one.get("code")) for one in found if _STATUS_SYSTEM in str(one.get("system") or _STATUS_SYSTEM)}
    said = standard | {code_of(one.get("display")) for one in found}
    said |= {code_of(value.get("text")) if isinstance(value, dict) else ""}
    # Another system's codes mean what that system says; but `refuted` there is no confirmation either.
    said |= {code for one in found if (code := code_of(one.get("code"))) in _UNCONFIRMED}
    for status in _UNCONFIRMED:
        # In words it may stand inside a sentence: “refuted by the pathologist”.
        if any(status in one for one in said):
            return status
    if "confirmed" not in standard:
        return next(iter(sorted(standard - {""})), "") or "without a coded status"
    other = sorted(standard - {"confirmed", ""})
    return other[0] if other else "confirmed"


_UNCONFIRMED = (
    "entered-in-error",
    "refuted",
    "ruled-out",
    "unconfirmed",
    "not-confirmed",
    "provisional",
    "differential",
    "suspected",
)


def _recurrence(value: Any) -> str:
    standard = {
        code_of(one.get("code"))
        for one in items(value, "coding")
        if "condition-clinical" in str(one.get("system") or "condition-clinical")
    } - {""}
    odd = sorted(standard & _NOT_FIRST) or sorted(standard - _CLINICAL)
    return odd[0] if odd else ""


def _onset(value: dict[str, Any]) -> tuple[When | None, str]:
    """The stated onset, or else when it was recorded; or why there is no day."""
    stated = sorted({name.lstrip("_") for name in value if name.lstrip("_").startswith("onset") and value[name]})
    if not stated:
        recorded = None if elements.is_absent(value, "recordedDate") else elements.when(value.get("recordedDate"))
        return recorded, "" if recorded else "it gives no day of onset"
    name = stated[0]
    given = value.get(name)
    if len(stated) == 1 and not elements.is_absent(value, name):
        if name == "onsetDateTime":
            found = elements.when(given)
        else:
            found = elements.when(given.get("start")) if name == "onsetPeriod" and isinstance(given, dict) else None
        if found is not None:
            return found, ""
    return None, f"it gives no day of onset: {name} is no possible day"


def _claim(value: dict[str, Any], head: Head, where: _Place) -> ClaimRecord:
    provider = value.get("provider") or {}
    number = str(provider.get("reference") or "").rpartition("/")[2].removeprefix("urn:uuid:")[:8]
    amounts = [one for one in (value.get("total"), *(item.get("net") for item in items(value, "item"))) if one]
    period = value.get("billablePeriod") or {}
    days = (value.get("created"), period.get("start"), period.get("end"))
    return ClaimRecord(
        head=head,
        patient=where.reference(value.get("patient"), "Patient"),
        conditions=tuple(
            where.reference(one["diagnosisReference"], "Condition")
            for one in items(value, "diagnosis")
            if one.get("diagnosisReference")
        ),
        encounters=frozenset(
            found
            for item in items(value, "item")
            for visit in items(item, "encounter")
            if (found := where.reference(visit, "Encounter").identity)
        ),
        billed=elements.when(period.get("start") or value.get("created")),
        impossible=next((str(one) for one in days if elements.is_impossible(one)), ""),
        provider=str(provider.get("display") or "").strip() or (f"Provider {number}" if number else ""),
        content=json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode(),
        standing=_standing(value),
        total=_total(value),
        currencies=frozenset(str(one.get("currency") or "").strip().upper() for one in amounts if "value" in one),
    )


def _standing(value: dict[str, Any]) -> str:
    """Why a Claim is no bill that stands; empty for an active one that asks for payment."""
    status, use = code_of(value.get("status")), code_of(value.get("use"))
    if status != "active":
        return f"the bill is {status or 'without status'}, not active"
    return "" if use == "claim" else f"it is a {use or 'bill without use'}, no bill"


def _total(value: dict[str, Any]) -> Decimal | None:
    """The amount of a bill: its total, else the sum of its items; None where it names none."""
    total = value.get("total")
    amounts = [total] if isinstance(total, dict) else [one["net"] for one in items(value, "item") if one.get("net")]
    try:
        found = [Decimal(str(one["value"])) for one in amounts if one.get("value") is not None]
    except (InvalidOperation, TypeError):
        return Decimal(-1)
    return sum(found, Decimal()) if found else None
