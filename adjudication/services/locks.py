"""Row locks. Every act on a claim or on what belongs to it locks the claim first, so that no two acts can deadlock."""

from __future__ import annotations

from typing import overload

from adjudication.errors.claims import ClaimUnknown
from adjudication.errors.investigations import InvestigationNotOpen, InvestigationUnknown, NotYourInvestigation
from adjudication.models import Claim, DutyRecord, Investigation
from adjudication.services.conflicts import check_no_conflict
from audit.actors import Actor


@overload
def locked_claim(*, ref: str) -> Claim: ...
@overload
def locked_claim(*, pk: int) -> Claim: ...
def locked_claim(*, ref: str = "", pk: int | None = None) -> Claim:
    """The claim's row, locked until the transaction ends, by the reference that a user gave or by its primary key.

    Raises ClaimUnknown for a reference that no claim has; a key comes from the database, so its row exists.
    """
    claims = Claim.objects.select_for_update()
    if pk is not None:
        return claims.get(pk=pk)
    claim = claims.filter(ref=ref).first()
    if claim is None:
        raise ClaimUnknown(ref=ref)
    return claim


def locked_investigation(investigation_id: int) -> Investigation:
    """The investigation with its claim, both locked. Raises InvestigationUnknown."""
    claim_id = Investigation.objects.filter(pk=investigation_id).values_list("claim_id", flat=True).first()
    if claim_id is None:
        raise InvestigationUnknown
    claim = locked_claim(pk=claim_id)
    # Read again after the claim's lock: another investigator may have taken it while this act waited.
    investigation = Investigation.objects.select_for_update().get(pk=investigation_id)
    investigation.claim = claim
    return investigation


def own_open_investigation(investigation_id: int, by: Actor) -> Investigation:
    """The same, if it is still open and belongs to this investigator.

    Raises InvestigationUnknown, NotYourInvestigation, InvestigationNotOpen, ConflictOfInterest.
    """
    investigation = locked_investigation(investigation_id)
    if investigation.investigator is None or investigation.investigator.audit_ref != by.audit_ref:
        raise NotYourInvestigation(ref=investigation.claim.ref)
    if investigation.status != Investigation.Status.OPEN:
        status = Investigation.Status(investigation.status)
        raise InvestigationNotOpen(ref=investigation.claim.ref, status=status)
    check_no_conflict(investigation.claim, by)
    return investigation


def own_open_duty(duty_id: int, by: Actor) -> DutyRecord:
    """A duty of this investigator's open investigation; claim and investigation are locked.

    Raises what `own_open_investigation` raises.
    """
    investigation_id = DutyRecord.objects.filter(pk=duty_id).values_list("investigation_id", flat=True).first()
    if investigation_id is None:
        raise InvestigationUnknown
    investigation = own_open_investigation(investigation_id, by)
    duty = DutyRecord.objects.get(pk=duty_id)
    duty.investigation = investigation
    return duty
