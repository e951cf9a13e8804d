"""Casts as the ballot page does: the quick way first, and the usual way where that leaves a ballot to it."""

from __future__ import annotations

from typing import Any

from jury.services.ballots import CastBallot, cast_ballot
from jury.services.quick_ballots import cast_if_in_order
from members.models import User

taken: list[str] = []
"""Which way each ballot has taken, newest last."""


def cast(**given: Any) -> CastBallot:
    """A ballot by whichever way takes it; what the usual way raises."""
    found = cast_if_in_order(**given) if isinstance(given["by"], User) else None
    if found is None:
        usual = cast_ballot(**given)
        taken.append("usual")
        return usual
    taken.append("quick")
    return found.ballot
