"""Plans and their versions: public to everybody."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Prefetch, QuerySet

from members.errors.plans import PlanFileInvalid, RulesUnknown
from members.models import Plan, PlanVersion
from members.rules.dates import end_of_day
from members.rules.plan_types import PlanRules, Text


def plans() -> QuerySet[Plan]:
    """Every plan, by code."""
    return Plan.objects.order_by("code")


def is_plan_known(code: str) -> bool:
    """Whether there is a plan with this code."""
    return Plan.objects.filter(code=code).exists()


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


def version_with(digest: str) -> PlanVersion:
    """The published version whose stored digest this is. Raises RulesUnknown.

    Whatever was stored under a digest finds its rules here: a later release may compute another digest from the same
    text, and the stored one stays.
    """
    version = all_versions().filter(digest=digest).first()
    if version is None:
        raise RulesUnknown(digest=digest)
    return version


@lru_cache(maxsize=64)
def rules_with(digest: str) -> PlanRules:
    """The rules of the published version with this digest. Raises RulesUnknown.

    A published version never changes, so that what was found once stays right for the life of the process.
    """
    return version_with(digest).rules


@dataclass(frozen=True)
class VersionRead:
    """A published version as this release reads its text."""

    version: PlanVersion
    text_digest: str
    """The digest that this release computes; empty where it cannot read the text."""
    problem: str


def versions_read_otherwise() -> list[VersionRead]:
    """The published versions whose text does not give the digest that was stored, or cannot be read any more."""
    # Only what is read: `migrate` asks before the tables have the columns of this release.
    asked = all_versions().only("label", "starts_at", "source", "digest", "plan__code")
    found = [_read(version) for version in asked.order_by("plan__code", "starts_at")]
    return [one for one in found if one.text_digest != one.version.digest]


def _read(version: PlanVersion) -> VersionRead:
    try:
        return VersionRead(version, version.rules.text_digest, "")
    except PlanFileInvalid as error:
        return VersionRead(version, "", str(error))


def version_in_force(plan: Plan, at: dt.datetime) -> PlanVersion | None:
    """The last version that started at or before the moment; None before the first."""
    return versions_of(plan).filter(starts_at__lte=at).first()


def version_for_diagnosis(plan: Plan, first_diagnosed_on: dt.date) -> PlanVersion | None:
    """The version that judges an illness: the one in force when the day of first diagnosis ended."""
    return version_in_force(plan, end_of_day(first_diagnosed_on, plan.timezone))


def title_in(plan: Plan, language: str | None) -> str:
    """The plan's name in a language of the service."""
    return title_of(plan).in_language(language)


def title_of(plan: Plan) -> Text:
    """The plan's name in both languages."""
    return Text(en=plan.title_en, zh=plan.title_zh)


def plan_title(code: str) -> Text | None:
    """The name of the plan with this code, in both languages; None where there is no such plan."""
    try:
        return _title_by_code(code)
    except Plan.DoesNotExist:
        return None


@lru_cache(maxsize=256)
def _title_by_code(code: str) -> Text:
    # Remembered, since a list of messages names a plan in every line; no act changes a plan's name.
    return title_of(Plan.objects.get(code=code))


@dataclass(frozen=True)
class PlanCard:
    """A plan as the list shows it: the version in force, or the first to come where none is."""

    plan: Plan
    version: PlanVersion
    is_in_force: bool
    version_count: int
    is_closed: bool = False
    """Whether the rules in force take no new members any more."""

    @property
    def is_joinable(self) -> bool:
        """Whether somebody could join now, whatever the plan asks of them."""
        return self.is_in_force and not self.is_closed


def plan_cards(at: dt.datetime) -> list[PlanCard]:
    """Every plan that has a version."""
    cards = []
    for plan in plans_with_versions():
        versions = list(plan.versions.all())
        started = [version for version in versions if version.starts_at <= at]
        if versions:
            version = started[-1] if started else versions[0]
            is_closed = bool(started) and version.rules.join.is_closed_at(at)
            cards.append(PlanCard(plan, version, bool(started), len(versions), is_closed))
    return cards
