"""What somebody on the staff must settle before a claim can go on: done as plainly as a rehearsal can."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from adjudication.models import Claim, Withdrawal
from adjudication.selectors.findings import late_findings
from adjudication.services.findings import dismiss_late_findings
from adjudication.services.withdrawals import note_withdrawal
from allocation.rehearsal.company import Company
from audit.errors import DomainError
from members.models import IdentityQuestion
from members.services.identity import CONFIRMED, settle_identity

_NOTE = "Rehearsal: the hospital was asked, and the illness stands."


def clear(claim: Claim, company: Company) -> None:
    """Note withdrawn records, dismiss what came late, confirm an identity in doubt: each by a reviewer who may."""
    for withdrawal in Withdrawal.objects.filter(claim=claim, noted_at=None):
        _by_somebody(company, partial(note_withdrawal, withdrawal_id=withdrawal.pk, note=_NOTE))
    if late_findings(claim):
        _by_somebody(company, partial(dismiss_late_findings, claim_ref=claim.ref, reason=_NOTE))
    for question in IdentityQuestion.objects.filter(person=claim.membership.person).exclude(status=CONFIRMED):
        _by_somebody(company, partial(settle_identity, question_id=question.pk, answer=CONFIRMED, reason=_NOTE))


def _by_somebody(company: Company, act: Callable[..., object]) -> None:
    """By the first reviewer whom nothing keeps from it; by nobody, if all are kept from it now."""
    for reviewer in company.reviewers:
        try:
            act(by=reviewer)
        except DomainError:
            continue
        return
