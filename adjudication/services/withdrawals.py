"""A hospital withdraws a record on which a claim rests: the claim learns of it, and somebody notes what it means."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from adjudication.errors.claims import TextTooLong
from adjudication.errors.withdrawals import (
    NotForYouToNote,
    WithdrawalNoted,
    WithdrawalNoteMissing,
    WithdrawalUnknown,
    WithdrawalUnnoted,
)
from adjudication.models import Claim, Withdrawal
from adjudication.selectors.withdrawals import CONCERNED, has_unnoted, may_note, resource_digest
from adjudication.services.conflicts import check_no_conflict
from adjudication.services.imported_findings import withdraw_stated
from adjudication.services.locks import locked_claim
from adjudication.services.states import begin_hold, hold_facts
from adjudication.services.telling import tell_applicants, tell_withdrawal
from audit import clock
from audit.actors import Actor
from audit.services import append
from members.fields import blind_index
from members.models import Plan, User

LONGEST_NOTE = 4_000
HOLD_REASON = "The hospital withdrew a record of this illness. 医院撤回了这一疾病的记录。"
"""Read by the member; a hold's reason is stored as text, so it says it in both languages."""


@transaction.atomic
def learn_withdrawal(
    *,
    claim: Claim | None,
    plan: Plan,
    kind: str,
    server: str,
    resource: str,
    version: str,
    stated_at: dt.datetime | None,
    told: str,
    by: Actor,
) -> Withdrawal | None:
    """Store that a record was withdrawn, once; None where that was known. `told` is a digest of what it says now.

    An approved claim is put on hold, so that no notice includes it before a person has looked. Without a claim the row
    keeps an older export from filing one.
    """
    claim = locked_claim(pk=claim.pk) if claim else None
    identity = f"{server}/{resource}" if server else resource
    said = f"{identity}|{kind}|{version}|{stated_at.isoformat() if stated_at else ''}|{told}"
    row, is_new = Withdrawal.objects.get_or_create(
        fingerprint=blind_index("fhir-withdrawal", said.encode().hex()),
        defaults={
            "claim": claim,
            "kind": kind,
            "resource_digest": resource_digest(identity),
            "server": server,
            "resource": resource,
            "version": version,
            "stated_at": stated_at,
            "learned_at": clock.now(),
        },
    )
    if not is_new:
        return None
    stream = claim.stream if claim else f"plan:{plan.code}"
    entry = append(kind="record.withdrawn", stream=stream, by=by, body={"withdrawal": row.pk, "kind": kind})
    if claim is not None and claim.status in CONCERNED:
        tell_withdrawal(claim, row.pk, entry)
    if claim is not None:
        withdraw_stated(claim=claim, digest=row.resource_digest, by=by)
    if claim is not None and claim.status == Claim.Status.APPROVED and not claim.hold_reason:
        begin_hold(claim, HOLD_REASON)
        held = append(kind="claim.held", stream=claim.stream, by=by, body={"status": claim.status, **hold_facts(claim)})
        tell_applicants("adjudication.held", claim, held)
    return row


@transaction.atomic
def note_withdrawal(*, withdrawal_id: int, note: str, by: User) -> Withdrawal:
    """Say what a withdrawn record means for its claim: what the hospital answered, and whether the illness stands.

    Once; a reviewer may do it at any time, the investigator of the claim until the report is signed. Raises
    WithdrawalUnknown, WithdrawalNoted, NotForYouToNote, ConflictOfInterest, WithdrawalNoteMissing, TextTooLong.
    """
    found = Withdrawal.objects.filter(pk=withdrawal_id).first()
    if found is None or found.claim_id is None:
        raise WithdrawalUnknown
    claim = locked_claim(pk=found.claim_id)
    # Read again after the claim's lock: somebody else may have noted it while this act waited.
    withdrawal = Withdrawal.objects.select_for_update().get(pk=withdrawal_id)
    if withdrawal.noted_at is not None:
        raise WithdrawalNoted(at=withdrawal.noted_at)
    if not may_note(by, withdrawal):
        raise NotForYouToNote(ref=claim.ref)
    check_no_conflict(claim, by)
    note = note.strip()
    if not note:
        raise WithdrawalNoteMissing
    if len(note) > LONGEST_NOTE:
        raise TextTooLong(what=_("The note"), limit=LONGEST_NOTE)
    withdrawal.note, withdrawal.noted_by, withdrawal.noted_at = note, by, clock.now()
    withdrawal.save(update_fields=["note", "noted_by", "noted_at"])
    append(kind="record.withdrawal_noted", stream=claim.stream, by=by, body={"withdrawal": withdrawal.pk})
    return withdrawal


def check_noted(claim: Claim) -> None:
    """Raises WithdrawalUnnoted while a withdrawn record of the claim waits for somebody to note it."""
    if has_unnoted(claim):
        raise WithdrawalUnnoted(ref=claim.ref)
