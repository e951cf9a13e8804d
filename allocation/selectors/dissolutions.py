"""The end of a plan, as far as periods tell of it: on what ground it could be proposed, and what it still waits for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from allocation.models import Period
from allocation.selectors.periods import latest_period
from members.models import Dissolution, Plan
from members.rules.plan_types import DissolutionRules, SponsorRules
from members.selectors.dissolutions import dissolution_of


@dataclass(frozen=True)
class EndOfPlan:
    """What the desk sees: the latest notice, the rules that it was published by, and the end that they led to."""

    plan: Plan
    latest: Period | None
    dissolution: Dissolution | None
    rules: DissolutionRules | None
    sponsor: SponsorRules | None

    @property
    def can_be_proposed(self) -> bool:
        """Whether the latest notice is a ground, and nobody has proposed the end yet."""
        return self.dissolution is None and self.latest is not None and self.latest.is_below

    @property
    def awaits_notice_on(self) -> dt.date | None:
        """The last notice that members share, where it is still to be published or charged; otherwise None."""
        end = self.dissolution
        if end is None or not end.is_certain or end.status == end.Status.SETTLED:
            return None
        is_charged = Period.objects.filter(plan=self.plan, notice_on__gte=end.ends_on).exclude(
            status=Period.Status.NOTICED
        )
        return None if is_charged.exists() else end.ends_on


def end_of_plan(plan: Plan) -> EndOfPlan:
    """A plan's end with its ground; the rules are those of the end, otherwise those of the latest notice."""
    latest, dissolution = latest_period(plan), dissolution_of(plan)
    ground = dissolution or latest
    rules = ground.plan_version.rules if ground else None
    return EndOfPlan(plan, latest, dissolution, rules.dissolution if rules else None, rules.sponsor if rules else None)
