"""FHIR resources for tests: as small as R4 allows."""

from __future__ import annotations

import json
from typing import Any

MYOCARDIAL_INFARCTION = "22298006"
STROKE = "230690007"
SINUSITIS = "444814009"


def patient(resource_id: str = "p1", born: str = "1985-05-17", **more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": resource_id, "gender": "female", "birthDate": born, **more}


def condition(
    resource_id: str = "c1", of: str = "p1", code: str = MYOCARDIAL_INFARCTION, on: str = "2026-10-20", **more: Any
) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": resource_id,
        "subject": {"reference": f"urn:uuid:{of}"},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": code, "display": "a condition"}]},
        "encounter": {"reference": f"Encounter/visit-of-{resource_id}"},
        "onsetDateTime": f"{on}T10:00:00+00:00",
        **more,
    }


def bill(resource_id: str = "b1", of: str = "p1", visit_of: str = "c1", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Claim",
        "id": resource_id,
        "status": "active",
        "type": {"coding": [{"code": "institutional"}]},
        "use": "claim",
        "patient": {"reference": f"Patient/{of}"},
        "created": "2026-10-21T10:00:00+00:00",
        "provider": {"display": "Ren'ai Hospital"},
        "priority": {"coding": [{"code": "normal"}]},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "private"}}],
        "item": [
            {
                "sequence": 1,
                "productOrService": {"text": "a stay"},
                "encounter": [{"reference": f"urn:uuid:visit-of-{visit_of}"}],
            }
        ],
        **more,
    }


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def ndjson(*values: Any) -> str:
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)
