"""What changed from one run of the clauses to the next, clause by clause."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.rules.changes import ClauseChange, changes_between
from members.rules.eligibility import Facts, Trace, check_eligibility
from members.rules.plan_types import Text

from .plan_files import XHB_2018, XHB_2020
from .test_eligibility import GOOD, at, day

ILL = {"icd10": "C50.9", "first_diagnosed_on": day(120), "submitted_at": at(day(130))}
"""A tumour confirmed on day 30 after the wait."""


def trace(**facts: Any) -> Trace:
    return check_eligibility(replace(GOOD, **facts), XHB_2020)


def told(change: ClauseChange) -> tuple[str, str | None, str | None]:
    before, after = change.before, change.after
    return change.clause, before.result if before else None, after.result if after else None


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({}, {}, []),
        # The report: the health statement is found true, and a suspicion inside the wait is found.
        (
            ILL | {"is_health_statement_true": None},
            ILL | {"is_health_statement_true": True, "is_suspicion_investigated": True, "suspected_on": day(80)},
            [("suspected_tumour", "needs_finding", "not_met"), ("health_statement", "needs_finding", "met")],
        ),
        (
            ILL | {"is_health_statement_true": None},
            ILL | {"is_health_statement_true": False, "is_suspicion_investigated": True},
            [("suspected_tumour", "needs_finding", "met"), ("health_statement", "needs_finding", "not_met")],
        ),
        # The opinion.
        ({}, {"opinion": {"severity": False}}, [("severity", "met", "not_met")]),
        ({}, {"opinion": {"severity": True}}, [("severity", "met", "met")]),
        ({"opinion": {"severity": False}}, {"opinion": {"severity": False}}, []),
        # What happens elsewhere.
        ({}, {"is_aided_before": True}, [("aided_before", "met", "not_met")]),
        ({"has_open_claim": True}, {}, [("other_claim", "not_met", "met")]),
        ({}, {"left_at": at(day(199))}, [("membership", "met", "not_met")]),
        ({}, {"left_at": at(day(201))}, []),
        # Another day decides another amount under the same result.
        ({}, {"born_on": date(1975, 1, 1)}, [("age", "met", "met")]),
    ],
)
def test_what_a_fact_changes(
    before: dict[str, Any], after: dict[str, Any], changes: list[tuple[str, str, str]]
) -> None:
    assert [told(change) for change in changes_between(trace(**before), trace(**after))] == changes


def test_a_change_holds_both_sentences_and_its_title() -> None:
    (change,) = changes_between(trace(), trace(is_aided_before=True))
    assert change.before is not None
    assert change.after is not None
    assert change.before.sentence.en == "No aid has been paid on this membership."
    assert change.after.sentence.zh == "该成员资格已获得过互助金。"
    assert change.title.en == "No aid received before"
    assert change.is_result_changed


def test_other_grounds_for_the_same_result_are_told_apart() -> None:
    (change,) = changes_between(trace(), trace(opinion={"condition_covered": True}))
    assert not change.is_result_changed
    assert change.after is not None
    assert change.after.sentence.en.endswith("The professionals find the diagnosis proved.")


def test_a_clause_that_one_run_did_not_ask_is_a_change() -> None:
    whole = trace()
    without = Trace(whole.plan_code, whole.plan_version, whole.rules_digest, whole.findings[:-1])
    assert [told(change) for change in changes_between(without, whole)] == [("arrears", None, "met")]
    (gone,) = changes_between(whole, without)
    assert (told(gone), gone.is_result_changed) == (("arrears", "met", None), True)


def in_other_words(one: Trace) -> Trace:
    """The trace as a release with other sentences, and another way to write amounts, would have stored it."""
    findings = tuple(
        replace(
            finding,
            sentence=Text(f"In other words: {finding.sentence.en}", finding.sentence.zh),
            values={
                name: f"{value} or so" if name.startswith(("amount_en", "words_")) else value
                for name, value in finding.values.items()
            },
        )
        for finding in one.findings
    )
    return replace(one, findings=findings)


def test_what_a_release_says_in_other_words_is_no_change() -> None:
    whole = trace()
    assert changes_between(in_other_words(whole), whole) == ()
    (change,) = changes_between(in_other_words(whole), trace(is_aided_before=True))
    assert change.clause == "aided_before"
    (change,) = changes_between(in_other_words(whole), trace(born_on=date(1975, 1, 1)))
    assert change.clause == "age"


def test_two_versions_can_be_compared() -> None:
    early = check_eligibility(replace(GOOD, **(ILL | {"suspected_on": day(80)})), XHB_2018)
    late = check_eligibility(replace(GOOD, **(ILL | {"suspected_on": day(80)})), XHB_2020)
    assert ("suspected_tumour", "met", "not_met") in [told(change) for change in changes_between(early, late)]


FACTS = st.builds(
    replace,
    st.just(GOOD),
    first_diagnosed_on=st.none() | st.integers(1, 400).map(day),
    suspected_on=st.none() | st.integers(1, 400).map(day),
    is_suspicion_investigated=st.booleans(),
    is_health_statement_true=st.none() | st.booleans(),
    is_accident=st.booleans(),
    is_aided_before=st.booleans(),
    severity=st.sampled_from(["mild", "severe"]),
    icd10=st.sampled_from(["C50.9", "C73", "I63.9", "Z00"]),
    opinion=st.dictionaries(
        st.sampled_from(
            ["condition_covered", "severity", "suspected_tumour", "health_statement", "first_diagnosis", "accident"]
        ),
        st.booleans(),
    ),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FACTS, FACTS)
def test_changes_are_exactly_what_leads_from_one_to_the_other(one: Facts, other: Facts) -> None:
    old, new = check_eligibility(one, XHB_2020), check_eligibility(other, XHB_2020)
    changes = {change.clause: change for change in changes_between(old, new)}
    for before, after in zip(old.findings, new.findings, strict=True):
        is_same = (before.result, before.sentence) == (after.result, after.sentence)
        assert (before.clause in changes) is not is_same
    back = {change.clause: (change.after, change.before) for change in changes_between(new, old)}
    assert back == {clause: (change.before, change.after) for clause, change in changes.items()}
    assert changes_between(Trace.from_json(old.as_json()), old) == ()
