"""The facts that a claim is decided by: what the applicant states, what is found, and which of it counts.

For each fact the highest source counts (the professionals' majority, then the investigator's report, then a record or
a paper, then what the applicant states), and of one source its latest finding. A finding that is withdrawn lets the
next source count; one that says *not proven* counts, and gives no value: what is not proven is never good for a clause.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pages.states import Shape, StateChoices


class FactName(StrEnum):
    """What can be stated or found of a claim."""

    ICD10 = "icd10"
    DISEASE = "disease"
    SEVERITY = "severity"
    FIRST_DIAGNOSED_ON = "first_diagnosed_on"
    SUSPECTED_ON = "suspected_on"
    CAUSE = "cause"
    ILL_BEFORE_JOINING = "ill_before_joining"
    STATEMENT_TRUE = "statement_true"
    IDENTITY_PROVED = "identity_proved"
    SYMPTOM_ON = "symptom_on"
    VISIT_ON = "visit_on"
    PATHOLOGY_ON = "pathology_on"
    TREATMENT_ON = "treatment_on"


FACT_WORDS: Mapping[str, Promise] = MappingProxyType(
    {
        FactName.ICD10: _("Diagnosis"),
        FactName.DISEASE: _("Which disease of the code"),
        FactName.SEVERITY: _("Severity"),
        FactName.FIRST_DIAGNOSED_ON: _("First diagnosis"),
        FactName.SUSPECTED_ON: _("First suspicion or treatment"),
        FactName.CAUSE: _("Cause"),
        FactName.ILL_BEFORE_JOINING: _("Ill before joining"),
        FactName.STATEMENT_TRUE: _("Health statement true"),
        FactName.IDENTITY_PROVED: _("Identity proved"),
        FactName.SYMPTOM_ON: _("First symptom"),
        FactName.VISIT_ON: _("First visit to a hospital"),
        FactName.PATHOLOGY_ON: _("Pathology"),
        FactName.TREATMENT_ON: _("First treatment"),
    }
)
STORY = (
    FactName.SYMPTOM_ON,
    FactName.VISIT_ON,
    FactName.SUSPECTED_ON,
    FactName.PATHOLOGY_ON,
    FactName.FIRST_DIAGNOSED_ON,
    FactName.TREATMENT_ON,
)
"""The days of an illness in the order in which they usually come; four of them no clause asks for."""
DAYS = frozenset(STORY)
ACCIDENT, ILLNESS = "accident", "illness"
YES, NO = "yes", "no"
MILD, SEVERE = "mild", "severe"
VALUE_WORDS: Mapping[str, Promise] = MappingProxyType(
    {
        MILD: pgettext_lazy("fact", "Mild"),
        SEVERE: pgettext_lazy("fact", "Severe"),
        ACCIDENT: _("An accident"),
        ILLNESS: _("No accident"),
        YES: _("Yes"),
        NO: _("No"),
    }
)
"""The values that are words; the others are an ICD-10 code or a day."""
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        FactName.SEVERITY: (MILD, SEVERE),
        FactName.CAUSE: (ILLNESS, ACCIDENT),
        FactName.ILL_BEFORE_JOINING: (YES, NO),
        FactName.STATEMENT_TRUE: (YES, NO),
        FactName.IDENTITY_PROVED: (YES, NO),
    }
)
"""The values that a fact can have, where they are a few words. Which disease a code stands for has values as well, but
they are the plan's own (`DiseaseQuestion`), and most codes have none."""


class Standing(StateChoices):
    """What a finding says of its fact."""

    FOUND = "found", Shape.GOOD, pgettext_lazy("fact", "Found")
    NOT_PROVEN = "not_proven", Shape.BAD, _("Not proven")
    WITHDRAWN = "withdrawn", Shape.CLOSED, _("Withdrawn")


DISMISSED, WITHDRAWN, REPLACED = "dismissed", "withdrawn", "replaced"
"""What can become of a finding after it was given to jurors."""


class Source(StateChoices):
    """Where a fact comes from."""

    OPINION = "opinion", Shape.GOOD, _("The professionals' majority")
    REPORT = "report", Shape.GOOD, _("The investigation")
    PAPER = "paper", Shape.ACTIVE, _("A paper")
    RECORD = "record", Shape.ACTIVE, _("A hospital record")
    STATED = "stated", Shape.WAITING, _("The applicant")


class Confidence(StateChoices):
    """How sure the person is who found it."""

    CERTAIN = "certain", Shape.GOOD, _("Certain")
    PROBABLE = "probable", Shape.ACTIVE, _("Probable")
    POSSIBLE = "possible", Shape.WAITING, _("Possible")


SUBJECTS: Mapping[str, FactName] = MappingProxyType(
    {
        "condition_covered": FactName.ICD10,
        "severity": FactName.SEVERITY,
        "suspected_tumour": FactName.SUSPECTED_ON,
        "health_statement": FactName.STATEMENT_TRUE,
        "first_diagnosis": FactName.FIRST_DIAGNOSED_ON,
        "accident": FactName.CAUSE,
    }
)
"""The fact that a medical question of the plan is about, by what its answer bears on."""
MEDICAL = (
    FactName.ICD10,
    FactName.DISEASE,
    FactName.SEVERITY,
    FactName.FIRST_DIAGNOSED_ON,
    FactName.SUSPECTED_ON,
    FactName.CAUSE,
    FactName.ILL_BEFORE_JOINING,
)
"""The facts that professionals are asked for."""

RANK: Mapping[str, int] = MappingProxyType(
    {Source.OPINION: 3, Source.REPORT: 2, Source.PAPER: 1, Source.RECORD: 1, Source.STATED: 0}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What the applicant states; days of the plan's calendar."""

    icd10: str
    severity: str
    first_diagnosed_on: dt.date
    suspected_on: dt.date | None
    is_accident: bool
    disease: str = ""
    """Which of the diseases of the code, as the plan's question names them; empty where it is not asked or known."""

    def value_of(self, name: str) -> str:
        """The stated value as a finding would write it; empty where the applicant says nothing of it."""
        values = {
            FactName.ICD10: self.icd10,
            FactName.DISEASE: self.disease,
            FactName.SEVERITY: self.severity,
            FactName.FIRST_DIAGNOSED_ON: self.first_diagnosed_on.isoformat(),
            FactName.SUSPECTED_ON: self.suspected_on.isoformat() if self.suspected_on else "",
            FactName.CAUSE: ACCIDENT if self.is_accident else ILLNESS,
        }
        return values.get(FactName(name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One finding; numbers rise in the order in which findings were made."""

    number: int
    fact: str
    standing: Standing
    value: str
    source: Source
    round: int
    """The investigation's round in which, or after whose report, it was made."""
    is_late: bool = False
    """Whether it came after the freeze of that round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What counts of one fact, beside what the applicant states of it."""

    name: FactName
    value: str
    """Empty where nothing is known, or it is not proven."""
    standing: Standing | None
    """None where nobody has said anything."""
    source: Source
    number: int | None
    """The finding that counts; None for what the applicant states."""
    stated: str

    @property
    def is_found(self) -> bool:
        """Whether a finding counts, and not the applicant's word."""
        return self.number is not None

    @property
    def is_other(self) -> bool:
        """Whether something else counts than what the applicant states."""
        return self.is_found and self.value != self.stated


@dataclass(frozen=True, slots=True)
class CountingFacts:
    """The facts that count for a claim, each with its source."""

    by_name: Mapping[str, Fact]

    def __getitem__(self, name: str) -> Fact:
        return self.by_name[name]

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.by_name.values())

    @property
    def icd10(self) -> str:
        """The ICD-10 code; empty where the diagnosis is not proven."""
        return self.by_name[FactName.ICD10].value

    @property
    def disease(self) -> str | None:
        """Which of the diseases of the code it is; None where nobody has said it, empty where it is not proven."""
        fact = self.by_name[FactName.DISEASE]
        return None if fact.standing is None else fact.value

    @property
    def severity(self) -> str:
        """Mild or severe; empty where it is not proven."""
        return self.by_name[FactName.SEVERITY].value

    @property
    def first_diagnosed_on(self) -> dt.date | None:
        """The day of first diagnosis; None where it is not proven."""
        return self._day(FactName.FIRST_DIAGNOSED_ON)

    @property
    def suspected_on(self) -> dt.date | None:
        """The day of first suspicion or treatment; None where none is known or proven."""
        return self._day(FactName.SUSPECTED_ON)

    @property
    def is_accident(self) -> bool:
        """Whether an accident was the cause; one that is not proven is none."""
        return self.by_name[FactName.CAUSE].value == ACCIDENT

    @property
    def is_ill_before_joining(self) -> bool | None:
        """Whether the illness was there before joining; None where nobody found it, or it is not proven."""
        return self._flag(FactName.ILL_BEFORE_JOINING)

    @property
    def is_statement_true(self) -> bool | None:
        """Whether the health statement was found true; None where nobody found it, or it is not proven."""
        return self._flag(FactName.STATEMENT_TRUE)

    @property
    def is_identity_proved(self) -> bool | None:
        """Whether the ill person was found to be the member; None before anyone looked, false where not proven."""
        fact = self.by_name[FactName.IDENTITY_PROVED]
        return None if fact.standing is None else fact.value == YES

    @property
    def sources(self) -> Mapping[str, str]:
        """Which finding counts, for every fact of which one does: `report:12`."""
        return MappingProxyType(
            {name: f"{fact.source.value}:{fact.number}" for name, fact in self.by_name.items() if fact.is_found}
        )

    def _day(self, name: FactName) -> dt.date | None:
        value = self.by_name[name].value
        return dt.date.fromisoformat(value) if value else None

    def _flag(self, name: FactName) -> bool | None:
        value = self.by_name[name].value
        return value == YES if value else None


def facts_of(stated: Stated, findings: Iterable[Found], round_: int) -> CountingFacts:
    """The facts that count in a round of investigation, with their sources.

    A finding that came after a round's freeze changes nothing in that round: it counts once a later round is opened.
    """
    in_order = sorted((one for one in findings if not (one.is_late and one.round >= round_)), key=_number)
    return CountingFacts(MappingProxyType({name.value: _fact(stated, in_order, name) for name in FactName}))


def _fact(stated: Stated, in_order: list[Found], name: FactName) -> Fact:
    """What counts of one fact: the highest source whose latest finding is not withdrawn."""
    latest = {one.source: one for one in in_order if one.fact == name}
    standing = [one for one in latest.values() if one.standing is not Standing.WITHDRAWN]
    said = stated.value_of(name)
    if not standing:
        return Fact(
            name=name,
            value=said,
            standing=Standing.FOUND if said else None,
            source=Source.STATED,
            number=None,
            stated=said,
        )
    # Record and paper are one rank: of the two the later one counts.
    best = max(standing, key=lambda one: (RANK[one.source], one.number))
    value = best.value if best.standing is Standing.FOUND else ""
    return Fact(name=name, value=value, standing=best.standing, source=best.source, number=best.number, stated=said)


def _number(one: Found) -> int:
    return one.number
