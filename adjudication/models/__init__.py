"""Tables of claims and all that belongs to them, from the draft to the decision, with what is imported and declared."""

from adjudication.models.accounts import Account
from adjudication.models.addenda import AddendumPaper
from adjudication.models.answers import Answer
from adjudication.models.claims import Claim, ClaimDraft, EligibilityCheck
from adjudication.models.decisions import Decision
from adjudication.models.evidence import Evidence
from adjudication.models.findings import Dismissal, Finding, Remark
from adjudication.models.hearings import Hearing
from adjudication.models.investigations import DutyRecord, DutyRevision, Investigation
from adjudication.models.records import ImportedPatient, PatientIdentity, Withdrawal
from adjudication.models.relations import DeclaredRelation

__all__ = [
    "Account",
    "AddendumPaper",
    "Answer",
    "Claim",
    "ClaimDraft",
    "Decision",
    "DeclaredRelation",
    "Dismissal",
    "DutyRecord",
    "DutyRevision",
    "EligibilityCheck",
    "Evidence",
    "Finding",
    "Hearing",
    "ImportedPatient",
    "Investigation",
    "PatientIdentity",
    "Remark",
    "Withdrawal",
]
