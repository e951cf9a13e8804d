"""How long a plan lets a claim wait for somebody."""

from __future__ import annotations

from dataclasses import dataclass

HOLD_DAYS = 30
"""Until a hold lifts by itself where the version gives no number of its own: the days of every shipped file."""


@dataclass(frozen=True, slots=True)
class WaitRules:
    """How long a claim may wait for somebody, in days; None: without an end, and staff are told every day. A hold
    always has an end, since staff begin it themselves.
    """

    take_days: int | None = None
    """Until a claim that nobody took is given to an investigator."""
    overdue_days: int | None = None
    """After its deadline, until an investigation is taken off its investigator and offered again."""
    returns_to_same: int | None = None
    """How many reports of one investigator on a claim are returned before somebody else has to investigate it."""
    hold_days: int | None = None
    """Until a hold lifts by itself, unless a reviewer renews it; None: `HOLD_DAYS`."""
    decide_days: int | None = None
    """Until a decision that can be issued is late."""
    note_days: int | None = None
    """Until what waits for a note, a look or a second person is late."""
    no_jurors_days: int | None = None
    """Until a jury that nobody can sit on counts as hung."""
    no_doctor_days: int | None = None
    """Until an opinion that nobody can give counts as inconclusive."""

    @property
    def hold_ends_after_days(self) -> int:
        """Until a hold lifts by itself, in every version."""
        return HOLD_DAYS if self.hold_days is None else self.hold_days
