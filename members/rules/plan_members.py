"""What a plan says of early joiners and of members past the oldest age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

PAST_AGE_STEPS = ("ends", "stays")
"""What becomes of members past the oldest age that has aid: the membership ends, or goes on without cover."""


@dataclass(frozen=True, slots=True)
class PastAgeRules:
    """What becomes of members past the oldest age that has aid; `then` None: nothing is said, and they stay.

    `warn_days` is how long before it they are told; `ends_after_days` how long after it the membership ends, so that
    they can move; `senior_plan` the code of the plan that is named to them.
    """

    then: str | None = None
    warn_days: int | None = None
    ends_after_days: int | None = None
    senior_plan: str | None = None


@dataclass(frozen=True, slots=True)
class FreeTime:
    """Who joined before a notice day (00:00) pays nothing for notices up to a day, that day included."""

    joined_before: date
    until: date

    def is_for(self, first_notice_on: date, notice_on: date) -> bool:
        """Whether the sponsor bears what a member first counted at one notice would pay of another.

        Members are counted at 00:00: who joined before a notice day is counted by it, or by an earlier one.
        """
        return first_notice_on <= self.joined_before and notice_on <= self.until
