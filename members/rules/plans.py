"""Plan versions: their data, reading them from a file, and the questions that everybody asks of them."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from members.errors.plans import NotANoticeDay
from members.rules.dates import end_of_day, local_day
from members.rules.icd10_ranges import contains, precision
from members.rules.plan_members import FreeTime, PastAgeRules
from members.rules.plan_toml import code_in, parse_plan
from members.rules.plan_types import (
    CLAUSES,
    DECISION_OUTCOMES,
    OPINIONS,
    SEVERITIES,
    TABLE_OUTCOMES,
    TRIGGERS,
    VERDICTS,
    AidBand,
    Calendar,
    ClaimRules,
    Condition,
    CoveredCondition,
    Disease,
    DiseaseQuestion,
    DissolutionRules,
    HealthQuestion,
    JoinRules,
    JuryRules,
    OpinionRules,
    PlanRules,
    Question,
    ReasonCode,
    SponsorRules,
    Text,
    WayIn,
)

__all__ = [
    "CLAUSES",
    "DECISION_OUTCOMES",
    "OPINIONS",
    "SEVERITIES",
    "TABLE_OUTCOMES",
    "TRIGGERS",
    "VERDICTS",
    "AidBand",
    "Calendar",
    "ClaimRules",
    "Condition",
    "Cover",
    "CoveredCondition",
    "Disease",
    "DiseaseQuestion",
    "DissolutionRules",
    "FreeTime",
    "HealthQuestion",
    "JoinRules",
    "JuryRules",
    "OpinionRules",
    "PastAgeRules",
    "PlanRules",
    "Question",
    "ReasonCode",
    "SponsorRules",
    "Text",
    "WayIn",
    "aid_for",
    "band_for",
    "charge_on_for",
    "code_in",
    "condition_for",
    "cover_of",
    "exclusion_for",
    "first_notice_after",
    "is_disease_covered",
    "next_notice_on",
    "parse_plan",
    "read_plan_folder",
    "version_for_diagnosis",
    "version_in_force",
]


def read_plan_folder(folder: Path) -> tuple[PlanRules, ...]:
    """Every plan file of a folder, by plan and start."""
    versions = [parse_plan(path.read_text(encoding="utf-8"), path.name) for path in sorted(folder.glob("*.toml"))]
    return tuple(sorted(versions, key=lambda rules: (rules.code, rules.starts_at)))


def version_in_force(versions: Sequence[PlanRules], at: datetime) -> PlanRules | None:
    """The last of one plan's versions that started at or before the moment; None before the first."""
    if len({rules.code for rules in versions}) > 1:
        raise ValueError("versions of more than one plan")
    started = [rules for rules in versions if rules.starts_at <= at]
    return max(started, key=lambda rules: rules.starts_at, default=None)


def version_for_diagnosis(versions: Sequence[PlanRules], first_diagnosed_on: date) -> PlanRules | None:
    """The version that judges an illness: the one in force when the day of first diagnosis ended.

    A diagnosis is known by its day only, so a version that starts during a day (at noon) governs all of that day.
    """
    if not versions:
        return None
    return version_in_force(versions, end_of_day(first_diagnosed_on, versions[0].timezone))


def condition_for(rules: PlanRules, icd10: str) -> CoveredCondition | None:
    """The covered condition whose ranges hold this ICD-10 code; of two, the one that names it more precisely."""
    found = [
        (precision(part), condition) for condition in rules.covered for part in condition.icd10 if contains(part, icd10)
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def exclusion_for(rules: PlanRules, icd10: str, severity: str) -> Condition | None:
    """The exclusion that takes this ICD-10 code in this severity out of the cover."""
    for condition in rules.excluded:
        if severity in condition.severities and any(contains(part, icd10) for part in condition.icd10):
            return condition
    return None


class ExcludedForm(NamedTuple):
    """A form of an illness, and the exclusion that removes it from the cover."""

    severity: str
    exclusion: Condition


@dataclass(frozen=True)
class Cover:
    """What a plan says of an illness: by which condition it is covered, in which forms, and what excludes a form."""

    condition: CoveredCondition | None
    severities: tuple[str, ...]
    excluded: tuple[ExcludedForm, ...]

    @property
    def depends_on(self) -> DiseaseQuestion | None:
        """The question on which it depends whether the illness is covered: its code stands for several diseases."""
        return self.condition.asks if self.condition and self.severities else None


def cover_of(rules: PlanRules, icd10: str) -> Cover:
    """The clauses `condition_covered`, `severity` and `exclusion` for an ICD-10 code, without a claim."""
    condition = condition_for(rules, icd10)
    excluded_forms = tuple(
        ExcludedForm(severity, exclusion)
        for severity in SEVERITIES
        if (exclusion := exclusion_for(rules, icd10, severity)) is not None
    )
    excluded_severities = {one.severity for one in excluded_forms}
    severities = tuple(one for one in (condition.severities if condition else ()) if one not in excluded_severities)
    return Cover(condition, severities, excluded_forms)


def band_for(rules: PlanRules, age_years: int, severity: str) -> AidBand | None:
    """The band of an age at first diagnosis (completed years) and a severity, whatever the illness."""
    for band in rules.aid:
        if band.severity == severity and band.age_from <= age_years <= band.age_to:
            return band
    return None


def is_disease_covered(condition: CoveredCondition, disease: str | None) -> bool:
    """Whether a condition covers the disease: by the code alone, or only once it is known which one it is, and it is
    one of those covered. `disease` is the answer's code; None or empty where it is not known or not proven.
    """
    if condition.asks is None:
        return True
    answer = condition.asks.answer(disease)
    return answer is not None and answer.is_covered


def aid_for(
    rules: PlanRules, *, icd10: str, severity: str, age_years: int | None, disease: str | None = None
) -> AidBand | None:
    """The aid for an illness in a severity at an age at first diagnosis (completed years); None where there is none.

    None as well where the plan does not cover the illness, or not in this severity: a form that the condition does not
    have is worth nothing. An age, a severity or a code that is not known has no aid, and neither has a code of several
    diseases of which nobody knows yet which one it is.
    """
    condition = condition_for(rules, icd10)
    if condition is None or severity not in condition.severities or age_years is None:
        return None
    if not is_disease_covered(condition, disease):
        return None
    return band_for(rules, age_years, severity)


def next_notice_on(rules: PlanRules, after: date) -> date:
    """The first notice day that lies after the given day."""
    # `>`: somebody who joins on a notice day, even at 00:00, is not counted by it but by the next one.
    later = [day for day in sorted(rules.calendar.notice_days) if day > after.day]
    if later:
        return after.replace(day=later[0])
    return _next_month(after, min(rules.calendar.notice_days))


def charge_on_for(rules: PlanRules, notice_on: date) -> date:
    """The charge day of a notice: its partner in the calendar, in the same month or else the next one.

    Raises NotANoticeDay.
    """
    if notice_on.day not in rules.calendar.notice_days:
        raise NotANoticeDay(on=notice_on, plan=rules.code, days=rules.calendar.notice_days)
    charge_day = rules.calendar.charge_days[rules.calendar.notice_days.index(notice_on.day)]
    if charge_day > notice_on.day:
        return notice_on.replace(day=charge_day)
    return _next_month(notice_on, charge_day)


def first_notice_after(rules: PlanRules, joined_at: datetime) -> date:
    """The first notice that counts a member: counted are those who joined before 00:00 of the notice day."""
    return next_notice_on(rules, local_day(joined_at, rules.timezone))


def _next_month(on: date, day: int) -> date:
    """The given day (at most 28) of the month after `on`."""
    days_left = calendar.monthrange(on.year, on.month)[1] - on.day
    return date.fromordinal(on.toordinal() + days_left + day)
