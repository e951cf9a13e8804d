"""The waiting period of a membership as a line of days, to show a member today's place on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from members.rules.dates import day_number, last_day_of, local_day
from members.rules.plan_types import PlanRules

PICTURE_WIDTH, TODAY_WIDTH = 1000, 8
_COVER_SHARE = 4
"""The days of cover that the picture shows are a fourth of it; what lies later stands at its end."""


@dataclass(frozen=True, slots=True)
class WaitingLine:
    """The days of one membership's wait, seen from one day, in the plan's time zone."""

    begins_on: date
    joined_on: date
    ends_on: date
    """The last day inside the wait."""
    suspicion_ends_on: date | None
    """The last day on which a tumour suspected in the wait, once confirmed, is not covered; None without the clause."""
    today: date
    left_on: date | None = None

    @property
    def goes_on(self) -> bool:
        """Whether the wait began before this membership did: in the plan that the member moved from."""
        return self.begins_on < self.joined_on

    @property
    def is_over(self) -> bool:
        """Whether the last day of the wait has passed."""
        return self.today > self.ends_on

    @property
    def is_suspicion_over(self) -> bool:
        """Whether the clause on suspected tumours no longer applies."""
        return self.suspicion_ends_on is None or self.today > self.suspicion_ends_on

    @property
    def covered_from(self) -> date:
        """The first day on which an illness is covered."""
        return self.ends_on + timedelta(days=1)

    @property
    def number(self) -> int:
        """Which day of the wait today is; the day on which it began is day 1."""
        return day_number(self.begins_on, self.today)

    @property
    def wait_width(self) -> int:
        """How much of the picture the wait takes."""
        return self._place(self.covered_from)

    @property
    def suspicion_width(self) -> int:
        """How much of the picture the days of the clause on suspected tumours take, after the wait."""
        if self.suspicion_ends_on is None:
            return 0
        return self._place(self.suspicion_ends_on + timedelta(days=1)) - self.wait_width

    @property
    def joined_at_x(self) -> int:
        """Where in the picture the member joined this plan."""
        return self._place(self.joined_on)

    @property
    def today_at_x(self) -> int:
        """Where in the picture the mark of today begins; at its end where the picture does not reach so far."""
        return min(self._place(self.today), PICTURE_WIDTH - TODAY_WIDTH)

    def _place(self, on: date) -> int:
        fixed = ((self.suspicion_ends_on or self.ends_on) - self.begins_on).days + 1
        shown = fixed + max(1, fixed // (_COVER_SHARE - 1))
        return min(PICTURE_WIDTH, max(0, (on - self.begins_on).days * PICTURE_WIDTH // shown))


def waiting_line(
    rules: PlanRules, *, waits_from: datetime, joined_at: datetime, left_at: datetime | None, now: datetime
) -> WaitingLine:
    """The wait by these rules: its days, and those of the clause on suspected tumours after it."""
    begins_on = local_day(waits_from, rules.timezone)
    ends_on = last_day_of(begins_on, rules.waiting_days)
    tumour_days = rules.suspected_tumour_days
    return WaitingLine(
        begins_on=begins_on,
        joined_on=local_day(joined_at, rules.timezone),
        ends_on=ends_on,
        suspicion_ends_on=None if tumour_days is None else ends_on + timedelta(days=tumour_days),
        today=local_day(now, rules.timezone),
        left_on=None if left_at is None else local_day(left_at, rules.timezone),
    )
