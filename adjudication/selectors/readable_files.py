"""The masked file as somebody reads it: its codes turned into words of the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language

from adjudication.models.evidence import EvidenceKind
from adjudication.models.investigations import DutyKind
from members.codes import icd10
from members.rules.eligibility import CLAUSE_TITLES
from members.rules.plans import PlanRules, Text

Words = str | Promise


@dataclass(frozen=True)
class ReadableClause:
    """What one clause of the plan says of the claim. `sentence` is empty where it would tell who the claimant is."""

    title: str
    result: str
    sentence: str


@dataclass(frozen=True)
class ReadableDuty:
    """What an investigator's duty found, as written for the jury."""

    label: Words
    result: str
    summary: str


@dataclass(frozen=True)
class ReadablePaper:
    """A file of evidence whose names were removed."""

    pk: int
    kind: Words
    content_type: str
    size_bytes: int


@dataclass(frozen=True)
class ReadableAnswer:
    """What professionals said to one question in an earlier round."""

    question: str
    answer: str


@dataclass(frozen=True)
class ReadableOpinion:
    """An earlier second opinion, without names."""

    conclusion: str
    answers: tuple[ReadableAnswer, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ReadableFile:
    """The frozen file; nothing in it names the claimant. `aid_minor` is None where the rules give no aid."""

    ref: str
    plan_title: str
    plan_version: str
    icd10: str
    illness: str
    severity: str
    condition_title: str
    condition_text: str
    is_accident: bool
    age_years: int
    membership_days: int
    first_diagnosed_on: dt.date
    aid_minor: int | None
    currency: str
    exponent: int
    not_met: tuple[ReadableClause, ...]
    open_clauses: tuple[ReadableClause, ...]
    met: tuple[ReadableClause, ...]
    round: int
    recommendation: str
    reasons: tuple[str, ...]
    summary: str
    duties: tuple[ReadableDuty, ...]
    papers: tuple[ReadablePaper, ...]
    earlier_opinion: ReadableOpinion | None


def readable_file(case_file: Mapping[str, Any], rules: PlanRules) -> ReadableFile:
    """The file of a panel or a request, under the plan version that judges the claim, in the reader's language."""
    clauses = [_clause(entry) for entry in case_file["clauses"]]
    condition = case_file["condition"] or {}
    report = case_file["investigation"]
    earlier = case_file["earlier_opinion"]
    return ReadableFile(
        ref=case_file["claim"],
        plan_title=rules.title.in_language(get_language()),
        plan_version=case_file["plan_version"],
        icd10=case_file["illness"]["icd10"],
        illness=illness_title(case_file["illness"]["icd10"]),
        severity=case_file["illness"]["severity"],
        condition_title=_in_language(condition),
        condition_text=_in_language(condition.get("text")),
        is_accident=case_file["is_accident"],
        age_years=case_file["age_years"],
        membership_days=case_file["membership_days_at_diagnosis"],
        first_diagnosed_on=dt.date.fromisoformat(case_file["first_diagnosed_on"]),
        aid_minor=case_file["aid_minor"],
        currency=case_file["currency"],
        exponent=rules.currency_exponent,
        not_met=_with_result(clauses, {"not_met"}),
        open_clauses=_with_result(clauses, {"unknown", "needs_finding"}),
        met=_with_result(clauses, {"met"}),
        round=report["round"],
        recommendation=report["recommendation"],
        reasons=reason_texts(rules, report["reason_codes"]),
        summary=report["summary"],
        duties=tuple(
            ReadableDuty(DutyKind(duty["kind"]).label, duty["result"], duty["summary"]) for duty in report["duties"]
        ),
        papers=tuple(
            ReadablePaper(item["id"], EvidenceKind(item["kind"]).label, item["content_type"], item["size_bytes"])
            for item in case_file["evidence"]
        ),
        earlier_opinion=_opinion(earlier) if earlier else None,
    )


def illness_title(code: str) -> str:
    """What an ICD-10 code is called; the code itself where it is not in the list."""
    try:
        return icd10.title(code, get_language())
    except icd10.UnknownCode:
        return code


def reason_texts(rules: PlanRules, codes: Iterable[str]) -> tuple[str, ...]:
    """The plan's words for reason codes; a code that this version does not have stands for itself."""
    words = {reason.code: reason.text.in_language(get_language()) for reason in rules.reason_codes}
    return tuple(words.get(code, code) for code in codes)


def _clause(entry: Mapping[str, Any]) -> ReadableClause:
    title = CLAUSE_TITLES.get(entry["clause"], Text(entry["clause"], entry["clause"]))
    return ReadableClause(title.in_language(get_language()), entry["result"], _in_language(entry["sentence"]))


def _with_result(clauses: Iterable[ReadableClause], results: set[str]) -> tuple[ReadableClause, ...]:
    return tuple(clause for clause in clauses if clause.result in results)


def _opinion(found: Mapping[str, Any]) -> ReadableOpinion:
    answers = tuple(ReadableAnswer(_question(question), question["answer"]) for question in found["questions"])
    return ReadableOpinion(found["conclusion"], answers, tuple(found["reasons"]))


def _question(question: Mapping[str, Any]) -> str:
    return _in_language(question.get("text") or question) or str(question["code"])


def _in_language(both: Mapping[str, Any] | None) -> str:
    if not both:
        return ""
    return Text(both.get("en", ""), both.get("zh", "")).in_language(get_language())
