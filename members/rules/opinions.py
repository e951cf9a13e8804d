"""What a closed second opinion adds to the clauses: it can refute one or settle an open one, but never repair one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from members.rules.eligibility_types import MET, NEEDS_FINDING, NOT_MET, Facts, Finding, Result
from members.rules.plan_types import PlanRules, Text
from members.rules.verdicts import Opinion

ACCIDENT = "accident"
FIRST_DIAGNOSIS = "first_diagnosis"

_CONFIRMED: Mapping[str, Text] = MappingProxyType(
    {
        "condition_covered": Text("The professionals find the diagnosis proved.", "专业陪审员认为诊断已获证实。"),
        "severity": Text(
            "The professionals find that the plan's definition is met in this severity.",
            "专业陪审员认为符合本计划对该轻重程度的定义。",
        ),
        "suspected_tumour": Text(
            "The professionals find that it was not suspected before.", "专业陪审员认为此前未曾疑似。"
        ),
        "health_statement": Text("The professionals find it true.", "专业陪审员认为属实。"),
        "waiting_period": Text("The professionals find this day right.", "专业陪审员认为该日期属实。"),
    }
)
_REFUTED: Mapping[str, Text] = MappingProxyType(
    {
        "condition_covered": Text(
            "The professionals do not find the diagnosis proved.", "专业陪审员认为诊断未获证实。"
        ),
        "severity": Text(
            "The professionals do not find that the plan's definition is met in this severity.",
            "专业陪审员认为不符合本计划对该轻重程度的定义。",
        ),
        "suspected_tumour": Text(
            "The professionals find that it was suspected before.", "专业陪审员认为此前已有疑似。"
        ),
        "health_statement": Text("The professionals do not find it true.", "专业陪审员认为不属实。"),
    }
)
_EARLIER_SIGNS = Text(
    "The professionals find signs of the illness before that day: whether they lie inside the waiting period must be "
    "found out.",
    "专业陪审员认为该日之前已有征象：是否在等待期内须予查明。",
)


def with_opinion(facts: Facts) -> Facts:
    """The facts with what professionals said of the cause: an accident or not is a fact and no clause."""
    answer = facts.opinion.get(ACCIDENT)
    if answer is None or answer == facts.is_accident:
        return facts
    return replace(facts, is_accident=answer)


def after_opinion(finding: Finding, opinion: Mapping[str, bool], rules: PlanRules) -> Finding:
    """A clause's finding, once professionals have answered; `opinion` is `Facts.opinion`.

    What the days or the papers say against a clause stays: a doctor's yes does not shorten a waiting period.
    """
    clause = finding.clause
    if finding.result not in {MET, NEEDS_FINDING} or not _asks(finding, rules):
        return finding
    if opinion.get(FIRST_DIAGNOSIS) is False and clause in {"waiting_period", "suspected_tumour"}:
        return _added(finding, NEEDS_FINDING, _EARLIER_SIGNS, is_confirmed=False)
    answer = opinion.get(FIRST_DIAGNOSIS if clause == "waiting_period" else clause)
    if answer is None or clause not in _CONFIRMED:
        return finding
    if answer:
        return _added(finding, MET, _CONFIRMED[clause], is_confirmed=True)
    return _added(finding, NOT_MET, _REFUTED[clause], is_confirmed=False)


def _asks(finding: Finding, rules: PlanRules) -> bool:
    """Whether the clause rests on what a doctor can tell: not where it does not apply, or an accident lifts it."""
    values = finding.values
    if finding.clause == "waiting_period":
        return "last_day" in values
    if finding.clause == "suspected_tumour":
        return "wait_ends" in values and 1 <= int(values["number"]) <= int(values["days"])
    if finding.clause == "health_statement":
        return bool(rules.join.health_questions)
    return True


def _added(finding: Finding, result: Result, text: Text, *, is_confirmed: bool) -> Finding:
    """The finding with the professionals' answer behind its own sentence."""
    sentence = Text(en=f"{finding.sentence.en} {text.en}", zh=f"{finding.sentence.zh}{text.zh}")
    values = dict(finding.values) | {"opinion": (Opinion.CONFIRMED if is_confirmed else Opinion.NOT_CONFIRMED).value}
    return Finding(finding.clause, result, MappingProxyType(values), sentence)
