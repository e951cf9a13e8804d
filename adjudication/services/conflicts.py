"""The check that every act of somebody who decides on a claim asks, with the claim's row locked."""

from __future__ import annotations

from adjudication.errors.conflicts import ConflictOfInterest
from adjudication.models import Claim
from adjudication.selectors.conflicts import conflicts_of, why
from audit.actors import Actor
from members.models import User


def check_no_conflict(claim: Claim, by: Actor) -> None:
    """Raise ConflictOfInterest where a user is close to the people behind a claim; the service itself never is.

    The caller has locked the claim's row.
    """
    if not isinstance(by, User):
        return
    kinds = conflicts_of(by, claim)
    if kinds:
        raise ConflictOfInterest(ref=claim.ref, why=why(by, claim, kinds), kinds=[kind.value for kind in kinds])
