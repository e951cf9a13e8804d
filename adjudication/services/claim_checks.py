"""Conditions for filing a claim: a known code, possible days, no other open claim."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from adjudication.errors.claims import (
    ClaimAlreadyOpen,
    DiagnosedBeforeJoining,
    DiagnosedOutsideMembership,
    DiagnosisBeforeBirth,
    DiagnosisInFuture,
    DiseaseUnfit,
    HospitalMissing,
    NotYourClaim,
    SeverityUnknown,
    SuspicionImpossible,
    TextTooLong,
)
from adjudication.models import Claim
from adjudication.selectors.claims import may_claim_for, open_claim_of
from audit.actors import Actor
from members.codes import icd10
from members.errors.codes import UnknownCode
from members.models import Membership, User
from members.rules.dates import local_day
from members.rules.icd10_ranges import normalised
from members.rules.plans import PlanRules, condition_for

LONGEST_GIVEN_CODE = 20
LONGEST_HOSPITAL = 200
LONGEST_ACCOUNT = 5000


def check_claimant(by: Actor, membership: Membership) -> None:
    """The service itself files imports; a user files for themselves, for people they pay for, or as a reviewer.

    Raises NotYourClaim.
    """
    if isinstance(by, User) and not may_claim_for(by, membership):
        raise NotYourClaim


def check_free(membership: Membership) -> None:
    """A member has one claim at a time. Raises ClaimAlreadyOpen."""
    other = open_claim_of(membership)
    if other is not None:
        raise ClaimAlreadyOpen(ref=other.ref)


def checked_code(code: str) -> str:
    """The WHO's ICD-10 code that a code as written stands for, in capitals and with its dot. Raises UnknownCode."""
    found = icd10.known(code)
    if found is None:
        raise UnknownCode(code=code)
    return found.code


def code_as_given(given: str, code: str) -> str:
    """What was written, to be kept beside the code that is judged; nothing where it is the same. Raises TextTooLong."""
    given = " ".join(given.split())
    if len(given) > LONGEST_GIVEN_CODE:
        raise TextTooLong(what=_("The code of the diagnosis"), limit=LONGEST_GIVEN_CODE)
    return "" if normalised(given) == code else given


def checked_severity(severity: str) -> str:
    """Mild or severe. Raises SeverityUnknown."""
    if severity not in Claim.Severity.values:
        raise SeverityUnknown(severity=severity)
    return severity


def checked_disease(rules: PlanRules, icd10_code: str, disease: str) -> str:
    """Which disease of a code the applicant states, by the answers of the plan's question; empty where they do not know
    it, or the plan does not ask. Raises DiseaseUnfit.
    """
    condition = condition_for(rules, icd10_code)
    question = condition.asks if condition else None
    if question is None or not disease:
        return ""
    if question.answer(disease) is None:
        raise DiseaseUnfit(value=disease, icd10=icd10_code, allowed=[one.code for one in question.answers])
    return disease


def checked_hospital(hospital: str) -> str:
    """The hospital without surrounding whitespace. Raises HospitalMissing, TextTooLong."""
    hospital = hospital.strip()
    if not hospital:
        raise HospitalMissing
    if len(hospital) > LONGEST_HOSPITAL:
        raise TextTooLong(what=_("The hospital"), limit=LONGEST_HOSPITAL)
    return hospital


def checked_account(account: str) -> str:
    """What happened, in the member's words. Raises TextTooLong."""
    account = account.strip()
    if len(account) > LONGEST_ACCOUNT:
        raise TextTooLong(what=_("The account"), limit=LONGEST_ACCOUNT)
    return account


def check_days(
    membership: Membership, first_diagnosed_on: dt.date, suspected_on: dt.date | None, submitted_at: dt.datetime
) -> None:
    """Birth, suspicion and diagnosis are in order, and the diagnosis falls within the membership.

    Raises DiagnosisInFuture, DiagnosisBeforeBirth, SuspicionImpossible, DiagnosedBeforeJoining,
    DiagnosedOutsideMembership.
    """
    zone = membership.plan.timezone
    today = local_day(submitted_at, zone)
    born_on = membership.person.born_on
    if first_diagnosed_on > today:
        raise DiagnosisInFuture(on=first_diagnosed_on, today=today)
    if first_diagnosed_on < born_on:
        raise DiagnosisBeforeBirth(on=first_diagnosed_on)
    if suspected_on is not None and not born_on <= suspected_on <= first_diagnosed_on:
        raise SuspicionImpossible(on=suspected_on, diagnosed=first_diagnosed_on)
    joined_on = local_day(membership.joined_at, zone)
    left_on = local_day(membership.left_at, zone) if membership.left_at else None
    if first_diagnosed_on < joined_on and left_on is None:
        raise DiagnosedBeforeJoining(on=first_diagnosed_on, joined=joined_on)
    if left_on is not None and not joined_on <= first_diagnosed_on <= left_on:
        raise DiagnosedOutsideMembership(on=first_diagnosed_on, joined=joined_on, left=left_on)
