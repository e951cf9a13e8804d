"""The masked file for reading: its codes as words in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import get_language

from adjudication.models.claims import Severity
from adjudication.models.evidence import EvidenceKind
from adjudication.models.investigations import DutyKind, DutyResult, Recommendation
from adjudication.rules.facts import DAYS, FACT_WORDS, VALUE_WORDS, Confidence, FactName, Source, Standing
from adjudication.selectors.accounts import account_in
from members.codes import icd10
from members.errors.codes import UnknownCode
from members.rules.eligibility import Result
from members.rules.eligibility_types import clause_title
from members.rules.plans import PlanRules, Text
from members.rules.verdicts import Opinion
from pages import words
from pages.states import StateChoices

Words = str | Promise


@dataclass(frozen=True)
class ReadableClause:
    """What one clause of the plan says about the claim. `sentence` is empty where it would identify the claimant."""

    title: str
    result: Result
    sentence: str


@dataclass(frozen=True)
class ReadableDuty:
    """What an investigator's duty found, as written for the jury."""

    label: Words
    result: DutyResult | str
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
    answer: Opinion


@dataclass(frozen=True)
class ReadableOpinion:
    """An earlier second opinion, without names."""

    conclusion: Opinion
    answers: tuple[ReadableAnswer, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ReadableFate:
    """What became of a finding after jurors had been given it, and when."""

    kind: str
    """`dismissed`, `withdrawn`, `replaced`, or a word of another release."""
    on: dt.date
    says: Words = ""
    """What took its place, where something did."""


@dataclass(frozen=True)
class ReadableFact:
    """One fact as the jury reads it: stated, found, by whom, and how sure."""

    label: Words
    stated: str
    found: str
    standing: Standing | str
    source: Source | str
    confidence: Confidence | str
    note: str
    since: tuple[ReadableFate, ...] = ()
    """Only of what jurors of an earlier round were given."""


@dataclass(frozen=True)
class EarlierAddendum:
    """What the jurors of an earlier round were given while they voted."""

    round: int
    text: str
    facts: tuple[ReadableFact, ...]
    papers: tuple[ReadablePaper, ...] = ()


@dataclass(frozen=True)
class ReadableFile:
    """The frozen file; nothing in it names the claimant. `aid_minor` is None where the rules give no aid; what is not
    proven is None or empty.
    """

    ref: str
    plan_title: str
    plan_version: str
    icd10: str
    illness: str
    severity: Severity | None
    condition_title: str
    condition_text: str
    is_accident: bool
    age_years: int | None
    membership_days: int | None
    first_diagnosed_on: dt.date | None
    aid_minor: int | None
    currency: str
    exponent: int
    not_met: tuple[ReadableClause, ...]
    open_clauses: tuple[ReadableClause, ...]
    met: tuple[ReadableClause, ...]
    round: int
    recommendation: Recommendation
    reasons: tuple[str, ...]
    summary: str
    duties: tuple[ReadableDuty, ...]
    papers: tuple[ReadablePaper, ...]
    earlier_opinion: ReadableOpinion | None
    binding: tuple[str, ...] = ()
    """The clauses that a vote cannot change, by their titles."""
    facts: tuple[ReadableFact, ...] = ()
    """Empty in a file of a release that knew no findings."""
    account: str = ""
    """The applicant's own account without names; empty where they wrote none for the jury."""
    addenda: tuple[EarlierAddendum, ...] = ()


def readable_file(case_file: Mapping[str, Any], rules: PlanRules) -> ReadableFile:
    """The file of a panel or a request, under the plan version that applies to the claim, in the reader's language."""
    clauses = [_clause(entry) for entry in case_file["clauses"]]
    condition = case_file["condition"] or {}
    report = case_file["investigation"]
    earlier = case_file["earlier_opinion"]
    severity, diagnosed_on = case_file["illness"]["severity"], case_file["first_diagnosed_on"]
    return ReadableFile(
        ref=case_file["claim"],
        plan_title=rules.title.in_language(get_language()),
        plan_version=case_file["plan_version"],
        icd10=case_file["illness"]["icd10"],
        illness=illness_title(case_file["illness"]["icd10"]),
        severity=Severity(severity) if severity else None,
        condition_title=_in_language(condition),
        condition_text=_in_language(condition.get("text")),
        is_accident=case_file["is_accident"],
        age_years=case_file["age_years"],
        membership_days=case_file["membership_days_at_diagnosis"],
        first_diagnosed_on=dt.date.fromisoformat(diagnosed_on) if diagnosed_on else None,
        aid_minor=case_file["aid_minor"],
        currency=case_file["currency"],
        exponent=rules.currency_exponent,
        not_met=_with_result(clauses, {Result.NOT_MET}),
        open_clauses=_with_result(clauses, {Result.UNKNOWN, Result.NEEDS_FINDING}),
        met=_with_result(clauses, {Result.MET}),
        round=report["round"],
        recommendation=Recommendation(report["recommendation"]),
        reasons=reason_texts(rules, report["reason_codes"]),
        summary=report["summary"],
        duties=tuple(
            ReadableDuty(_label(DutyKind, duty["kind"]), _duty_result(duty["result"]), duty["summary"])
            for duty in report["duties"]
        ),
        papers=_papers(case_file["evidence"]),
        earlier_opinion=_opinion(earlier) if earlier else None,
        binding=tuple(clause_title(one).in_language(get_language()) for one in case_file.get("binding", [])),
        facts=tuple(readable_fact(entry, rules) for entry in case_file.get("facts", [])),
        account=account_in(case_file),
        addenda=tuple(_earlier_addendum(one, rules) for one in case_file.get("addenda", [])),
    )


def papers_in(content: Mapping[str, Any]) -> tuple[ReadablePaper, ...]:
    """The papers of an addendum's content; none in one of a release that gave jurors no papers."""
    return _papers(content.get("papers", []))


def readable_fact(entry: Mapping[str, Any], rules: PlanRules) -> ReadableFact:
    """A fact of a file or an addendum in words; a word of another release is shown unchanged."""

    def member(states: type[StateChoices], name: str) -> Any:
        return states(entry[name]) if entry[name] in states.values else entry[name]

    return ReadableFact(
        label=FACT_WORDS.get(entry["fact"], entry["fact"]),
        stated=value_in_words(entry["fact"], entry["stated"], rules),
        found=value_in_words(entry["fact"], entry["value"], rules),
        standing=member(Standing, "standing"),
        source=member(Source, "source"),
        confidence=member(Confidence, "confidence"),
        note=entry["note"],
        since=tuple(_fate(entry["fact"], one, rules) for one in entry.get("since", [])),
    )


def _fate(fact: str, stored: Mapping[str, Any], rules: PlanRules) -> ReadableFate:
    standing = stored.get("standing", "")
    without_value = Standing(standing).label if standing in Standing.values else standing
    instead = value_in_words(fact, stored.get("value", ""), rules) or without_value
    return ReadableFate(stored["kind"], dt.date.fromisoformat(stored["on"]), instead)


def value_in_words(fact: str, value: str, rules: PlanRules | None) -> str:
    """A fact's value as people read it: a code with its title, a day, a word; empty where there is none.

    `rules` are those of the claim, whose words a disease is in.
    """
    if not value:
        return ""
    if fact == FactName.ICD10:
        title = illness_title(value)
        return value if title == value else f"{value} – {title}"
    if fact == FactName.DISEASE:
        return _disease_in_words(value, rules)
    if fact in DAYS:
        return words.day(dt.date.fromisoformat(value))
    return str(VALUE_WORDS.get(value, value))


def _disease_in_words(value: str, rules: PlanRules | None) -> str:
    """A disease in the words of the plan; the code itself where these rules do not have it."""
    named = [answer for one in (rules.covered if rules else ()) if one.asks and (answer := one.asks.answer(value))]
    return named[0].text.in_language(get_language()) if named else value


def illness_title(code: str) -> str:
    """What an ICD-10 code is called; the code itself where it is not in the list."""
    try:
        return icd10.title(code, get_language())
    except UnknownCode:
        return code


def reason_texts(rules: PlanRules, codes: Iterable[str]) -> tuple[str, ...]:
    """The plan's words for reason codes; a code that this version does not have is shown unchanged."""
    words = {reason.code: reason.text.in_language(get_language()) for reason in rules.reason_codes}
    return tuple(words.get(code, code) for code in codes)


def _papers(listed: Iterable[Mapping[str, Any]]) -> tuple[ReadablePaper, ...]:
    return tuple(
        ReadablePaper(item["id"], _label(EvidenceKind, item["kind"]), item["content_type"], item["size_bytes"])
        for item in listed
    )


def _earlier_addendum(stored: Mapping[str, Any], rules: PlanRules) -> EarlierAddendum:
    facts = tuple(readable_fact(entry, rules) for entry in stored["facts"])
    return EarlierAddendum(stored["round"], stored["text"], facts, papers_in(stored))


def _clause(entry: Mapping[str, Any]) -> ReadableClause:
    title = clause_title(entry["clause"]).in_language(get_language())
    return ReadableClause(title, Result(entry["result"]), _in_language(entry["sentence"]))


def _label(kinds: type[TextChoices], value: str) -> Words:
    """The label of a kind; a code of another release is shown unchanged: the file is frozen, and the panel goes on."""
    return kinds(value).label if value in kinds.values else value


def _duty_result(value: str) -> DutyResult | str:
    return DutyResult(value) if value else ""


def _with_result(clauses: Iterable[ReadableClause], results: set[Result]) -> tuple[ReadableClause, ...]:
    return tuple(clause for clause in clauses if clause.result in results)


def _opinion(found: Mapping[str, Any]) -> ReadableOpinion:
    answers = tuple(ReadableAnswer(_question(question), Opinion(question["answer"])) for question in found["questions"])
    return ReadableOpinion(Opinion(found["conclusion"]), answers, tuple(found["reasons"]))


def _question(question: Mapping[str, Any]) -> str:
    return _in_language(question.get("text") or question) or str(question["code"])


def _in_language(both: Mapping[str, Any] | None) -> str:
    if not both:
        return ""
    return Text(both.get("en", ""), both.get("zh", "")).in_language(get_language())
