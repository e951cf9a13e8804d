"""Who may not judge a case: conditions on digests, so that no name or address is needed to check them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jury.rules.seating import StepOutcome


class ConflictReason(StrEnum):
    """Why a juror may not sit on a case."""

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
    DECLARED = "declared"


@dataclass(frozen=True)
class JurorFacts:
    """What is known about a juror, as digests; empty text and an empty set mean not known, and match nothing."""

    person: str
    household: str = ""
    payer: str = ""
    address: str = ""
    phone: str = ""
    employer: str = ""
    hospitals: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CaseFacts:
    """What is known about a case, as digests made in the same way as the jurors'.

    The sets hold the digests of everyone involved: who is ill, who filed, who pays. `sat_before` are the persons
    who sat in an earlier round (on an open bench: who cast a ballot), `declared` those who said themselves that they
    are close to the claimant.
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
    declared: frozenset[str] = frozenset()


def conflict(juror: JurorFacts, case: CaseFacts) -> ConflictReason | None:
    """The first reason why this juror may not judge this case, or None; the same at the draw, seat and ballot.

    A juror who pays for a claimant, and one whom the same payer pays for, both conflict. Raises `ValueError` when
    either side has no person, since then nothing could be ruled out.
    """
    if not juror.person or not case.claimants:
        raise ValueError("A conflict can only be checked between known persons.")
    return next(iter(conflicts(juror, case)), None)


def conflicts(judge: JurorFacts, case: CaseFacts) -> tuple[ConflictReason, ...]:
    """Every reason why somebody may not judge or decide a case, in the order of `ConflictReason`.

    Staff may have no person of their own behind their log-in: then only what is not empty is compared.
    """
    reasons = (
        (ConflictReason.IS_CLAIMANT, judge.person in case.claimants),
        (ConflictReason.IS_PAYER, judge.person in case.payers),
        (ConflictReason.SAME_HOUSEHOLD, _shares(judge.household, case.households)),
        (ConflictReason.SAME_PAYER, _shares(judge.payer, case.payers | case.claimants)),
        (ConflictReason.SHARED_ADDRESS, _shares(judge.address, case.addresses)),
        (ConflictReason.SHARED_PHONE, _shares(judge.phone, case.phones)),
        (ConflictReason.SHARED_EMPLOYER, _shares(judge.employer, case.employers)),
        (ConflictReason.HOSPITAL_AFFILIATION, any(_shares(hospital, case.hospitals) for hospital in judge.hospitals)),
        (ConflictReason.INVESTIGATED, judge.person in case.investigators),
        (ConflictReason.REFERRED, judge.person in case.referrers),
        (ConflictReason.SAT_BEFORE, judge.person in case.sat_before),
        (ConflictReason.DECLARED, judge.person in case.declared),
    )
    return tuple(reason for reason, applies in reasons if applies)


def _shares(digest: str, others: frozenset[str]) -> bool:
    # Two unknown addresses are not one address.
    return digest != "" and digest in others


def skip_of(reason: ConflictReason | None) -> StepOutcome | None:
    """How the walk records a conflict: household and sat_before under their own names, all others as conflict."""
    if reason is None:
        return None
    if reason is ConflictReason.SAME_HOUSEHOLD:
        return StepOutcome.HOUSEHOLD
    if reason is ConflictReason.SAT_BEFORE:
        return StepOutcome.SAT_BEFORE
    return StepOutcome.CONFLICT
