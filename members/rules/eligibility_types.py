"""What eligibility is judged on, and the trace of the judgement: facts, findings, trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_lazy as _

from members.rules.plan_types import Text
from pages.states import Shape, StateChoices


class Result(StateChoices):
    """What one clause says."""

    MET = "met", Shape.GOOD, _("Met")
    NOT_MET = "not_met", Shape.BAD, _("Not met")
    UNKNOWN = "unknown", Shape.WAITING, _("Not known yet")
    NEEDS_FINDING = "needs_finding", Shape.WAITING, _("For the investigation to find")


class Eligibility(StateChoices):
    """What all clauses say together."""

    ELIGIBLE = "eligible", Shape.GOOD, _("All clauses met")
    NOT_ELIGIBLE = "not_eligible", Shape.BAD, _("A clause is not met")
    UNDETERMINED = "undetermined", Shape.WAITING, _("Not known yet")


MET, NOT_MET, UNKNOWN, NEEDS_FINDING = Result
ELIGIBLE, NOT_ELIGIBLE, UNDETERMINED = Eligibility

CLAUSE_TITLES: Mapping[str, Text] = MappingProxyType(
    {
        "possible_dates": Text("The days are possible", "日期合理"),
        "plan_version": Text("Rules in force", "规则已生效"),
        "membership": Text("Member on the day", "确诊当日为成员"),
        "condition_covered": Text("Condition covered", "病种在互助范围内"),
        "severity": Text("Severity covered", "轻重程度在互助范围内"),
        "exclusion": Text("Not excluded", "不属除外病种"),
        "age": Text("Age at first diagnosis", "初次确诊年龄"),
        "waiting_period": Text("Waiting period over", "等待期已满"),
        "suspected_tumour": Text("Not suspected while waiting", "等待期内无疑似肿瘤"),
        "apply_by": Text("Applied in time", "在期限内申请"),
        "health_statement": Text("Health statement true", "健康告知属实"),
        "aided_before": Text("No aid received before", "未曾获得互助金"),
        "other_claim": Text("No other open claim", "无其他未结案申请"),
        "arrears": Text("Shares paid", "分摊已缴"),
    }
)


_OWN_WORDS = frozenset({"amount_en", "amount_zh", "words_en", "words_zh"})
"""Values that a later release may write in another way: an amount, a severity. Each stands beside its figure or code;
titles and questions are the plan's own words and never change."""


def clause_title(clause: str) -> Text:
    """A clause's name for people; of one that this release does not know, the code itself."""
    return CLAUSE_TITLES.get(clause, Text(clause, clause))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a claim when its eligibility is judged; None stands for what nobody knows yet."""

    born_on: date | None
    joined_at: datetime | None
    first_diagnosed_on: date | None
    submitted_at: datetime
    icd10: str
    """Empty where the diagnosis is not proven."""
    severity: str
    """Empty where it is not proven."""
    disease: str | None = None
    """Which of the diseases of its code it is, as the plan's question names them; None: nobody knows yet; empty: it is
    not proven."""
    left_at: datetime | None = None
    waiting_from: datetime | None = None
    """When the waiting period began, for somebody who came over from another plan without a new one."""
    is_accident: bool = False
    suspected_on: date | None = None
    """The day on which the tumour was first suspected by any means, or treated; None: no such day is known."""
    is_suspicion_investigated: bool = False
    """Whether an investigation has looked for such a day (then None means that there was none)."""
    health_answers: Mapping[str, bool] = field(default_factory=dict)
    is_health_statement_true: bool | None = None
    """What the investigation found; None before it."""
    is_ill_before_joining: bool | None = None
    """Whether the illness was found to have been there before joining; None: nobody found it."""
    is_identity_proved: bool | None = None
    """Whether the ill person was found to be the member; None before anyone looked."""
    in_arrears: bool = False
    is_aided_before: bool = False
    opinion: Mapping[str, bool] = field(default_factory=dict)
    """What professionals answered, by what their question bears on (`QUESTION_SUBJECTS`): confirmed or not. Nothing
    stands here where nobody was asked, or they could not say."""
    has_open_claim: bool = False
    """Whether the member has another claim that is not yet closed."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Which finding a fact comes from (`report:12`), for every fact that is not merely stated."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one clause says of the facts, with the values it was judged on, in words of both languages."""

    clause: str
    result: Result
    values: Mapping[str, str | int] = field(hash=False)
    sentence: Text

    @property
    def title(self) -> Text:
        """The clause's name for people."""
        return clause_title(self.clause)

    @property
    def grounds(self) -> Mapping[str, str | int]:
        """The values that tell one reason for the result from another: all but those in the service's own words."""
        return {name: value for name, value in self.values.items() if name not in _OWN_WORDS}


@dataclass(frozen=True, slots=True)
class Trace:
    """All findings of one judgement under one plan version, in the order of the clauses."""

    plan_code: str
    plan_version: str
    rules_digest: str
    findings: tuple[Finding, ...]
    sources: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Which finding each fact came from (`report:12`); a fact that is not here is the applicant's word."""

    @property
    def outcome(self) -> Eligibility:
        """`not_eligible` if a clause is not met; `eligible` if all are met; otherwise `undetermined`.

        A claim is undetermined until the investigation has found what only it can find (the health statement).
        """
        results = {finding.result for finding in self.findings}
        if NOT_MET in results:
            return NOT_ELIGIBLE
        return ELIGIBLE if results == {MET} else UNDETERMINED

    @property
    def deciding(self) -> Finding | None:
        """The first clause that is not met."""
        return next(iter(self.not_met), None)

    @property
    def not_met(self) -> tuple[Finding, ...]:
        """Every clause that is not met."""
        return tuple(finding for finding in self.findings if finding.result == NOT_MET)

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """Every clause that cannot be judged yet: a fact is missing, or the investigation must find it."""
        return tuple(finding for finding in self.findings if finding.result in {UNKNOWN, NEEDS_FINDING})

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """The plan's reason code of every clause that is not met; it has the clause's name."""
        return tuple(finding.clause for finding in self.not_met)

    @property
    def amount_minor(self) -> int | None:
        """The aid for age, illness and severity, whatever other clauses say; None where the rules give none."""
        for finding in self.findings:
            if finding.clause == "age" and "amount_minor" in finding.values:
                return int(finding.values["amount_minor"])
        return None

    def as_json(self) -> dict[str, Any]:
        """The trace in JSON's own types, for storing; `from_json` gives the same trace back."""
        return {
            "plan_code": self.plan_code,
            "plan_version": self.plan_version,
            "rules_digest": self.rules_digest,
            "sources": dict(self.sources),
            "findings": [
                {
                    "clause": finding.clause,
                    "result": finding.result.value,
                    "values": dict(finding.values),
                    "sentence": {"en": finding.sentence.en, "zh": finding.sentence.zh},
                }
                for finding in self.findings
            ],
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Trace:
        """The trace that `as_json` wrote, in this release or an earlier one. Raises ValueError for an unknown result.

        A clause that this release does not know keeps its finding, under its own name.
        """
        findings = tuple(_finding_from_json(entry) for entry in content["findings"])
        sources = MappingProxyType(dict(content.get("sources", {})))
        return cls(content["plan_code"], content["plan_version"], content["rules_digest"], findings, sources)


def _finding_from_json(entry: Mapping[str, Any]) -> Finding:
    if entry["result"] not in Result.values:
        raise ValueError(f"no such result of a clause: {entry['clause']!r}, {entry['result']!r}")
    sentence = Text(en=entry["sentence"]["en"], zh=entry["sentence"]["zh"])
    return Finding(entry["clause"], Result(entry["result"]), MappingProxyType(dict(entry["values"])), sentence)
