"""What a claim must be to be filed at all: a known code, possible days, a free membership."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from adjudication.models import Claim
from adjudication.selectors.claims import may_claim_for, open_claim_of
from adjudication.services.refusals import (
    ClaimAlreadyOpen,
    DiagnosedOutsideMembership,
    DiagnosisBeforeBirth,
    DiagnosisInFuture,
    HospitalMissing,
    NotYourClaim,
    SeverityUnknown,
    SuspicionImpossible,
    TextTooLong,
)
from audit.actors import Actor
from members.codes import icd10
from members.models import Membership, User
from members.rules.dates import local_day
from members.rules.icd10_ranges import normalised

LONGEST_HOSPITAL = 200
LONGEST_ACCOUNT = 5000


def check_claimant(by: Actor, membership: Membership) -> None:
    """The service itself files imports; a user files for themselves, for those they pay for, or as a reviewer.

    Raises NotYourClaim.
    """
    if isinstance(by, User) and not may_claim_for(by, membership):
        raise NotYourClaim


def check_free(membership: Membership) -> None:
    """A member has one claim at a time. Raises ClaimAlreadyOpen."""
    other = open_claim_of(membership)
    if other is not None:
        raise ClaimAlreadyOpen(other.ref)


def checked_code(code: str) -> str:
    """The ICD-10 code with capitals and dot. Raises icd10.UnknownCode."""
    if not icd10.exists(code):
        raise icd10.UnknownCode(code)
    return normalised(code)


def checked_severity(severity: str) -> str:
    """Mild or severe. Raises SeverityUnknown."""
    if severity not in Claim.Severity.values:
        raise SeverityUnknown(severity)
    return severity


def checked_hospital(hospital: str) -> str:
    """The hospital without blanks around it. Raises HospitalMissing, TextTooLong."""
    hospital = hospital.strip()
    if not hospital:
        raise HospitalMissing
    if len(hospital) > LONGEST_HOSPITAL:
        raise TextTooLong(_("The hospital"), LONGEST_HOSPITAL)
    return hospital


def checked_account(account: str) -> str:
    """What happened, in the member's words. Raises TextTooLong."""
    account = account.strip()
    if len(account) > LONGEST_ACCOUNT:
        raise TextTooLong(_("The account"), LONGEST_ACCOUNT)
    return account


def check_days(
    membership: Membership, first_diagnosed_on: dt.date, suspected_on: dt.date | None, submitted_at: dt.datetime
) -> None:
    """The days lie in the order of a life, and the diagnosis inside the membership.

    Raises DiagnosisInFuture, DiagnosisBeforeBirth, SuspicionImpossible, DiagnosedOutsideMembership.
    """
    zone = membership.plan.timezone
    today = local_day(submitted_at, zone)
    born_on = membership.person.born_on
    if first_diagnosed_on > today:
        raise DiagnosisInFuture(first_diagnosed_on, today)
    if first_diagnosed_on < born_on:
        raise DiagnosisBeforeBirth(first_diagnosed_on)
    if suspected_on is not None and not born_on <= suspected_on <= first_diagnosed_on:
        raise SuspicionImpossible(suspected_on, first_diagnosed_on)
    joined_on = local_day(membership.joined_at, zone)
    left_on = local_day(membership.left_at, zone) if membership.left_at else None
    if first_diagnosed_on < joined_on or (left_on is not None and first_diagnosed_on > left_on):
        raise DiagnosedOutsideMembership(first_diagnosed_on, joined_on, left_on)
