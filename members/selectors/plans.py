"""Plans and their versions: public to everybody."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from members.models import Plan, PlanVersion
from members.rules.dates import end_of_day


def plans() -> QuerySet[Plan]:
    """Every plan, by code."""
    return Plan.objects.order_by("code")


def plans_with_versions() -> QuerySet[Plan]:
    """Every plan with its versions at hand, oldest first."""
    return plans().prefetch_related(Prefetch("versions", PlanVersion.objects.order_by("starts_at")))


def versions_of(plan: Plan) -> QuerySet[PlanVersion]:
    """All published versions of a plan, newest start first."""
    return PlanVersion.objects.filter(plan=plan).select_related("plan").order_by("-starts_at")


def last_versions() -> QuerySet[PlanVersion]:
    """The version of each plan that starts last, by the plan's code."""
    latest = PlanVersion.objects.order_by("plan_id", "-starts_at").distinct("plan_id").values("pk")
    return PlanVersion.objects.filter(pk__in=latest).select_related("plan").order_by("plan__code")


def all_versions() -> QuerySet[PlanVersion]:
    """The published versions of every plan."""
    return PlanVersion.objects.select_related("plan")


def version_in_force(plan: Plan, at: dt.datetime) -> PlanVersion | None:
    """The last version that started at or before the moment; None before the first."""
    return versions_of(plan).filter(starts_at__lte=at).first()


def version_for_diagnosis(plan: Plan, first_diagnosed_on: dt.date) -> PlanVersion | None:
    """The version that judges an illness: the one in force when the day of first diagnosis ended."""
    return version_in_force(plan, end_of_day(first_diagnosed_on, plan.timezone))


def title_in(plan: Plan, language: str | None) -> str:
    """The plan's name in a language of the service."""
    return plan.title_zh if language is not None and language.lower().startswith("zh") else plan.title_en


@dataclass(frozen=True)
class PlanCard:
    """A plan as the list shows it: the version in force, or the first to come where none is."""

    plan: Plan
    version: PlanVersion
    is_in_force: bool
    version_count: int


def plan_cards(at: dt.datetime) -> list[PlanCard]:
    """Every plan that has a version."""
    cards = []
    for plan in plans_with_versions():
        versions = list(plan.versions.all())
        started = [version for version in versions if version.starts_at <= at]
        if versions:
            version = started[-1] if started else versions[0]
            cards.append(PlanCard(plan, version, bool(started), len(versions)))
    return cards
