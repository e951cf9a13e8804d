"""Claims and files for tests, made through the services."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from adjudication.files import Upload
from adjudication.models import Claim, DutyRecord, Finding, Investigation, Withdrawal
from adjudication.services.claims import submit_claim
from adjudication.services.findings import record_finding
from adjudication.services.investigations import record_duty, sign_report, take_investigation
from adjudication.services.withdrawals import learn_withdrawal
from audit import clock
from audit.actors import SystemActor
from audit.models import Entry
from members.models import Membership, Plan, User
from members.rules.dates import local_day
from tests.cast import Cast

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 9 + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 17
WEBP = b"RIFF\x0c\x00\x00\x00WEBPVP8 " + b"\x00" * 4


ENTRY_OF_A_DECISION = {"sequence", "outcome", "amount_minor", "reason_codes", "basis", "rules_digest"}
"""What the log holds of every decision, whether a clause or the table gave it."""


def days_ago(days: int) -> dt.date:
    return timezone.localdate(clock.now()) - dt.timedelta(days=days)


def claim_facts(membership: Membership, **changed: Any) -> dict[str, Any]:
    """What a member files when all is well: breast cancer, diagnosed forty days ago."""
    facts: dict[str, Any] = {
        "membership": membership,
        "icd10": "C50.9",
        "severity": "severe",
        "is_accident": False,
        "first_diagnosed_on": days_ago(40),
        "suspected_on": None,
        "hospital": "Ruijin Hospital",
        "account": "A lump was found in spring.",
    }
    return facts | changed


def make_claim(membership: Membership, by: User, **changed: Any) -> Claim:
    return submit_claim(**claim_facts(membership, **changed), by=by)


def taken(claim: Claim, by: User) -> Investigation:
    """The claim's waiting investigation, taken."""
    waiting = claim.investigations.get(status="waiting")
    return take_investigation(investigation_id=waiting.pk, by=by)


def record_all(investigation: Investigation, by: User) -> None:
    """All five duties, each with findings and a summary that names nobody."""
    for kind in DutyRecord.Kind.values:
        record_duty(
            duty_id=investigation.duties.get(kind=kind).pk,
            result="confirms",
            findings="Met in person; the papers agree.",
            jury_summary="The papers agree with what the member says.",
            done_on=local_day(clock.now(), investigation.claim.plan.timezone),
            by=by,
        )


def found(investigation: Investigation, fact: str, value: str = "", **changed: Any) -> Finding:
    """What the investigation's own investigator found of a fact; without a value, that it is not proven."""
    given: dict[str, Any] = {
        "investigation_id": investigation.pk,
        "fact": fact,
        "standing": "found" if value else "not_proven",
        "value": value,
        "confidence": "certain",
        "note": "Pathology report, page 2.",
        "duty": "treating_hospitals",
        "by": investigation.investigator,
    }
    return record_finding(**(given | changed))


def signed(investigation: Investigation, by: User, **changed: Any) -> Investigation:
    facts: dict[str, Any] = {
        "recommendation": "support",
        "reason_codes": ["evidence_convincing"],
        "report": "Seen and checked.",
        "jury_summary": "All papers agree.",
    }
    return sign_report(investigation_id=investigation.pk, by=by, **(facts | changed))


def investigated_claim(cast: Cast) -> Claim:
    """A claim whose report is signed."""
    claim = make_claim(cast.membership, cast.member)
    investigation = taken(claim, cast.investigator)
    record_all(investigation, cast.investigator)
    signed(investigation, cast.investigator)
    return Claim.objects.get(pk=claim.pk)


def make_withdrawal(claim: Claim | None, plan: Plan | None = None, **changed: Any) -> Withdrawal:
    """What a hospital withdrew under a claim, as the import learns it."""
    facts: dict[str, Any] = {
        "kind": "entered_in_error",
        "server": "hospital.example/fhir",
        "resource": "Condition/c1",
        "version": "2",
        "stated_at": None,
        "told": "what it says now",
    }
    learned_on = plan or (claim.plan if claim else Plan.objects.get())
    made = learn_withdrawal(claim=claim, plan=learned_on, by=SystemActor("fhir-import"), **(facts | changed))
    assert made is not None
    return made


def kinds(claim: Claim) -> list[str]:
    """The kinds of a claim's entries, oldest first."""
    return list(Entry.objects.filter(stream=claim.stream).order_by("pk").values_list("kind", flat=True))


def pdf(name: str = "report.pdf") -> Upload:
    return Upload(PDF, name)
