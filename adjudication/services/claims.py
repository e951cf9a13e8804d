"""Filing, withdrawing and settling claims."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import IntegrityError, transaction
from django_fsm import can_proceed

from adjudication.errors.claims import (
    ClaimAlreadyOpen,
    ClaimNotApproved,
    ClaimNotWithdrawable,
    NoNonceAwaited,
    NotYourClaim,
)
from adjudication.models import Claim
from adjudication.queue import nudge
from adjudication.selectors.claims import is_own_claim, open_claim_of
from adjudication.selectors.latest import latest_hearing
from adjudication.selectors.recipients import open_investigation_of
from adjudication.services import claim_checks
from adjudication.services.accounts import store_account
from adjudication.services.answers import void_answer
from adjudication.services.decisions import reject_by_clause
from adjudication.services.eligibility import ON_SUBMISSION, run_check
from adjudication.services.investigations import abandon_open_round, open_round
from adjudication.services.locks import locked_claim
from adjudication.services.states import enter
from adjudication.services.telling import tell_applicants
from audit import clock
from audit.actors import Actor
from audit.services import append
from jury.services import panels
from jury.services.opinions import abandon_request
from members.digests import hospital_digest
from members.errors.plans import NoRulesInForce
from members.models import Membership, PlanVersion, User
from members.rules.dates import local_day
from members.rules.eligibility import NOT_ELIGIBLE
from members.selectors.plans import title_of, version_for_diagnosis
from members.services.messages import tell

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ONE_OPEN = "one_open_claim_a_membership"
_ATTEMPTS = 5


def new_ref(year: int) -> str:
    """A random reference for a claim: `C26-7K3M9Q`."""
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
    icd10_given: str = "",
    disease: str = "",
    submitted_at: dt.datetime | None = None,
    is_for_jury: bool = False,
) -> Claim:
    """File a claim under the version in force at first diagnosis, check its clauses, and put it on the worklist.

    `is_for_jury` says that jurors should read the account, without names. `icd10` may be a national edition's;
    `icd10_given` is what was written where the caller has mapped it already; `disease` is which of the code's diseases
    it is, where the plan asks. A clause that is not met warns; it rejects by itself only where the plan version says
    so. Raises NotYourClaim, ClaimAlreadyOpen, UnknownCode, DiseaseUnfit, SeverityUnknown, HospitalMissing, TextTooLong,
    NoRulesInForce and what `check_days` raises.
    """
    membership = _locked_membership(membership)
    # After the lock, for which it may have waited past midnight: a claim is filed when it is its turn.
    now = clock.now()
    claim_checks.check_claimant(by, membership)
    claim_checks.check_free(membership)
    claim_checks.check_days(membership, first_diagnosed_on, suspected_on, submitted_at or now)
    version = _version_in_force(membership, first_diagnosed_on)
    code, hospital = claim_checks.checked_code(icd10), claim_checks.checked_hospital(hospital)
    claim = Claim(
        plan=membership.plan,
        plan_version=version,
        membership=membership,
        filed_by=filed_by or (by if isinstance(by, User) else None),
        status_since=now,
        due_at=now + dt.timedelta(days=version.rules.claims.investigation_days),
        icd10=code,
        icd10_given=claim_checks.code_as_given(icd10_given or icd10, code),
        disease=claim_checks.checked_disease(version.rules, code, disease),
        severity=claim_checks.checked_severity(severity),
        is_accident=is_accident,
        first_diagnosed_on=first_diagnosed_on,
        suspected_on=suspected_on,
        hospital=hospital,
        hospital_digest=hospital_digest(hospital),
        account=claim_checks.checked_account(account),
        submitted_at=submitted_at or now,
        import_key=import_key,
    )
    _insert(claim)
    _record_filing(claim, by)
    if is_for_jury and claim.account and isinstance(by, User):
        store_account(claim=claim, text=claim.account, by=by)
    _first_step(claim, now, by)
    return claim


def _locked_membership(membership: Membership) -> Membership:
    """Two submissions for one membership wait for each other here: the second sees the first one's claim."""
    rows = Membership.objects.select_for_update(of=("self",)).select_related("plan", "person__payer")
    return rows.get(pk=membership.pk)


def _version_in_force(membership: Membership, on: dt.date) -> PlanVersion:
    version = version_for_diagnosis(membership.plan, on)
    if version is None:
        raise NoRulesInForce(plan=title_of(membership.plan), on=on)
    return version


def _first_step(claim: Claim, now: dt.datetime, by: Actor) -> None:
    rejects = claim.plan_version.rules.claims.failed_clause_rejects
    check = run_check(claim=claim, occasion=ON_SUBMISSION, by=by, at=now, warns=not rejects)
    if check.outcome == NOT_ELIGIBLE and rejects:
        reject_by_clause(claim=claim, check=check, by=by)
    else:
        open_round(claim=claim, reason="", by=by)


def _record_filing(claim: Claim, by: Actor) -> None:
    body = {"plan": claim.plan.code, "version": claim.plan_version.label, "membership": claim.membership_id}
    entry = append(kind="claim.submitted", stream=claim.stream, by=by, body=body)
    tell_applicants("adjudication.filed", claim, entry)


def _insert(claim: Claim) -> None:
    year = local_day(claim.submitted_at, claim.plan.timezone).year
    for attempt in range(1, _ATTEMPTS + 1):
        claim.ref = new_ref(year)
        try:
            # A savepoint: after a violated constraint the transaction can still name the open claim or try a new ref.
            with transaction.atomic():
                claim.save(force_insert=True)
        except IntegrityError as error:
            if _ONE_OPEN in str(error):
                other = open_claim_of(claim.membership)
                raise ClaimAlreadyOpen(ref=other.ref if other else "") from None
            if "ref" not in str(error) or attempt == _ATTEMPTS:
                raise
        else:
            return


@transaction.atomic
def withdraw_claim(*, claim_ref: str, by: Actor) -> Claim:
    """Withdraw a claim before it is decided; its investigation, its panel and its request for an opinion end with it.

    Raises ClaimUnknown, NotYourClaim, ClaimNotWithdrawable.
    """
    claim = locked_claim(ref=claim_ref)
    if isinstance(by, User) and not is_own_claim(by, claim):
        raise NotYourClaim
    if not can_proceed(claim.withdraw):
        raise ClaimNotWithdrawable(ref=claim.ref, status=Claim.Status(claim.status))
    was, investigation = claim.status, open_investigation_of(claim)
    abandon_open_round(claim=claim, by=by)
    void_answer(claim=claim, by=by)
    hearing = latest_hearing(claim)
    if hearing is not None and hearing.panel.status in {"committed", "open"}:
        panels.abandon_panel(panel_id=hearing.panel_id, by=by)
    if hearing is not None and hearing.opinion_request is not None and hearing.opinion_request.status == "open":
        abandon_request(request_id=hearing.opinion_request.pk, by=by)
    enter(claim, claim.withdraw, due_at=None)
    entry = append(kind="claim.withdrawn", stream=claim.stream, by=by, body={"was": was})
    tell_applicants("adjudication.withdrawn", claim, entry)
    if investigation is not None and investigation.investigator is not None:
        tell("adjudication.withdrawn_investigation", to=investigation.investigator, entry=entry, ref=claim.ref)
    return claim


@transaction.atomic
def settle_claim(*, claim_id: int, by: Actor) -> Claim:
    """Mark an approved claim as paid once the payout's settlement is confirmed. A claim already paid stays unchanged.

    Raises ClaimNotApproved.
    """
    claim = locked_claim(pk=claim_id)
    if claim.status == Claim.Status.PAID:
        return claim
    if not can_proceed(claim.settle):
        raise ClaimNotApproved(ref=claim.ref, status=Claim.Status(claim.status))
    enter(claim, claim.settle, due_at=None)
    entry = append(kind="claim.settled", stream=claim.stream, by=by, body={"amount_minor": claim.amount_minor})
    tell_applicants("adjudication.paid", claim, entry)
    return claim


@transaction.atomic
def give_nonce(*, claim_ref: str, nonce: str, by: User) -> None:
    """Add the applicant's word to the draw that is committed and not yet made.

    Raises ClaimUnknown, NotYourClaim, NoNonceAwaited, and what the draw itself refuses.
    """
    claim = locked_claim(ref=claim_ref)
    if not is_own_claim(by, claim):
        raise NotYourClaim
    hearing = latest_hearing(claim)
    if hearing is None or hearing.panel.status != "committed":
        raise NoNonceAwaited(ref=claim.ref)
    panels.give_nonce(panel_id=hearing.panel_id, nonce=nonce, by=by)
    nudge(claim.pk)
