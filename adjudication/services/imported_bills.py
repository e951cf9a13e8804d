"""Hospital bills of an import: evidence for the claims that they bill, unless something speaks against them."""

from __future__ import annotations

from collections.abc import Mapping

from adjudication.fhir.records import ClaimRecord, ConditionRecord, PatientRecord
from adjudication.models import Claim, Evidence
from adjudication.services.evidence import add_evidence
from adjudication.services.imported_lines import ALREADY, ATTACHED, LEFT_OUT, WITHDRAWN, Run
from adjudication.services.imported_patients import import_key
from adjudication.services.imported_withdrawals import bill_withdrawn
from audit.actors import Actor
from audit.errors import DomainError


def attach_bill(
    *, run: Run, bill: ClaimRecord, claims: Mapping[ConditionRecord, Claim], main: PatientRecord, by: Actor
) -> tuple[str, str]:
    """Add a bill to the papers of the claim that it bills, once: what was done, and in which words.

    A bill that no longer stands becomes a withdrawal under the claim whose paper it is.
    """
    known = Evidence.objects.filter(import_key=import_key(bill.head.identity)).select_related("claim").first()
    if known is not None:
        told = bill_withdrawn(bill, run.plan, by) if bill.standing or bill.head.doubt else ""
        already = f"evidence {known.pk} of {known.claim.ref if known.claim else 'a draft'}"
        return (WITHDRAWN, told) if told else (ALREADY, already)
    why = bill.standing or _unfit(run, bill, main)
    if why:
        return LEFT_OUT, why
    related = [claim for condition, claim in claims.items() if is_related(bill, condition)]
    if not related:
        return LEFT_OUT, "it bills nothing that was claimed"
    try:
        evidence = add_evidence(
            content=bill.content,
            filename=f"{bill.head.identity.resource_id}.json",
            kind=Evidence.Kind.BILL,
            title=f"Hospital bill of {run.day(bill.billed) or 'an unknown day'}",
            claim=related[0],
            import_key=import_key(bill.head.identity),
            by=by,
        )
    except DomainError as error:
        return LEFT_OUT, str(error)
    return ATTACHED, f"evidence {evidence.pk} of {related[0].ref}"


def _unfit(run: Run, bill: ClaimRecord, main: PatientRecord) -> str:
    """Why a bill can't be true as it is; empty where nothing speaks against it."""
    if bill.head.doubt:
        return bill.head.doubt
    on = run.day(bill.billed)
    if bill.impossible or (on is not None and (on > run.imported_on or (main.born_on and on < main.born_on))):
        return f"its day {bill.impossible or on} is impossible"
    odd = sorted(bill.currencies - {run.plan.currency})
    if odd:
        return f"it bills in {odd[0] or 'no currency'}, and the plan's currency is {run.plan.currency}"
    return f"its amount {bill.total} is less than nothing" if bill.total is not None and bill.total < 0 else ""


def is_related(bill: ClaimRecord, condition: ConditionRecord) -> bool:
    """Whether a bill names a diagnosis or was made for the same visit."""
    head = condition.head
    is_named = any(
        one.identity == head.identity or (head.full_url and (one.scope, one.full_url) == (head.scope, head.full_url))
        for one in bill.conditions
    )
    return is_named or condition.encounter in bill.encounters
