"""Row locks. Every act on a claim or on what belongs to it locks the claim first, so that no two can deadlock."""

from __future__ import annotations

from adjudication.models import Claim, DutyRecord, Investigation
from adjudication.services.refusals import (
    ClaimUnknown,
    InvestigationNotOpen,
    InvestigationUnknown,
    NotYourInvestigation,
)
from audit.actors import Actor


def locked_claim(claim_ref: str) -> Claim:
    """The claim's row, locked until the transaction ends. Raises ClaimUnknown."""
    claim = Claim.objects.select_for_update().filter(ref=claim_ref).first()
    if claim is None:
        raise ClaimUnknown(claim_ref)
    return claim


def locked_investigation(investigation_id: int) -> Investigation:
    """The investigation with its claim, both locked. Raises InvestigationUnknown."""
    claim_id = Investigation.objects.filter(pk=investigation_id).values_list("claim_id", flat=True).first()
    if claim_id is None:
        raise InvestigationUnknown
    claim = Claim.objects.select_for_update().get(pk=claim_id)
    investigation = Investigation.objects.select_for_update().get(pk=investigation_id)
    investigation.claim = claim
    return investigation


def own_open_investigation(investigation_id: int, by: Actor) -> Investigation:
    """The same, if it is still being worked on, and by this person.

    Raises InvestigationUnknown, NotYourInvestigation, InvestigationNotOpen.
    """
    investigation = locked_investigation(investigation_id)
    if investigation.investigator is None or investigation.investigator.audit_ref != by.audit_ref:
        raise NotYourInvestigation(investigation.claim.ref)
    if investigation.status != Investigation.Status.OPEN:
        raise InvestigationNotOpen(investigation.claim.ref, investigation.get_status_display())
    return investigation


def own_open_duty(duty_id: int, by: Actor) -> DutyRecord:
    """A duty of an investigation that is still being worked on, by this person; claim and investigation are locked.

    Raises what `own_open_investigation` raises.
    """
    investigation_id = DutyRecord.objects.filter(pk=duty_id).values_list("investigation_id", flat=True).first()
    if investigation_id is None:
        raise InvestigationUnknown
    investigation = own_open_investigation(investigation_id, by)
    duty = DutyRecord.objects.get(pk=duty_id)
    duty.investigation = investigation
    return duty
