"""Decided claims, and what would be decided under another plan version or a draft; nothing is stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import OuterRef, QuerySet, Subquery

from adjudication.models import Claim, Decision
from adjudication.rules.outcomes import DecisionOutcome
from adjudication.rules.what_if import APPROVED, UNSURE, Decided, Rejudged, as_if_in_force, rejudge
from adjudication.selectors.claims import claims_visible_to
from adjudication.selectors.facts import facts_of_many
from members.access import AnyUser, is_auditor, is_reviewer
from members.models import Plan
from members.rules.dates import start_of_day
from members.rules.eligibility import NOT_MET
from members.rules.plans import PlanRules

MOST_CLAIMS = 500
"""How many claims are judged again within one page request."""
DECIDED = (Claim.Status.APPROVED, Claim.Status.PAID, Claim.Status.REJECTED)
_UNREAD = ("hospital", "account")
"""Encrypted columns that are not needed: decrypting them would be wasted."""


@dataclass(frozen=True)
class DecidedFilter:
    """Which decided claims: of one plan, decided on these days (both included), in this state; the last so many."""

    plan: Plan
    since: dt.date | None = None
    until: dt.date | None = None
    status: str = ""
    last: int = MOST_CLAIMS


@dataclass(frozen=True)
class Difference:
    """One claim with the decision in force, and what would have been decided."""

    claim: Claim
    decision: Decision
    rejudged: Rejudged

    @property
    def change_minor(self) -> int:
        """How much more (or, below zero, less) aid the claim would have got, in minor units."""
        return (self.rejudged.amount_minor or 0) - (self.decision.amount_minor or 0)


@dataclass(frozen=True)
class Readjudication:
    """A set of decided claims, judged again under other rules. Amounts in minor units."""

    looked_at: int
    otherwise: tuple[Difference, ...]
    unsure: tuple[Difference, ...]
    """Claims of which only an investigation could tell; they count as decided as they were."""
    approved_before: int
    approved_after: int
    aid_before_minor: int
    aid_after_minor: int
    outcomes: Mapping[int, Difference]
    """Every claim that was looked at, by its number in the table."""


def decided_claims(user: AnyUser, wanted: DecidedFilter) -> QuerySet[Claim]:
    """The decided claims of a plan that a reviewer or auditor may see, last decided first; not cut to `last`."""
    if not (is_reviewer(user) or is_auditor(user)):
        return Claim.objects.none()
    standing = Decision.objects.filter(claim=OuterRef("pk")).order_by("-sequence").values("decided_at")[:1]
    found = claims_visible_to(user).filter(plan=wanted.plan, status__in=DECIDED)
    found = found.annotate(decided_at=Subquery(standing)).filter(decided_at__isnull=False)
    zone = wanted.plan.timezone
    if wanted.since:
        found = found.filter(decided_at__gte=start_of_day(wanted.since, zone))
    if wanted.until:
        found = found.filter(decided_at__lt=start_of_day(wanted.until + dt.timedelta(days=1), zone))
    if wanted.status:
        found = found.filter(status=wanted.status)
    return found.order_by("-decided_at", "-pk")


def readjudicate(claims: QuerySet[Claim], rules: PlanRules) -> Readjudication:
    """Judge decided claims again under other rules, on the facts as stored; the same few queries for any number.

    What counts as decided differently is written in `adjudication.rules.what_if`.
    """
    found = list(claims.defer(*_UNREAD).prefetch_related("plan_version"))
    decisions = _standing_decisions(found)
    facts = facts_of_many(found)
    tried: dict[int, PlanRules] = {}
    outcomes = {}
    for claim in found:
        decision, own = decisions[claim.pk], claim.plan_version.rules
        other = tried.setdefault(claim.plan_version_id, as_if_in_force(rules, own))
        rejudged = rejudge(_decided(decision), facts[claim.pk], own, other)
        outcomes[claim.pk] = Difference(claim, decision, rejudged)
    judged = tuple(outcomes.values())
    return Readjudication(
        looked_at=len(judged),
        otherwise=tuple(one for one in judged if one.rejudged.is_otherwise),
        unsure=tuple(one for one in judged if one.rejudged.kind == UNSURE),
        approved_before=sum(one.decision.outcome == APPROVED for one in judged),
        approved_after=sum(one.rejudged.outcome == APPROVED for one in judged),
        aid_before_minor=sum(one.decision.amount_minor or 0 for one in judged),
        aid_after_minor=sum(one.rejudged.amount_minor or 0 for one in judged),
        outcomes=MappingProxyType(outcomes),
    )


def _standing_decisions(claims: Sequence[Claim]) -> dict[int, Decision]:
    """The last decision on each claim, with the check that it rests on."""
    found = Decision.objects.filter(claim__in=[claim.pk for claim in claims])
    return {decision.claim_id: decision for decision in found.select_related("eligibility_check").order_by("sequence")}


def _decided(decision: Decision) -> Decided:
    findings = decision.eligibility_check.trace["findings"]
    return Decided(
        outcome=DecisionOutcome(decision.outcome),
        amount_minor=decision.amount_minor,
        not_met=frozenset(one["clause"] for one in findings if one["result"] == NOT_MET),
        reasons=frozenset(decision.reason_codes),
    )
