"""What other rules would have made of a plan's decided claims, and of what each member paid; nothing is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from adjudication.models import Claim
from adjudication.rules.what_if import APPROVED, REJECTED
from adjudication.selectors.what_if import DecidedFilter, Difference, Readjudication, decided_claims, readjudicate
from allocation.models import AidLine, Period
from allocation.rules.cohorts import CohortKey, YearCharge
from allocation.rules.recharging import PastPeriod, recharge
from allocation.rules.shares import AidedClaim, Allocation, terms_of
from members.access import AnyUser
from members.errors.plans import PlanFileInvalid
from members.models import Plan, PlanDraft, PlanVersion
from members.rules.plans import PlanRules, parse_plan
from members.selectors.plan_drafts import drafts_visible_to
from members.selectors.plans import versions_of

VERSION, DRAFT = "version", "draft"


@dataclass(frozen=True)
class Against:
    """The rules to judge by: a published version or a draft of the plan. `key` names it in an address."""

    key: str
    rules: PlanRules
    version: PlanVersion | None = None
    draft: PlanDraft | None = None


@dataclass(frozen=True)
class PeriodEffect:
    """One period as it was charged, and as these rules would have charged it."""

    period: Period
    allocation: Allocation

    @property
    def change_minor(self) -> int:
        """How much more (or, below zero, less) each member would have paid, in minor units."""
        return self.allocation.per_head_minor - self.period.per_head_minor


@dataclass(frozen=True)
class WhatIf:
    """The whole answer. `matching` claims were found; the most recent of them were judged again."""

    plan: Plan
    against: Against
    matching: int
    readjudication: Readjudication
    periods: tuple[PeriodEffect, ...]
    waiting: tuple[Difference, ...]
    """Claims that would be approved and that no published period could have included."""

    @property
    def is_cut(self) -> bool:
        """Whether there are more claims than were judged again."""
        return self.matching > self.readjudication.looked_at


def rules_to_try(user: AnyUser, plan: Plan) -> list[Against]:
    """The rules that a plan's claims can be judged by: drafts open to the user, then versions, newest first."""
    found = []
    drafts = drafts_visible_to(user).filter(plan_code=plan.code)
    for draft in drafts.filter(status__in=[PlanDraft.Status.DRAFTING, PlanDraft.Status.PROPOSED]):
        try:
            rules = parse_plan(draft.source, draft.filename)
        except PlanFileInvalid:
            continue
        if (rules.currency, rules.currency_exponent) == (plan.currency, plan.currency_exponent):
            found.append(Against(f"{DRAFT}-{draft.pk}", rules, draft=draft))
    versions = versions_of(plan)
    return found + [Against(f"{VERSION}-{version.label}", version.rules, version=version) for version in versions]


def what_if(user: AnyUser, wanted: DecidedFilter, against: Against, notice_on: dt.date | None = None) -> WhatIf:
    """Judge the most recent of the wanted claims again, and charge again the periods that they change.

    `notice_on` narrows the claims to those that one period pays. Amounts in minor units.
    """
    matching = decided_claims(user, wanted)
    if notice_on is not None:
        lines = AidLine.objects.filter(period__plan=wanted.plan, period__notice_on=notice_on, left_because="")
        matching = matching.filter(pk__in=lines.values("claim_id"))
    found = readjudicate(_last(matching, wanted.last), against.rules)
    periods = _periods(wanted.plan)
    lines_of = _lines(found.outcomes)
    joining, waiting = _joining(periods, found)
    effects = _effects(periods, {*lines_of, *joining}, joining, found, against.rules)
    return WhatIf(wanted.plan, against, matching.count(), found, effects, waiting)


def _last(claims: QuerySet[Claim], number: int) -> QuerySet[Claim]:
    return claims[:number]


def _periods(plan: Plan) -> list[Period]:
    """The plan's published periods, oldest first."""
    return list(Period.objects.filter(plan=plan).prefetch_related("plan_version").order_by("notice_on"))


def _lines(outcomes: Mapping[int, Difference]) -> set[int]:
    """The periods that pay any of the claims judged again."""
    return set(AidLine.objects.filter(claim__in=outcomes, left_because="").values_list("period_id", flat=True))


def _joining(
    periods: Sequence[Period], found: Readjudication
) -> tuple[dict[int, list[Difference]], tuple[Difference, ...]]:
    """Claims that would be approved, by the first period noticed after their decision; and those without one."""
    joining: dict[int, list[Difference]] = {}
    waiting = []
    for one in found.otherwise:
        if one.decision.outcome != REJECTED or one.rejudged.outcome != APPROVED:
            continue
        taking = next((period for period in periods if period.noticed_at >= one.decision.decided_at), None)
        if taking is None:
            waiting.append(one)
        else:
            joining.setdefault(taking.pk, []).append(one)
    return joining, tuple(waiting)


def _effects(
    periods: Sequence[Period],
    touched: set[int],
    joining: Mapping[int, list[Difference]],
    found: Readjudication,
    rules: PlanRules,
) -> tuple[PeriodEffect, ...]:
    """The periods from the first to the last that changes, charged again one after the other."""
    places = [place for place, period in enumerate(periods) if period.pk in touched]
    if not places:
        return ()
    before, again = periods[: places[0]], periods[places[0] : places[-1] + 1]
    lines: dict[int, list[AidLine]] = {}
    for line in AidLine.objects.filter(period__in=again, left_because="").select_related("claim__plan").order_by("pk"):
        lines.setdefault(line.period_id, []).append(line)
    allocations = recharge(
        [
            PastPeriod(
                period.notice_on,
                tuple(_claims(lines.get(period.pk, []), joining.get(period.pk, []), found, rules)),
                tuple(_cohorts(period)),
                period.plan_version.rules.free_time,
            )
            for period in again
        ],
        [_charge(period) for period in before],
        terms_of(rules),
        again[0].surplus_in_minor,
    )
    return tuple(PeriodEffect(period, allocation) for period, allocation in zip(again, allocations, strict=True))


def _charge(period: Period) -> YearCharge:
    rules = period.plan_version.rules
    return YearCharge(period.notice_on, period.per_head_minor, rules.annual_cap_minor, rules.free_time)


def _claims(
    lines: Iterable[AidLine], joining: Iterable[Difference], found: Readjudication, rules: PlanRules
) -> Iterable[AidedClaim]:
    """A period's claims: those judged again with their new aid (or removed), the others unchanged, and those added."""
    for line in lines:
        judged = found.outcomes.get(line.claim_id)
        is_otherwise = judged is not None and judged.rejudged.is_otherwise
        aid_minor = judged.rejudged.amount_minor if judged is not None and is_otherwise else line.aid_minor
        if aid_minor is not None:
            yield AidedClaim(line.claim.ref, aid_minor, rules.fee_bp)
    for one in joining:
        yield AidedClaim(one.claim.ref, one.rejudged.amount_minor or 0, rules.fee_bp)


def _cohorts(period: Period) -> Iterable[tuple[CohortKey, int]]:
    """The members of a published period by cohort, as counted for its notice."""
    for row in period.notice_figures["cohorts"]:
        key = CohortKey(dt.date.fromisoformat(row["first_notice_on"]), row["is_gifted"], row["carried_minor"])
        yield key, row["members"]
