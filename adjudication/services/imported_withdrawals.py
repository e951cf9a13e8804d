"""What a later export says of records that were imported: refuted, deleted, changed, a bill that no longer stands."""

from __future__ import annotations

from django.db.models import Q

from adjudication.fhir.records import ClaimRecord, ConditionRecord, Deleted, Head
from adjudication.models import Claim, Evidence, Withdrawal
from adjudication.models.records import WithdrawalKind
from adjudication.rules.records import Coded, coding_of
from adjudication.selectors.withdrawals import CONCERNED, resource_digest
from adjudication.services.imported_findings import claim_found_in
from adjudication.services.imported_patients import import_key
from adjudication.services.withdrawals import learn_withdrawal
from audit.actors import Actor
from members.models import Plan

_WITHDRAWN = {"refuted": WithdrawalKind.REFUTED, "entered-in-error": WithdrawalKind.ENTERED_IN_ERROR}


def condition_withdrawn(
    condition: ConditionRecord, claim: Claim | None, is_same: bool | None, plan: Plan, by: Actor
) -> str:
    """Learn what a diagnosis no longer says; what was learned, in words, or nothing.

    `is_same` says whether day and person are still those of the claim; None where that can't be seen. A claim that was
    rejected or withdrawn rests on nothing any more.
    """
    kind = _kind(condition, claim, is_same)
    if kind is None or (claim is not None and claim.status not in CONCERNED):
        return ""
    return _learn(condition.head, claim, kind, plan, by)


def bill_withdrawn(bill: ClaimRecord, plan: Plan, by: Actor) -> str:
    """Learn that a bill among the papers of a claim no longer stands; what was learned, in words, or nothing."""
    known = Evidence.objects.filter(import_key=import_key(bill.head.identity)).select_related("claim").first()
    if known is None or known.claim is None or known.claim.status not in CONCERNED:
        return ""
    return _learn(bill.head, known.claim, WithdrawalKind.BILL_CANCELLED, plan, by)


def deletion_learned(deleted: Deleted, plan: Plan, by: Actor) -> str:
    """Learn that a server deleted a diagnosis or a bill; what was learned for a claim, in words, or nothing."""
    key = import_key(deleted.head.identity)
    if deleted.head.identity.resource_type == "Claim":
        known = Evidence.objects.filter(import_key=key).select_related("claim").first()
        claim = known.claim if known else None
        if claim is None or claim.status not in CONCERNED:
            return ""
        return _learn(deleted.head, claim, WithdrawalKind.BILL_CANCELLED, plan, by)
    if deleted.head.identity.resource_type != "Condition":
        return ""
    claim = Claim.objects.filter(import_key=key).first() or claim_found_in(deleted.head.identity)
    if claim is not None and claim.status not in CONCERNED:
        return ""
    return _learn(deleted.head, claim, WithdrawalKind.DELETED, plan, by)


def is_known_as_withdrawn(condition: ConditionRecord) -> bool:
    """Whether a hospital withdrew this diagnosis, and this version of it is not plainly a newer one."""
    found = Withdrawal.objects.filter(resource_digest=resource_digest(str(condition.head.identity)))
    at = condition.head.version.at
    return found.exclude(Q(stated_at__lt=at)).exists() if at else found.exists()


def _kind(condition: ConditionRecord, claim: Claim | None, is_same: bool | None) -> WithdrawalKind | None:
    if condition.verification in _WITHDRAWN:
        return _WITHDRAWN[condition.verification]
    if claim is None:
        return None
    if condition.verification != "confirmed" or condition.head.doubt or condition.recurrence:
        return WithdrawalKind.UNCONFIRMED
    codes = {one.icd10 for coding in condition.codes if isinstance(one := coding_of(*coding), Coded)}
    return WithdrawalKind.CHANGED if is_same is False or claim.icd10 not in codes else None


def _learn(head: Head, claim: Claim | None, kind: WithdrawalKind, plan: Plan, by: Actor) -> str:
    server, resource_type, resource_id = head.identity
    row = learn_withdrawal(
        claim=claim,
        plan=plan,
        kind=kind,
        server=server,
        resource=f"{resource_type}/{resource_id}",
        version=head.version.label,
        stated_at=head.version.at,
        told=head.fingerprint,
        by=by,
    )
    if row is None or claim is None:
        return ""
    return f"claim {claim.ref} rests on it: {kind.label}. Somebody must note it before the claim can be approved"
