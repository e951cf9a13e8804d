"""Who may not judge a matter: conditions on digests, so that no name or address is needed to check them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jury.rules.seating import StepOutcome


class ConflictReason(StrEnum):
    """Why a juror may not sit on a matter."""

    IS_CLAIMANT = "is_claimant"
    IS_PAYER = "is_payer"
    SAME_HOUSEHOLD = "same_household"
    SAME_PAYER = "same_payer"
    SHARED_ADDRESS = "shared_address"
    SHARED_PHONE = "shared_phone"
    SHARED_EMPLOYER = "shared_employer"
    HOSPITAL_AFFILIATION = "hospital_affiliation"
    INVESTIGATED = "investigated"
    REFERRED = "referred"
    SAT_BEFORE = "sat_before"


@dataclass(frozen=True)
class JurorFacts:
    """What is known of a juror, as digests; empty text and an empty set mean not known, and match nothing."""

    person: str
    household: str = ""
    payer: str = ""
    address: str = ""
    phone: str = ""
    employer: str = ""
    hospitals: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CaseFacts:
    """What is known of a matter, as digests made in the same way as the jurors'.

    The sets hold the digests of everybody concerned: who is ill, who filed, who pays. `sat_before` are the persons
    who sat in an earlier round (on an open bench: who cast a ballot).
    """

    claimants: frozenset[str]
    payers: frozenset[str] = frozenset()
    households: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    employers: frozenset[str] = frozenset()
    hospitals: frozenset[str] = frozenset()
    investigators: frozenset[str] = frozenset()
    referrers: frozenset[str] = frozenset()
    sat_before: frozenset[str] = frozenset()


def conflict(juror: JurorFacts, case: CaseFacts) -> ConflictReason | None:
    """The first reason why this juror may not judge this matter, or None; the same at the draw, seat and ballot.

    A juror who pays for a claimant, and one whom the same payer pays for, both conflict. Raises `ValueError` when
    either side has no person, since then nothing could be ruled out.
    """
    if not juror.person or not case.claimants:
        raise ValueError("A conflict can only be checked between known persons.")
    reasons = (
        (ConflictReason.IS_CLAIMANT, juror.person in case.claimants),
        (ConflictReason.IS_PAYER, juror.person in case.payers),
        (ConflictReason.SAME_HOUSEHOLD, _shares(juror.household, case.households)),
        (ConflictReason.SAME_PAYER, _shares(juror.payer, case.payers | case.claimants)),
        (ConflictReason.SHARED_ADDRESS, _shares(juror.address, case.addresses)),
        (ConflictReason.SHARED_PHONE, _shares(juror.phone, case.phones)),
        (ConflictReason.SHARED_EMPLOYER, _shares(juror.employer, case.employers)),
        (ConflictReason.HOSPITAL_AFFILIATION, any(_shares(hospital, case.hospitals) for hospital in juror.hospitals)),
        (ConflictReason.INVESTIGATED, juror.person in case.investigators),
        (ConflictReason.REFERRED, juror.person in case.referrers),
        (ConflictReason.SAT_BEFORE, juror.person in case.sat_before),
    )
    return next((reason for reason, applies in reasons if applies), None)


def _shares(digest: str, others: frozenset[str]) -> bool:
    # Two unknown addresses are not one address.
    return digest != "" and digest in others


def skip_of(reason: ConflictReason | None) -> StepOutcome | None:
    """How the walk records a conflict: household and sat before by their own names, all others as conflict."""
    if reason is None:
        return None
    if reason is ConflictReason.SAME_HOUSEHOLD:
        return StepOutcome.HOUSEHOLD
    if reason is ConflictReason.SAT_BEFORE:
        return StepOutcome.SAT_BEFORE
    return StepOutcome.CONFLICT
