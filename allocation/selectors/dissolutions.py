"""The end of a plan as its periods show it: whether it can be proposed, and what it still waits for."""

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
    """What reviewers see: the latest notice, the rules it was published under, and the end of the plan, if any."""

    plan: Plan
    latest: Period | None
    dissolution: Dissolution | None
    rules: DissolutionRules | None
    sponsor: SponsorRules | None

    @property
    def can_be_proposed(self) -> bool:
        """Whether the latest notice counted too few members, and nobody has proposed the end yet."""
        return self.dissolution is None and self.latest is not None and self.latest.is_below

    @property
    def awaits_notice_on(self) -> dt.date | None:
        """The day of the last shared notice while it is still to be published or charged; otherwise None."""
        end = self.dissolution
        if end is None or not end.is_certain or end.status == end.Status.SETTLED:
            return None
        is_charged = Period.objects.filter(plan=self.plan, notice_on__gte=end.ends_on).exclude(
            status=Period.Status.NOTICED
        )
        return None if is_charged.exists() else end.ends_on


def end_of_plan(plan: Plan) -> EndOfPlan:
    """The end of a plan with its reason; the rules are those of the end, otherwise those of the latest notice."""
    latest, dissolution = latest_period(plan), dissolution_of(plan)
    ground = dissolution or latest
    rules = ground.plan_version.rules if ground else None
    return EndOfPlan(plan, latest, dissolution, rules.dissolution if rules else None, rules.sponsor if rules else None)
