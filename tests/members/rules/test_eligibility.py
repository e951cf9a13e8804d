"""Every clause at its boundary days, and traces that never contradict themselves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from members.rules.eligibility import Facts, Finding, Trace, check_eligibility
from members.rules.plans import CLAUSES, PlanRules

from .plan_files import MUTUAL, SENIOR, SHIPPED, XHB_2018, XHB_2019, XHB_2020, changed, parsed

SHANGHAI = ZoneInfo("Asia/Shanghai")
JOINED_ON = date(2020, 1, 10)


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI)


def day(number: int) -> date:
    """The day with this number when the day of joining is day 1."""
    return JOINED_ON + timedelta(days=number - 1)


def true_answers(rules: PlanRules) -> dict[str, bool]:
    return {question.code: question.allowed_answer for question in rules.join.health_questions}


GOOD = Facts(
    born_on=date(1985, 5, 17),
    joined_at=at(JOINED_ON),
    first_diagnosed_on=day(200),
    submitted_at=at(day(210)),
    icd10="C50.9",
    severity="severe",
    health_answers=true_answers(XHB_2020),
    is_health_statement_true=True,
)


def judged(rules: PlanRules = XHB_2020, **changes: Any) -> Trace:
    return check_eligibility(replace(GOOD, **changes), rules)


def finding(trace: Trace, clause: str) -> Finding:
    return next(finding for finding in trace.findings if finding.clause == clause)


def result(clause: str, rules: PlanRules = XHB_2020, **changes: Any) -> str:
    return finding(judged(rules, **changes), clause).result


def test_a_good_claim_is_eligible() -> None:
    trace = judged()
    assert trace.outcome == "eligible"
    assert trace.deciding is None
    assert trace.reason_codes == ()
    assert trace.amount_minor == 30_000_000
    assert (trace.plan_code, trace.plan_version, trace.rules_digest) == ("xhb", "2020-01-01", XHB_2020.digest)
    assert [finding.clause for finding in trace.findings] == [*CLAUSES, "arrears"]


@pytest.mark.parametrize(
    ("number", "is_accident", "expected"),
    [
        (1, False, "not_met"),
        (89, False, "not_met"),
        (90, False, "not_met"),
        (91, False, "met"),
        (92, False, "met"),
        (1, True, "met"),
        (90, True, "met"),
        (0, False, "not_met"),
    ],
)
def test_waiting_period(number: int, is_accident: bool, expected: str) -> None:
    # A stroke: the clause on suspected tumours stays out of it.
    trace = judged(icd10="I63.9", first_diagnosed_on=day(number), submitted_at=at(day(95)), is_accident=is_accident)
    assert finding(trace, "waiting_period").result == expected
    assert finding(trace, "suspected_tumour").result == "met"


def test_the_wait_is_said_in_words() -> None:
    sentence = finding(judged(first_diagnosed_on=day(90)), "waiting_period").sentence
    assert sentence.en == (
        "The first diagnosis came on day 90, inside the waiting period of 90 days (to 8 April 2020)."
    )
    assert sentence.zh == "初次确诊为第90天，在90天等待期内（至2020年4月8日）。"


def test_day_1_is_the_day_of_joining_in_the_plans_zone() -> None:
    # 16:30 UTC on the 9th is half past midnight on the 10th in Shanghai.
    joined_at = datetime(2020, 1, 9, 16, 30, tzinfo=UTC)
    assert result("waiting_period", joined_at=joined_at, first_diagnosed_on=day(90)) == "not_met"
    assert result("waiting_period", joined_at=joined_at - timedelta(hours=1), first_diagnosed_on=day(90)) == "met"


def test_who_came_over_from_another_plan_does_not_wait_again() -> None:
    waited = {"waiting_from": at(day(-200)), "first_diagnosed_on": day(2), "submitted_at": at(day(20))}
    assert judged(**waited).outcome == "eligible"
    assert result("membership", **(waited | {"first_diagnosed_on": day(0)})) == "not_met"


MOVED_ON = day(40)
"""In the wait of the plan before; a new one would last until day 129."""


@pytest.mark.parametrize(
    ("number", "suspected", "waited", "not_suspected"),
    [
        (40, None, "not_met", "met"),
        (90, None, "not_met", "met"),
        (91, None, "met", "met"),
        (91, 90, "met", "not_met"),
        (129, None, "met", "met"),
        (130, 40, "met", "not_met"),
        (180, 90, "met", "not_met"),
        (180, 91, "met", "met"),
        (181, 90, "met", "met"),
        (219, 90, "met", "met"),
    ],
)
def test_after_a_move_everything_counts_from_the_first_wait(
    number: int, suspected: int | None, waited: str, not_suspected: str
) -> None:
    trace = judged(
        joined_at=at(MOVED_ON),
        waiting_from=at(JOINED_ON),
        first_diagnosed_on=day(number),
        submitted_at=at(day(number + 1)),
        suspected_on=None if suspected is None else day(suspected),
        is_suspicion_investigated=True,
    )
    assert finding(trace, "waiting_period").result == waited
    assert finding(trace, "suspected_tumour").result == not_suspected
    assert finding(trace, "membership").result == "met"
    assert trace.outcome == ("eligible" if (waited, not_suspected) == ("met", "met") else "not_eligible")


@pytest.mark.parametrize(
    ("number", "english", "chinese"),
    [
        (
            100,
            "The waiting period of 90 days goes on from the plan before, where it began on 10 January 2020, and "
            "ended on 8 April 2020; the first diagnosis came on day 100.",
            "90天等待期自原计划的2020年1月10日起连续计算，于2020年4月8日届满，初次确诊为第100天。",
        ),
        (
            90,
            "The first diagnosis came on day 90, inside the waiting period of 90 days that goes on from the plan "
            "before, where it began on 10 January 2020 (to 8 April 2020).",
            "初次确诊为第90天，在自原计划的2020年1月10日起连续计算的90天等待期内（至2020年4月8日）。",
        ),
    ],
)
def test_the_trace_says_that_the_wait_goes_on(number: int, english: str, chinese: str) -> None:
    changes = {"joined_at": at(MOVED_ON), "waiting_from": at(JOINED_ON), "first_diagnosed_on": day(number)}
    said = finding(judged(**changes), "waiting_period")
    assert (said.sentence.en, said.sentence.zh) == (english, chinese)
    assert said.values["first_day"] == "2020-01-10"


@pytest.mark.parametrize(
    ("diagnosed", "before", "after"), [(39, "met", "not_met"), (40, "met", "met"), (41, "not_met", "met")]
)
def test_the_day_of_a_move_belongs_to_both_memberships(diagnosed: int, before: str, after: str) -> None:
    changes = {"first_diagnosed_on": day(diagnosed), "waiting_from": at(JOINED_ON)}
    assert result("membership", joined_at=at(JOINED_ON), left_at=at(MOVED_ON, 12), **changes) == before
    assert result("membership", joined_at=at(MOVED_ON, 12), **changes) == after


def test_no_accident_is_exempt_where_the_plan_does_not_say_so() -> None:
    rules = parsed(changed("accident_is_exempt = true", "accident_is_exempt = false"))
    assert result("waiting_period", rules, first_diagnosed_on=day(90), is_accident=True) == "not_met"


@pytest.mark.parametrize(
    ("icd10", "number", "suspected", "investigated", "expected"),
    [
        ("C50.9", 91, 90, False, "not_met"),
        ("C50.9", 180, 90, False, "not_met"),
        ("C50.9", 180, 1, True, "not_met"),
        ("C50.9", 180, -5, True, "not_met"),
        ("C50.9", 181, 90, False, "met"),
        ("C50.9", 180, 91, False, "met"),
        ("C50.9", 180, None, False, "needs_finding"),
        ("C50.9", 180, None, True, "met"),
        ("C50.9", 181, None, False, "met"),
        ("C50.9", 90, 80, False, "met"),
        ("D05.1", 180, 90, False, "not_met"),
        ("I63.9", 180, 90, False, "met"),
    ],
)
def test_suspected_tumour(icd10: str, number: int, suspected: int | None, investigated: bool, expected: str) -> None:
    changes: dict[str, Any] = {
        "icd10": icd10,
        "first_diagnosed_on": day(number),
        "suspected_on": None if suspected is None else day(suspected),
        "is_suspicion_investigated": investigated,
    }
    assert result("suspected_tumour", **changes) == expected
    assert result("suspected_tumour", XHB_2019, **changes) == "met"


@pytest.mark.parametrize(("days", "expected"), [(0, "met"), (179, "met"), (180, "met"), (181, "not_met")])
def test_apply_by(days: int, expected: str) -> None:
    assert result("apply_by", submitted_at=at(day(200) + timedelta(days=days), 23)) == expected


def test_the_last_day_to_apply_ends_at_midnight_in_the_plans_zone() -> None:
    last_moment = datetime.combine(day(200) + timedelta(days=181), datetime.min.time(), tzinfo=SHANGHAI)
    assert result("apply_by", submitted_at=(last_moment - timedelta(seconds=1)).astimezone(UTC)) == "met"
    assert result("apply_by", submitted_at=last_moment.astimezone(UTC)) == "not_met"


@pytest.mark.parametrize(
    ("born_on", "diagnosed_on", "severity", "amount_minor"),
    [
        (date(1980, 9, 2), date(2020, 9, 1), "severe", 30_000_000),
        (date(1980, 9, 1), date(2020, 9, 1), "severe", 10_000_000),
        (date(1980, 9, 1), date(2020, 9, 1), "mild", 5_000_000),
        (date(1960, 9, 2), date(2020, 9, 1), "severe", 10_000_000),
        (date(1960, 9, 1), date(2020, 9, 1), "severe", None),
        (date(1960, 9, 1), date(2020, 9, 1), "mild", None),
        (date(1980, 2, 29), date(2021, 2, 28), "severe", 10_000_000),
        (date(1981, 2, 28), date(2021, 2, 28), "severe", 10_000_000),
        (date(1984, 2, 29), date(2023, 2, 28), "severe", 30_000_000),
        (date(1984, 2, 29), date(2024, 2, 28), "severe", 30_000_000),
        (date(1984, 2, 29), date(2024, 2, 29), "severe", 10_000_000),
        (date(1964, 2, 29), date(2024, 2, 28), "severe", 10_000_000),
        (date(1964, 2, 29), date(2024, 2, 29), "severe", None),
        (date(2020, 2, 29), date(2021, 2, 28), "severe", 30_000_000),
    ],
)
def test_age_at_first_diagnosis(born_on: date, diagnosed_on: date, severity: str, amount_minor: int | None) -> None:
    trace = judged(born_on=born_on, first_diagnosed_on=diagnosed_on, submitted_at=at(diagnosed_on), severity=severity)
    assert trace.amount_minor == amount_minor
    assert finding(trace, "age").result == ("not_met" if amount_minor is None else "met")


def test_the_amount_is_said_in_words() -> None:
    sentence = finding(judged(), "age").sentence
    assert sentence.en == "Aged 35 at first diagnosis: aid of ¥300,000.00 (clause 3.1)."
    assert sentence.zh == "初次确诊时35周岁：互助金300,000.00 元（第3.1条）。"


def test_age_is_not_blamed_when_the_plan_pays_nobody_for_the_severity() -> None:
    trace = judged(MUTUAL, severity="mild")
    assert trace.reason_codes == ("severity",)
    assert trace.amount_minor is None


@pytest.mark.parametrize(
    ("rules", "diagnosed_on", "expected"),
    [
        (XHB_2018, date(2018, 11, 26), "not_met"),
        (XHB_2018, date(2018, 11, 27), "met"),
        (XHB_2019, date(2018, 12, 31), "not_met"),
        (XHB_2019, date(2019, 1, 1), "met"),
        (MUTUAL, date(2018, 10, 15), "not_met"),
        (MUTUAL, date(2018, 10, 16), "met"),
    ],
)
def test_plan_version(rules: PlanRules, diagnosed_on: date, expected: str) -> None:
    assert result("plan_version", rules, first_diagnosed_on=diagnosed_on) == expected


@pytest.mark.parametrize(
    ("diagnosed_on", "left_on", "expected"),
    [
        (day(0), None, "not_met"),
        (day(1), None, "met"),
        (day(200), day(201), "met"),
        (day(200), day(200), "met"),
        (day(200), day(199), "not_met"),
    ],
)
def test_membership(diagnosed_on: date, left_on: date | None, expected: str) -> None:
    left_at = left_on and at(left_on)
    assert result("membership", first_diagnosed_on=diagnosed_on, left_at=left_at) == expected


@pytest.mark.parametrize(("diagnosed_on", "expected"), [(day(199), "met"), (day(200), "not_met")])
def test_a_plan_that_ends_covers_up_to_midnight(diagnosed_on: date, expected: str) -> None:
    """Its memberships end at 00:00 of the last notice day, so that nothing of that day is covered."""
    assert result("membership", first_diagnosed_on=diagnosed_on, left_at=at(day(200), 0)) == expected


@pytest.mark.parametrize(
    ("icd10", "severity", "rules", "reason_codes"),
    [
        ("J32.9", "severe", XHB_2020, ("condition_covered",)),
        ("X99.9", "severe", XHB_2020, ("condition_covered",)),
        ("I63.9", "mild", XHB_2020, ("severity",)),
        ("D05.1", "severe", XHB_2020, ("severity",)),
        ("C50.9", "deadly", XHB_2020, ("severity",)),
        ("C73", "mild", XHB_2019, ()),
        ("C73", "mild", XHB_2020, ("exclusion",)),
        ("C73", "severe", XHB_2020, ()),
        ("C61", "mild", XHB_2020, ("exclusion",)),
        ("D05.1", "mild", XHB_2020, ()),
        ("D05.1", "mild", MUTUAL, ("condition_covered",)),
        ("G30.1", "severe", SENIOR, ("condition_covered", "age")),
    ],
)
def test_what_is_covered(icd10: str, severity: str, rules: PlanRules, reason_codes: tuple[str, ...]) -> None:
    assert judged(rules, icd10=icd10, severity=severity).reason_codes == reason_codes


@pytest.mark.parametrize(
    ("answers", "found_true", "expected"),
    [
        (true_answers(XHB_2020), None, "needs_finding"),
        (true_answers(XHB_2020), True, "met"),
        (true_answers(XHB_2020), False, "not_met"),
        (true_answers(XHB_2020) | {"hospital_15_days": True}, None, "not_met"),
        (true_answers(XHB_2020) | {"hospital_15_days": True}, True, "not_met"),
        ({}, None, "unknown"),
        ({}, True, "met"),
        ({}, False, "not_met"),
    ],
)
def test_health_statement(answers: dict[str, bool], found_true: bool | None, expected: str) -> None:
    trace = judged(health_answers=answers, is_health_statement_true=found_true)
    assert finding(trace, "health_statement").result == expected
    assert trace.outcome == {"met": "eligible", "not_met": "not_eligible"}.get(expected, "undetermined")


def test_a_plan_without_health_questions_finds_nothing_missing() -> None:
    head, _, tail = XHB_2020.source.partition("[[joining.health_questions]]")
    rules = parsed(head + tail[tail.index("[waiting]") :])
    assert result("health_statement", rules, health_answers={}, is_health_statement_true=None) == "met"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"born_on": day(201)}, ("possible_dates",)),
        ({"submitted_at": at(day(199))}, ("possible_dates",)),
        ({"born_on": day(200), "submitted_at": at(day(200))}, ()),
        ({"is_aided_before": True}, ("aided_before",)),
        ({"has_open_claim": True}, ("other_claim",)),
        ({"in_arrears": True}, ()),
    ],
)
def test_the_other_clauses(changes: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert judged(**changes).reason_codes == expected


def test_arrears_are_told_but_do_not_refuse() -> None:
    trace = judged(in_arrears=True)
    assert trace.outcome == "eligible"
    assert "taken off the aid" in finding(trace, "arrears").sentence.en


@pytest.mark.parametrize("missing", ["born_on", "joined_at", "first_diagnosed_on"])
def test_a_missing_day_leaves_the_claim_undetermined(missing: str) -> None:
    trace = judged(**{missing: None})
    assert trace.outcome == "undetermined"
    assert {finding.result for finding in trace.open_findings} == {"unknown"}


def test_several_reasons_at_once_and_the_first_decides() -> None:
    trace = judged(icd10="c61", severity="mild", first_diagnosed_on=day(90), submitted_at=at(day(300)))
    assert trace.reason_codes == ("exclusion", "waiting_period", "apply_by")
    assert trace.deciding is not None
    assert trace.deciding.clause == "exclusion"
    assert trace.deciding.title.en == "Not excluded"


def test_the_day_of_birth_is_nowhere_in_the_trace() -> None:
    for changes in ({}, {"born_on": day(201)}, {"born_on": date(1950, 1, 31)}):
        facts = replace(GOOD, **changes)
        text = json.dumps(check_eligibility(facts, XHB_2020).as_json(), ensure_ascii=False)
        assert facts.born_on is not None
        assert facts.born_on.isoformat() not in text
        assert str(facts.born_on.year) not in text or facts.born_on.year == 2020


def test_a_stored_trace_that_was_tampered_with_is_refused() -> None:
    content = judged().as_json()
    content["findings"][0]["result"] = "perhaps"
    with pytest.raises(ValueError, match="perhaps"):
        Trace.from_json(content)


days = st.dates(date(2018, 1, 1), date(2022, 12, 31))
moments = st.datetimes(datetime(2018, 1, 1), datetime(2022, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
any_facts = st.builds(
    Facts,
    born_on=st.none() | st.dates(date(1940, 1, 1), date(2022, 12, 31)),
    joined_at=st.none() | moments,
    first_diagnosed_on=st.none() | days,
    submitted_at=moments,
    icd10=st.sampled_from(["C50.9", "C73", "C61", "D05.1", "I21.9", "E75.2", "J32.9", "T20.3", "", "??"]),
    severity=st.sampled_from(["mild", "severe", "unheard-of"]),
    left_at=st.none() | moments,
    waiting_from=st.none() | moments,
    is_accident=st.booleans(),
    suspected_on=st.none() | days,
    is_suspicion_investigated=st.booleans(),
    health_answers=st.dictionaries(st.sampled_from(sorted(true_answers(XHB_2020))), st.booleans()),
    is_health_statement_true=st.none() | st.booleans(),
    in_arrears=st.booleans(),
    is_aided_before=st.booleans(),
    has_open_claim=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(facts=any_facts, rules=st.sampled_from(list(SHIPPED.values())))
def test_no_trace_contradicts_its_findings(facts: Facts, rules: PlanRules) -> None:
    trace = check_eligibility(facts, rules)
    results = [finding.result for finding in trace.findings]
    if trace.outcome == "eligible":
        assert set(results) == {"met"}
        assert trace.amount_minor is not None
        assert trace.deciding is None
    elif trace.outcome == "not_eligible":
        assert trace.deciding is not None
        assert trace.deciding.result == "not_met"
        assert trace.reason_codes[0] == trace.deciding.clause
    else:
        assert "not_met" not in results
        assert trace.open_findings
    assert len(trace.reason_codes) == results.count("not_met")
    assert set(trace.reason_codes) <= {reason.code for reason in rules.reason_codes}


@settings(max_examples=200, deadline=None)
@given(facts=any_facts, rules=st.sampled_from(list(SHIPPED.values())))
def test_a_trace_survives_storing_and_is_said_in_both_languages(facts: Facts, rules: PlanRules) -> None:
    trace = check_eligibility(facts, rules)
    assert Trace.from_json(json.loads(json.dumps(trace.as_json()))) == trace
    assert check_eligibility(facts, rules) == trace
    for found in trace.findings:
        assert "{" not in found.sentence.en + found.sentence.zh
        assert found.sentence.en.isascii() or "¥" in found.sentence.en
        assert found.sentence.zh != found.sentence.en


@settings(max_examples=200, deadline=None)
@given(facts=any_facts, later=st.integers(1, 400))
def test_a_later_claim_never_becomes_timely_again(facts: Facts, later: int) -> None:
    def was_late(submitted_at: datetime) -> bool:
        trace = check_eligibility(replace(facts, submitted_at=submitted_at), XHB_2020)
        return finding(trace, "apply_by").result == "not_met"

    assert not was_late(facts.submitted_at) or was_late(facts.submitted_at + timedelta(days=later))
