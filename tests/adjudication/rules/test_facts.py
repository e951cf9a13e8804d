"""Which of a claim's facts counts: the highest source, the latest within one, nothing that came after the freeze."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest

from adjudication.rules.facts import CountingFacts, FactName, Found, Source, Standing, Stated, facts_of

DAY = dt.date(2026, 1, 30)
STATED = Stated(icd10="C50.9", severity="severe", first_diagnosed_on=DAY, suspected_on=None, is_accident=True)
_number = itertools.count(1)


def found(fact: str, value: str = "", source: Source = Source.REPORT, **changed: Any) -> Found:
    standing = Standing.FOUND if value else Standing.NOT_PROVEN
    facts: dict[str, Any] = {
        "number": next(_number), "fact": fact, "standing": standing, "value": value, "source": source, "round": 1,
    }  # fmt: skip
    return Found(**(facts | changed))


def counting(*findings: Found, round_: int = 1) -> CountingFacts:
    return facts_of(STATED, findings, round_)


def test_what_the_applicant_states_counts_while_nothing_is_found() -> None:
    facts = counting()
    assert (facts.icd10, facts.severity, facts.first_diagnosed_on, facts.suspected_on) == ("C50.9", "severe", DAY, None)
    assert facts.is_accident
    assert {fact.source for fact in facts} == {Source.STATED}
    assert facts.sources == {}
    assert (facts.is_statement_true, facts.is_ill_before_joining, facts.is_identity_proved) == (None, None, None)


def test_a_finding_counts_before_what_is_stated_and_says_its_source() -> None:
    one = found("severity", "mild")
    facts = counting(one)
    assert facts.severity == "mild"
    assert facts.sources == {"severity": f"report:{one.number}"}
    assert (facts["severity"].stated, facts["severity"].is_other) == ("severe", True)
    assert not facts["icd10"].is_found


@pytest.mark.parametrize(
    ("higher", "lower"),
    [(Source.OPINION, Source.REPORT), (Source.REPORT, Source.PAPER), (Source.REPORT, Source.RECORD)],
)
def test_the_higher_source_counts_also_where_the_lower_one_is_later(higher: Source, lower: Source) -> None:
    first = found("severity", "mild", higher)
    assert counting(first, found("severity", "severe", lower)).severity == "mild"
    assert counting(found("severity", "severe", lower), first).severity == "mild"


def test_of_one_source_the_latest_counts_whatever_the_order_in_which_they_are_read() -> None:
    first, second = found("severity", "mild"), found("severity", "severe")
    assert counting(second, first).severity == "severe"


def test_of_record_and_paper_the_later_one_counts() -> None:
    paper, record = found("icd10", "D05.1", Source.PAPER), found("icd10", "C50.9", Source.RECORD)
    assert counting(paper, record).icd10 == "C50.9"


def test_a_withdrawn_finding_lets_the_next_source_count() -> None:
    paper, report = found("severity", "mild", Source.PAPER), found("severity", "severe")
    gone = found("severity", standing=Standing.WITHDRAWN)
    assert counting(paper, report, gone).severity == "mild"
    assert counting(report, gone).severity == "severe"
    assert counting(report, gone)["severity"].source is Source.STATED


def test_a_finding_after_a_withdrawal_counts_again() -> None:
    facts = counting(
        found("severity", "mild"), found("severity", standing=Standing.WITHDRAWN), found("severity", "mild")
    )
    assert facts.severity == "mild"


def test_what_is_not_proven_counts_and_gives_no_value() -> None:
    facts = counting(*[found(name) for name in FactName])
    assert (facts.icd10, facts.severity, facts.first_diagnosed_on, facts.suspected_on) == ("", "", None, None)
    assert not facts.is_accident
    assert (facts.is_statement_true, facts.is_ill_before_joining, facts.is_identity_proved) == (None, None, False)
    assert len(facts.sources) == len(FactName)


@pytest.mark.parametrize(("value", "flag"), [("yes", True), ("no", False)])
def test_a_yes_and_a_no_are_read(value: str, flag: bool) -> None:
    facts = counting(*[found(name, value) for name in ("ill_before_joining", "statement_true", "identity_proved")])
    assert (facts.is_ill_before_joining, facts.is_statement_true, facts.is_identity_proved) == (flag, flag, flag)


def test_days_and_the_cause_are_read() -> None:
    facts = counting(
        found("first_diagnosed_on", "2026-01-10"), found("suspected_on", "2025-12-24"), found("cause", "illness")
    )
    assert facts.first_diagnosed_on == dt.date(2026, 1, 10)
    assert facts.suspected_on == dt.date(2025, 12, 24)
    assert not facts.is_accident


def test_what_came_after_the_freeze_counts_only_in_a_later_round() -> None:
    late = found("severity", "mild", round=1, is_late=True)
    assert counting(late, round_=1).severity == "severe"
    assert counting(late, round_=2).severity == "mild"


def test_a_finding_that_is_not_late_counts_in_its_own_round_and_later() -> None:
    one = found("severity", "mild", round=2)
    assert counting(one, round_=2).severity == "mild"
    assert counting(one, round_=3).severity == "mild"
