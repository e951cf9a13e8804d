"""Tables of claims, evidence, investigations, hearings and decisions."""

from adjudication.models.claims import Claim, ClaimDraft, EligibilityCheck
from adjudication.models.decisions import Decision
from adjudication.models.evidence import Evidence
from adjudication.models.hearings import Hearing
from adjudication.models.investigations import DutyRecord, Investigation

__all__ = [
    "Claim",
    "ClaimDraft",
    "Decision",
    "DutyRecord",
    "EligibilityCheck",
    "Evidence",
    "Hearing",
    "Investigation",
]
