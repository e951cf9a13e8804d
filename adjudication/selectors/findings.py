"""The facts of a claim for reading: what is stated, what is found beside it, by whom, and what came late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language

from adjudication.models import Claim, DutyRecord, Evidence, Finding, Remark
from adjudication.rules.facts import CHOICES, DAYS, FACT_WORDS, VALUE_WORDS, Fact, FactName, Standing
from adjudication.selectors.facts import counting_facts
from adjudication.selectors.readable_files import value_in_words
from members.rules.plans import DiseaseQuestion, PlanRules, condition_for

FINDABLE = frozenset({"under_investigation", "investigated", "jury_review", "second_opinion"})
"""The states in which facts can be found."""
ANSWERABLE = frozenset({"submitted", *FINDABLE})
"""The states in which nothing is decided, so that the applicant can answer what was found."""


@dataclass(frozen=True)
class FindingRow:
    """One finding in words."""

    finding: Finding
    value: str
    where: str
    """The duty or the paper from which it is known; empty for an opinion."""

    @property
    def says(self) -> str:
        """What it says: the value, or that nothing is proven, or that it is withdrawn."""
        return self.value or str(self.finding.standing.label)


@dataclass(frozen=True)
class FactRow:
    """One fact: stated, what counts, and every finding, oldest first."""

    fact: Fact
    label: str | Promise
    stated: str
    counting: FindingRow | None
    findings: tuple[FindingRow, ...]
    question: DiseaseQuestion | None = None
    """Which diseases of the code there are, where the fact is which one it is."""

    @property
    def name(self) -> str:
        """The fact's name in addresses and in the API."""
        return self.fact.name.value

    @property
    def earlier(self) -> tuple[FindingRow, ...]:
        """The findings that do not count, or no longer."""
        return tuple(row for row in self.findings if row is not self.counting)

    @property
    def is_day(self) -> bool:
        """Whether the value is a day."""
        return self.fact.name in DAYS

    @property
    def choices(self) -> tuple[str, ...]:
        """The few values that it can have; empty for a code or a day."""
        if self.question is not None:
            return tuple(answer.code for answer in self.question.answers)
        return CHOICES.get(self.fact.name, ())

    def in_words(self, value: str) -> str | Promise:
        """One of the few values in words."""
        answer = self.question.answer(value) if self.question else None
        return answer.text.in_language(get_language()) if answer else VALUE_WORDS[value]

    @property
    def hint(self) -> str:
        """What is asked, where the plan has a question of its own."""
        return self.question.text.in_language(get_language()) if self.question else ""

    @property
    def is_asked(self) -> bool:
        """Whether the fact can be found of this claim: which disease it is only where the plan asks it."""
        return self.fact.name is not FactName.DISEASE or self.question is not None


def fact_rows(claim: Claim) -> tuple[FactRow, ...]:
    """Every fact of a claim, stated and found, in the order of the facts; the same few queries for any number.

    Which disease of its code it is stands there only where the plan asks it, or somebody has said it.
    """
    counting = counting_facts(claim)
    rules = claim.plan_version.rules
    condition = condition_for(rules, counting.icd10)
    question = condition.asks if condition else None
    rows: dict[str, list[FindingRow]] = {}
    for finding in _findings(claim):
        rows.setdefault(finding.fact, []).append(_row(finding, rules))
    return tuple(
        FactRow(
            fact=fact,
            label=FACT_WORDS[fact.name],
            stated=value_in_words(fact.name, fact.stated, rules),
            counting=next((row for row in rows.get(fact.name, ()) if row.finding.pk == fact.number), None),
            findings=tuple(rows.get(fact.name, ())),
            question=question if fact.name is FactName.DISEASE else None,
        )
        for fact in counting
        if fact.name is not FactName.DISEASE or question or fact.stated or fact.name in rows
    )


def facts_to_find(claim: Claim) -> list[tuple[str, str | Promise]]:
    """The facts that can be found of a claim, by name and words."""
    return [(row.name, row.label) for row in fact_rows(claim) if row.is_asked]


def late_findings(claim: Claim) -> list[Finding]:
    """What was found after the freeze of the last round and is neither withdrawn nor dismissed, oldest first."""
    last = claim.investigations.aggregate(last=Max("round"))["last"] or 0
    found = claim.findings.filter(is_late=True, investigation__round=last, replaced_by=None, dismissal=None)
    return list(found.exclude(standing=Standing.WITHDRAWN).order_by("pk"))


def late_rows(claim: Claim) -> tuple[FindingRow, ...]:
    """The same for a page."""
    waiting = {finding.pk for finding in late_findings(claim)}
    rules = claim.plan_version.rules
    return tuple(_row(finding, rules) for finding in _findings(claim) if finding.pk in waiting)


def facts_for_jury(claim: Claim) -> list[dict[str, Any]]:
    """The facts that something was found of, as the jury's file holds them: values, sources, no name."""
    rows = fact_rows(claim)
    return [
        {
            "fact": row.name,
            "stated": row.fact.stated,
            "value": row.fact.value,
            "standing": row.counting.finding.standing.value,
            "source": row.counting.finding.source.value,
            "confidence": row.counting.finding.confidence.value,
            "note": row.counting.finding.jury_note,
        }
        for row in rows
        if row.counting is not None
    ]


def remarks_on(claim: Claim) -> QuerySet[Remark]:
    """What the applicant said to the facts found, oldest first."""
    return claim.remarks.select_related("said_by").order_by("pk")


def places_to_learn(duties: Iterable[DutyRecord], papers: Iterable[Evidence]) -> list[tuple[str, str]]:
    """Where an investigator can have learned a fact: the duties, then the papers of the claim, as (key, label)."""
    found = [(f"duty:{duty.kind}", str(duty.get_kind_display())) for duty in duties]
    return found + [(f"paper:{paper.pk}", paper.title or str(paper.get_kind_display())) for paper in papers]


def _findings(claim: Claim) -> QuerySet[Finding]:
    return claim.findings.select_related("duty", "evidence", "investigation", "found_by", "dismissal").order_by("pk")


def _row(finding: Finding, rules: PlanRules) -> FindingRow:
    where = ""
    if finding.duty is not None:
        where = str(finding.duty.get_kind_display())
    elif finding.evidence is not None:
        where = finding.evidence.title or str(finding.evidence.get_kind_display())
    return FindingRow(finding, value_in_words(FactName(finding.fact), finding.value, rules), where)
