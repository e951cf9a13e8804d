"""Filing, withdrawing and settling claims."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_fsm import can_proceed

from adjudication.models import Claim, Decision, EligibilityCheck
from adjudication.queue import nudge
from adjudication.selectors.claims import is_own_claim, latest_hearing, open_claim_of
from adjudication.services import claim_checks
from adjudication.services.answers import void_answer
from adjudication.services.eligibility import ON_SUBMISSION, run_check
from adjudication.services.investigations import abandon_open_round, open_round
from adjudication.services.locks import locked_claim
from adjudication.services.refusals import (
    ClaimAlreadyOpen,
    ClaimNotApproved,
    ClaimNotWithdrawable,
    NoRulesInForce,
    NotYourClaim,
    NoWordAwaited,
)
from audit.actors import Actor
from audit.services import append
from jury.services.opinions import abandon_request
from jury.services.panels import abandon_panel, give_nonce
from members.models import Membership, User
from members.rules.dates import local_day
from members.rules.eligibility import NOT_ELIGIBLE, Trace
from members.selectors.plans import version_for_diagnosis

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ONE_OPEN = "one_open_claim_a_membership"
_ATTEMPTS = 5


def new_ref(year: int) -> str:
    """A name for a claim that says nothing about it: `C26-7K3M9Q`."""
    return f"C{year % 100:02}-{''.join(secrets.choice(_CROCKFORD) for _ in range(6))}"


@transaction.atomic
def submit_claim(
    *,
    membership: Membership,
    icd10: str,
    severity: str,
    is_accident: bool,
    first_diagnosed_on: dt.date,
    suspected_on: dt.date | None,
    hospital: str,
    account: str,
    by: Actor,
    filed_by: User | None = None,
    import_key: str | None = None,
    submitted_at: dt.datetime | None = None,
) -> Claim:
    """File a claim under the version in force at first diagnosis, check its clauses, and put it on the worklist.

    A clause that is not met warns; it rejects by itself only where the plan version says so. Raises NotYourClaim,
    ClaimAlreadyOpen, UnknownCode, SeverityUnknown, HospitalMissing, TextTooLong, NoRulesInForce and what `check_days`
    raises.
    """
    now = timezone.now()
    # Two submissions for one person queue up here: the second sees the first one's claim.
    membership = (
        Membership.objects.select_for_update(of=("self",)).select_related("plan", "person__payer").get(pk=membership.pk)
    )
    claim_checks.check_claimant(by, membership)
    claim_checks.check_free(membership)
    claim_checks.check_days(membership, first_diagnosed_on, suspected_on, submitted_at or now)
    version = version_for_diagnosis(membership.plan, first_diagnosed_on)
    if version is None:
        raise NoRulesInForce(membership.plan.code, first_diagnosed_on)
    claim = Claim(
        plan=membership.plan,
        plan_version=version,
        membership=membership,
        filed_by=filed_by or (by if isinstance(by, User) else None),
        status_since=now,
        due_at=now + dt.timedelta(days=version.rules.claims.investigation_days),
        icd10=claim_checks.checked_code(icd10),
        severity=claim_checks.checked_severity(severity),
        is_accident=is_accident,
        first_diagnosed_on=first_diagnosed_on,
        suspected_on=suspected_on,
        hospital=claim_checks.checked_hospital(hospital),
        account=claim_checks.checked_account(account),
        submitted_at=submitted_at or now,
        import_key=import_key,
    )
    _insert(claim)
    body = {"plan": claim.plan.code, "version": version.label, "membership": membership.pk}
    append(kind="claim.submitted", stream=claim.stream, by=by, body=body)
    check = run_check(claim=claim, occasion=ON_SUBMISSION, by=by, at=now)
    if check.outcome == NOT_ELIGIBLE and version.rules.claims.failed_clause_rejects:
        reject_by_clause(claim=claim, check=check, by=by)
    else:
        open_round(claim=claim, reason="", by=by)
    return claim


def _insert(claim: Claim) -> None:
    year = local_day(claim.submitted_at, claim.plan.timezone).year
    for attempt in range(1, _ATTEMPTS + 1):
        claim.ref = new_ref(year)
        try:
            with transaction.atomic():
                claim.save(force_insert=True)
        except IntegrityError as error:
            if _ONE_OPEN in str(error):
                other = open_claim_of(claim.membership)
                raise ClaimAlreadyOpen(other.ref if other else "") from None
            if "ref" not in str(error) or attempt == _ATTEMPTS:
                raise
        else:
            return


def reject_by_clause(*, claim: Claim, check: EligibilityCheck, by: Actor) -> Decision:
    """A clause that is not met decides by itself, where the plan version says so. The claim's row is locked already."""
    now = timezone.now()
    trace = Trace.from_json(check.trace)
    known = {code.code for code in claim.plan_version.rules.reason_codes if "rejected" in code.for_outcomes}
    claim.reject_by_clause()
    claim.status_since, claim.due_at = now, None
    claim.save()
    decision = Decision.objects.create(
        claim=claim,
        sequence=1,
        outcome=Decision.Outcome.REJECTED,
        reason_codes=[code for code in trace.reason_codes if code in known],
        basis={"rule": "failed_clause", "clauses": list(trace.reason_codes)},
        plan_version=claim.plan_version,
        eligibility_check=check,
        decided_at=now,
    )
    body = {"decision": decision.pk, "outcome": decision.outcome, "reason_codes": decision.reason_codes}
    append(kind="decision.issued", stream=claim.stream, by=by, body=body | {"rule": "failed_clause"})
    return decision


@transaction.atomic
def withdraw_claim(*, claim_ref: str, by: Actor) -> Claim:
    """Withdraw a claim before it is decided; its investigation, its panel and its request for an opinion end with it.

    Raises ClaimUnknown, NotYourClaim, ClaimNotWithdrawable.
    """
    claim = locked_claim(claim_ref)
    if isinstance(by, User) and not is_own_claim(by, claim):
        raise NotYourClaim
    if not can_proceed(claim.withdraw):
        raise ClaimNotWithdrawable(claim.ref, claim.get_status_display())
    was = claim.status
    abandon_open_round(claim=claim, by=by)
    void_answer(claim=claim, by=by)
    hearing = latest_hearing(claim)
    if hearing is not None and hearing.panel.status in {"committed", "open"}:
        abandon_panel(panel_id=hearing.panel_id, by=by)
    if hearing is not None and hearing.opinion_request is not None and hearing.opinion_request.status == "open":
        abandon_request(request_id=hearing.opinion_request.pk, by=by)
    claim.withdraw()
    claim.status_since, claim.due_at = timezone.now(), None
    claim.save()
    append(kind="claim.withdrawn", stream=claim.stream, by=by, body={"was": was})
    return claim


@transaction.atomic
def settle_claim(*, claim_id: int, by: Actor) -> Claim:
    """The settlement of the payout is confirmed: an approved claim is paid. A claim already paid stays as it is.

    Raises ClaimNotApproved.
    """
    claim = Claim.objects.select_for_update().get(pk=claim_id)
    if claim.status == Claim.Status.PAID:
        return claim
    if not can_proceed(claim.settle):
        raise ClaimNotApproved(claim.ref, claim.get_status_display())
    claim.settle()
    claim.status_since, claim.due_at = timezone.now(), None
    claim.save()
    append(kind="claim.settled", stream=claim.stream, by=by, body={"amount_minor": claim.amount_minor})
    return claim


@transaction.atomic
def give_word(*, claim_ref: str, word: str, by: User) -> None:
    """The applicant adds a word of their own to the draw that is announced and not yet made.

    Raises ClaimUnknown, NotYourClaim, NoWordAwaited, and what the draw itself refuses.
    """
    claim = locked_claim(claim_ref)
    if not is_own_claim(by, claim):
        raise NotYourClaim
    hearing = latest_hearing(claim)
    if hearing is None or hearing.panel.status != "committed":
        raise NoWordAwaited(claim.ref)
    give_nonce(panel_id=hearing.panel_id, nonce=word, by=by)
    nudge(claim.pk)
