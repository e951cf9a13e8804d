"""How the players behave: varied, but the same each time for the same claim."""

from __future__ import annotations

import hashlib

_PARTS = 10_000


def chance(*of: object) -> float:
    """A number from 0 to below 1 that depends on nothing but its arguments."""
    digest = hashlib.sha256("/".join(str(one) for one in of).encode()).digest()
    return int.from_bytes(digest[:4], "big") % _PARTS / _PARTS


def is_disputed(ref: str) -> bool:
    """About one claim in five divides the jury."""
    return chance("disputed", ref) < 0.2


def asks_for_jury(ref: str) -> bool:
    """Most applicants whose claim would be rejected want the jury."""
    return chance("answer", ref) < 0.75


def juror_supports(ref: str, juror: int, *, is_sound: bool) -> bool:
    """Most jurors follow the findings; on a disputed claim they are split."""
    follows = chance("juror", ref, juror) < (0.5 if is_disputed(ref) else 0.93)
    return is_sound if follows else not is_sound


def juror_steps_down(ref: str, juror: int) -> bool:
    """A few jurors know somebody concerned."""
    return chance("recusal", ref, juror) < 0.04


def juror_calls_it_medical(ref: str, juror: int) -> bool:
    """Some ballots say that this is a question for doctors; more where the jury is divided."""
    return chance("medical", ref, juror) < (0.35 if is_disputed(ref) else 0.06)


def doctor_answers(ref: str, user_id: int, question: str, *, is_sound: bool) -> str:
    """Doctors mostly see what is there; a few can't tell."""
    if chance("doctor", ref, user_id, question) < 0.04:
        return "unsure"
    return "yes" if is_sound else "no"
