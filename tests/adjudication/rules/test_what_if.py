"""What a decided claim would come to under other rules: table of cases, and what holds for all."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adjudication.rules.what_if import (
    OTHER_AMOUNT,
    SAME,
    UNSURE,
    WOULD_APPROVE,
    WOULD_REJECT,
    Decided,
    Rejudged,
    aid_in,
    rejudge,
)
from members.rules.eligibility import Facts, check_eligibility
from members.rules.plans import PlanRules
from tests.members.rules.plan_files import SHIPPED, XHB_2019, XHB_2020, changed, parsed

ZONE = ZoneInfo("Asia/Shanghai")


def facts(**changes: Any) -> Facts:
    """A member of two years who fell ill in 2024, aged 45, and whose report is signed."""
    known: dict[str, Any] = {
        "born_on": dt.date(1979, 1, 1),
        "joined_at": dt.datetime(2022, 1, 1, tzinfo=ZONE),
        "first_diagnosed_on": dt.date(2024, 2, 3),
        "submitted_at": dt.datetime(2024, 3, 1, tzinfo=ZONE),
        "icd10": "C50.9",
        "severity": "severe",
        "is_suspicion_investigated": True,
        "is_health_statement_true": True,
    }
    return Facts(**(known | changes))


def as_decided(known: Facts, rules: PlanRules, **changes: Any) -> Decided:
    """The decision that follows from the clauses alone."""
    trace = check_eligibility(known, rules)
    amount_minor = aid_in(trace)
    is_approved = not trace.not_met and amount_minor is not None
    decided = Decided(
        "approved" if is_approved else "rejected",
        amount_minor if is_approved else None,
        frozenset(trace.reason_codes),
        frozenset(trace.reason_codes),
    )
    return replace(decided, **changes)


def judged(known: Facts, own: PlanRules, other: PlanRules, **changes: Any) -> Rejudged:
    return rejudge(as_decided(known, own, **changes), known, own, other)


def with_(old: str, new: str) -> PlanRules:
    return parsed(changed(old, new))


def test_less_aid() -> None:
    found = judged(facts(), XHB_2020, with_('amount = "100,000"', 'amount = "80,000"'))
    assert (found.kind, found.outcome, found.amount_minor) == (OTHER_AMOUNT, "approved", 8_000_000)
    assert [one.clause for one in found.findings] == ["age"]


def test_a_clause_that_is_no_longer_met() -> None:
    found = judged(facts(), XHB_2020, with_("within_days = 180", "within_days = 20"))
    assert (found.kind, found.outcome, found.amount_minor) == (WOULD_REJECT, "rejected", None)
    assert [one.clause for one in found.findings] == ["apply_by"]


def test_a_clause_that_is_met_now() -> None:
    late = facts(submitted_at=dt.datetime(2024, 12, 1, tzinfo=ZONE))
    found = judged(late, XHB_2020, with_("within_days = 180", "within_days = 365"))
    assert (found.kind, found.outcome, found.amount_minor) == (WOULD_APPROVE, "approved", 10_000_000)
    assert [one.clause for one in found.findings] == ["apply_by"]


def test_one_of_two_clauses_is_not_enough() -> None:
    late = facts(submitted_at=dt.datetime(2024, 12, 1, tzinfo=ZONE), icd10="Z00.0")
    assert judged(late, XHB_2020, with_("within_days = 180", "within_days = 365")).kind == SAME


def test_a_reason_beside_the_clauses_stands() -> None:
    late = facts(submitted_at=dt.datetime(2024, 12, 1, tzinfo=ZONE))
    other = with_("within_days = 180", "within_days = 365")
    assert judged(late, XHB_2020, other, reasons=frozenset({"apply_by", "not_proved"})).kind == SAME


def test_a_rejection_by_the_jury_alone_stands() -> None:
    found = judged(
        facts(),
        XHB_2020,
        with_('amount = "100,000"', 'amount = "80,000"'),
        outcome="rejected",
        amount_minor=None,
        reasons=frozenset({"not_proved"}),
    )
    assert (found.kind, found.amount_minor) == (SAME, None)


def test_a_clause_that_the_jury_passed_over_is_not_held_against_the_claim_now() -> None:
    early = facts(joined_at=dt.datetime(2024, 1, 1, tzinfo=ZONE))
    passed = {"outcome": "approved", "amount_minor": 10_000_000, "reasons": frozenset[str]()}
    assert judged(early, XHB_2020, XHB_2019, **passed).kind == SAME
    found = judged(early, XHB_2020, with_("within_days = 180", "within_days = 20"), **passed)
    assert [one.clause for one in found.findings] == ["apply_by"]


def test_a_condition_that_comes_in_or_goes_out() -> None:
    gaucher = facts(icd10="E75.2", disease="gaucher_disease")
    assert judged(gaucher, XHB_2019, XHB_2020).kind == WOULD_APPROVE
    assert judged(gaucher, XHB_2020, XHB_2019).kind == WOULD_REJECT
    # Of which of the diseases of this code it is nobody was asked then: only an investigation could tell.
    assert judged(facts(icd10="E75.2"), XHB_2019, XHB_2020).kind == UNSURE
    thyroid = facts(icd10="C73", severity="mild")
    assert judged(thyroid, XHB_2019, XHB_2020).findings[0].clause == "exclusion"


def test_what_only_an_investigation_could_tell_is_left_open() -> None:
    soon = facts(joined_at=dt.datetime(2023, 11, 1, tzinfo=ZONE), is_suspicion_investigated=False)
    assert judged(soon, XHB_2019, XHB_2020).kind == UNSURE
    known = replace(soon, suspected_on=dt.date(2023, 12, 1))
    assert judged(known, XHB_2019, XHB_2020).kind == WOULD_REJECT


def test_a_later_start_is_not_held_against_the_claim() -> None:
    later = with_("starts_at = 2020-01-01", "starts_at = 2990-01-01")
    assert judged(facts(), XHB_2020, later).kind == SAME


@pytest.mark.parametrize("aided", [True, False])
def test_aid_that_came_after_the_decision_is_not_held_against_it(aided: bool) -> None:
    """A paid claim's membership has been aided, by this very claim."""
    known = facts(is_aided_before=True, has_open_claim=True)
    not_met = frozenset({"aided_before"}) if aided else frozenset[str]()
    decided = Decided("rejected" if aided else "approved", None if aided else 10_000_000, not_met, not_met)
    assert rejudge(decided, known, XHB_2020, XHB_2020).kind == SAME


@given(
    st.sampled_from(sorted(SHIPPED)),
    st.sampled_from(["C50.9", "C73", "I21.0", "E75.2", "Z00.0", "D05.1"]),
    st.sampled_from(["mild", "severe"]),
    st.dates(dt.date(1950, 1, 1), dt.date(2020, 1, 1)),
    st.integers(0, 400),
    st.booleans(),
)
def test_the_same_rules_decide_nothing_otherwise(
    name: str, icd10: str, severity: str, born_on: dt.date, late: int, signed: bool
) -> None:
    rules = SHIPPED[name]
    known = facts(
        icd10=icd10,
        severity=severity,
        born_on=born_on,
        submitted_at=dt.datetime(2024, 2, 4, tzinfo=ZONE) + dt.timedelta(days=late),
        is_suspicion_investigated=signed,
        is_health_statement_true=True if signed else None,
    )
    found = judged(known, rules, rules)
    assert found.kind == SAME
    assert not found.is_otherwise


@given(st.sampled_from(sorted(SHIPPED)), st.sampled_from(sorted(SHIPPED)))
def test_an_outcome_always_has_the_aid_that_belongs_to_it(own: str, other: str) -> None:
    found = judged(facts(), SHIPPED[own], SHIPPED[other])
    assert (found.outcome == "approved") == (found.amount_minor is not None)
    assert found.is_otherwise == (found.kind != SAME)
