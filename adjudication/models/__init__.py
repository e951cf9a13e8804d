"""Tables of claims, evidence, investigations, answers, hearings and decisions."""

from adjudication.models.answers import Answer
from adjudication.models.claims import Claim, ClaimDraft, EligibilityCheck
from adjudication.models.decisions import Decision
from adjudication.models.evidence import Evidence
from adjudication.models.hearings import Hearing
from adjudication.models.investigations import DutyRecord, Investigation

__all__ = [
    "Answer",
    "Claim",
    "ClaimDraft",
    "Decision",
    "DutyRecord",
    "EligibilityCheck",
    "Evidence",
    "Hearing",
    "Investigation",
]
