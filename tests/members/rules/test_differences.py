"""What changes between two versions is said in both languages, and nothing that changes goes unsaid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members.rules.difference_words import FIELDS, LISTS, PARTS, WORDS
from members.rules.differences import differences
from members.rules.plan_members import PAST_AGE_STEPS
from members.rules.plan_types import (
    BENCHES,
    BORNE_BY_SPONSOR,
    DECISION_OUTCOMES,
    DISSOLUTION_STEPS,
    JURY_POLICIES,
    MOVES,
    OPINIONS,
    QUESTION_SUBJECTS,
    SEVERITIES,
    SHARE_ROUNDINGS,
    SURPLUS_RECEIVERS,
    TABLE_OUTCOMES,
    TRIGGERS,
    VERDICTS,
    Disease,
    DiseaseQuestion,
    PlanRules,
    Text,
)

from .plan_files import MUTUAL, SENIOR, SHIPPED, XHB_2018, XHB_2019, XHB_2020, changed, parsed


def lines(before: PlanRules, after: PlanRules, language: str = "en") -> list[str]:
    return [one.sentence.in_language(language) for one in differences(before, after)]


def test_the_same_rules_differ_in_nothing() -> None:
    assert differences(XHB_2020, parsed("# another comment\n" + XHB_2020.source)) == ()


def test_a_version_that_says_nothing_of_holds_is_said_to_end_them_all_the_same() -> None:
    silent, longer = (
        parsed(XHB_2020.source.replace("hold_days = 30", f"hold_days = {days}")) for days in ('"none"', 45)
    )
    assert lines(silent, longer) == ["Until a hold lifts by itself: not said, so 30 days → 45 days"]
    assert lines(silent, longer, "zh-hans") == ["暂缓自动解除的期限：未写明，按30天 → 45天"]


def test_the_year_2020_in_words() -> None:
    said = lines(XHB_2019, XHB_2020)
    assert "Version: 2019-01-01 → 2020-01-01" in said
    assert "In force from: 2019-01-01 00:00 (Asia/Shanghai) → 2020-01-01 00:00 (Asia/Shanghai)" in said
    assert "Most for a member in a calendar year: ¥188.00 → no limit" in said
    assert "Tumour suspected while waiting: confirmed within: none → 90 days" in said
    assert "Condition added: Gaucher disease or Fabry disease (E75.2)" in said
    assert "Exclusion added: Mild thyroid cancer (C73, D09.3)" in said
    assert any(line.startswith("Borne by the sponsor: what exceeds the cap of a case, what exceeds") for line in said)
    assert "Exclusion removed: Langerhans cell histiocytosis (C96.0, C96.5-C96.6)" in said
    assert "Free for notices up to: 2019-01-31 → none" in said
    assert len(said) == 15
    chinese = lines(XHB_2019, XHB_2020, "zh-hans")
    assert "互助病种新增：戈谢病或法布里病（E75.2）" in chinese
    assert "每位成员每个自然年的封顶：188.00 元 → 不限" in chinese


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('fee = "8 %"', 'fee = "10 %"', "Management fee: 8 % → 10 %"),
        ('amount = "100,000"', 'amount = "80,000"', "Aid for age 40–59, severe: ¥100,000.00 → ¥80,000.00"),
        ("ages = [40, 59]", "ages = [40, 64]", "Aid added: age 40–64, severe: ¥100,000.00"),
        ("accident_is_exempt = true", "accident_is_exempt = false", "Accidents covered while waiting: yes → no"),
        ("notice_days = [7, 21]", "notice_days = [6, 21]", "Notice days of each month: 7, 21 → 6, 21"),
        ("grace_days = 14", "grace_days = 1", "Time to pay a share that failed: 14 days → 1 day"),
        (
            'support = { confirmed = "approved"',
            'support = { confirmed = "rejected"',
            "Verdict for the claim, opinion confirmed: approved → rejected",
        ),
        (
            'icd10 = ["I21-I22"]',
            'icd10 = ["I21"]',
            "Condition “Acute myocardial infarction”, ICD-10: I21-I22 → I21",
        ),
        (
            'triggers = ["opposes_investigator", ',
            "triggers = [",
            "Second opinion asked when: the verdict opposes the investigator, the margin is thin, no majority, "
            "enough jurors call it a medical question → the margin is thin, no majority, "
            "enough jurors call it a medical question",
        ),
        ('share_unit = "0.01"', 'share_unit = "0.10"', "Unit in which shares are charged: ¥0.01 → ¥0.10"),
        (
            '"gifts", "refunds", "written_off", "after_dissolution"]',
            '"refunds", "written_off", "after_dissolution"]',
            "Borne by the sponsor: what exceeds the cap of a case, the shares of gifted members, refunds for illness "
            "inside the wait, shares that are never collected, aid once the plan has ended → what exceeds the cap of "
            "a case, refunds",
        ),
        ("below_members = 3_300_000", "below_members = 3_000_000", "Members needed to continue: 3,300,000 → 3,000,000"),
        (
            'then = "continues"\ncover_months = 12',
            'then = "dissolves"\ncover_months = "none"',
            "With fewer members: the plan goes on for a time, then ends → the plan ends",
        ),
        ("cover_months = 12", "cover_months = 1", "Cover that goes on with fewer members: 12 months → 1 month"),
        (
            'surplus_to = "members"\ncharity = "none"',
            'surplus_to = "charity"\ncharity = { en = "Red Cross", zh = "红十字会" }',
            "Charity that receives it: none → Red Cross",
        ),
        ("ages = [0, 59]", "ages = [18, 59]", "Move from plan xhb-mutual, youngest: 0 years → 18 years"),
        ("counts_wait = true", "counts_wait = false", "Move from plan xhb-mutual, wait served so far counts: yes → no"),
        (
            'plan = "xhb-mutual"',
            'plan = "craft"',
            "Move from plan added: craft, upgrade, age 0–59, health statement asked again: no, wait served so far",
        ),
        (
            'bears_on = "severity"',
            'bears_on = "accident"',
            "Medical question “Does the illness, in the severity claimed, meet the plan's definition of the "
            "condition?”, what the answer bears on: its severity → whether an accident was the cause",
        ),
        (
            'bears_on = "severity"',
            "",
            "Medical question “Does the illness, in the severity claimed, meet the plan's definition of the "
            "condition?”, what the answer bears on: its severity → none",
        ),
        (
            'policy = "all"\nanswer_days = "none"',
            'policy = "disputed"\nanswer_days = 10',
            "Which claims go before a jury: every claim → those that",
        ),
        (
            'policy = "all"\nanswer_days = "none"',
            'policy = "disputed"\nanswer_days = 10',
            "Time to ask for the jury: none → 10 days",
        ),
    ],
)
def test_a_change_in_words(old: str, new: str, said: str) -> None:
    found = lines(XHB_2020, parsed(changed(old, new)))
    assert any(line.startswith(said) for line in found), found


def test_an_entry_that_goes_is_said() -> None:
    without = replace(XHB_2020, excluded=XHB_2020.excluded[1:])
    assert lines(XHB_2020, without) == ["Exclusion removed: Mild thyroid cancer (C73, D09.3)"]


def test_another_order_is_said() -> None:
    turned = replace(XHB_2020, excluded=tuple(reversed(XHB_2020.excluded)))
    assert [one.path for one in differences(XHB_2020, turned)] == ["excluded"]
    assert lines(XHB_2020, turned)[0].startswith("Order of the exclusions: mild_thyroid_cancer, mild_prostate_cancer →")


def test_each_side_s_amounts_stand_in_its_own_currency() -> None:
    euro = replace(XHB_2020, currency="EUR", case_cap_minor_per_head=20)
    assert "Most for one claim and member: ¥0.10 → €0.20" in lines(XHB_2020, euro)


GIVEN = {
    "closed_from": datetime(2021, 1, 1, tzinfo=XHB_2020.starts_at.tzinfo),
    "free_joined_before": date(2021, 1, 7),
    "free_until": date(2021, 2, 1),
    "asks": DiseaseQuestion(Text("Which?", "哪一种？"), (Disease("one", Text("One", "甲"), is_covered=True),)),
}
"""What stands in fields that are empty in the file of 2020, where a number would not do."""


def _another(value: Any, name: str = "") -> Any:
    """Some other value of the same kind."""
    if value is None and name in GIVEN:
        return GIVEN[name]
    if isinstance(value, bool):
        return not value
    if isinstance(value, Text):
        return Text(value.en + "!", value.zh)
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, datetime):
        return value + timedelta(hours=1)
    if value is None:
        return 7
    assert isinstance(value, tuple)
    return value[1:] if value else (1,)


def _variants(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The value with one thing in it changed, whatever lies inside it, and where."""
    if is_dataclass(value) and not isinstance(value, Text):
        for item in fields(value):
            if item.compare:
                for where, other in _variants(getattr(value, item.name), item.name):
                    path = ".".join(part for part in (item.name, where) if part)
                    yield path, replace(value, **{item.name: other})  # type: ignore[type-var]
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            for where, other in _variants(inner):
                yield f"{key}.{where}", MappingProxyType({**value, key: other})
    else:
        yield "", _another(value, name)
        if isinstance(value, Text):
            yield "zh", Text(value.en, value.zh + "！")
        if isinstance(value, tuple) and value and is_dataclass(value[0]):
            for where, other in _variants(value[-1]):
                yield f"[].{where}", (*value[:-1], other)


VARIANTS = list(_variants(XHB_2020))


def test_every_field_is_tried() -> None:
    tried = {path.split(".")[0] for path, _rules in VARIANTS}
    assert tried == {item.name for item in fields(PlanRules) if item.compare}
    assert len(VARIANTS) > 90


@pytest.mark.parametrize(("path", "other"), VARIANTS, ids=[path for path, _rules in VARIANTS])
def test_any_field_that_changes_is_said_in_words(path: str, other: PlanRules) -> None:
    assert other != XHB_2020
    said = differences(XHB_2020, other)
    assert said, path
    for one in said:
        # A field without words of its own would be told under its name in the code.
        assert not re.search(r"[a-z]_[a-z]", one.label.en), one.label.en
        assert re.search(r"[\u4e00-\u9fff]", one.label.zh), one.label.zh
        assert one.before != one.after or one.kind != "changed"


@given(st.lists(st.sampled_from(VARIANTS), min_size=1, max_size=3), st.sampled_from(sorted(SHIPPED)))
def test_no_difference_is_lost_in_either_direction(picked: list[tuple[str, PlanRules]], name: str) -> None:
    other = SHIPPED[name]
    for _path, rules in picked:
        assert bool(differences(rules, other)) == (rules != other)
        there = {one.path for one in differences(rules, other)}
        assert there == {one.path for one in differences(other, rules)}


@pytest.mark.parametrize("rules", [MUTUAL, SENIOR, XHB_2018], ids=lambda rules: rules.code + rules.version)
def test_every_pair_of_shipped_versions_can_be_compared(rules: PlanRules) -> None:
    for one in differences(rules, XHB_2020):
        assert one.sentence.en
        assert one.sentence.zh


def test_the_words_are_those_of_the_fields_that_there_are() -> None:
    def leaves(value: Any, path: str = "") -> Iterator[str]:
        for item in fields(value):
            below = f"{path}.{item.name}" if path else item.name
            inner = getattr(value, item.name)
            if not item.compare or isinstance(inner, Mapping):
                continue
            if is_dataclass(inner) and not isinstance(inner, Text):
                yield from leaves(inner, below)
            else:
                yield below

    assert set(leaves(XHB_2020)) == {*FIELDS, *LISTS}
    parts = {item.name for path in LISTS for entry in _entries(path) for item in fields(entry)}
    assert parts - {"code", "plan", "severity"} == set(PARTS)
    judged = (TRIGGERS, VERDICTS, OPINIONS, TABLE_OUTCOMES, DECISION_OUTCOMES)
    ending = (SHARE_ROUNDINGS, BORNE_BY_SPONSOR, DISSOLUTION_STEPS, SURPLUS_RECEIVERS, PAST_AGE_STEPS)
    coded = (MOVES, SEVERITIES, JURY_POLICIES, BENCHES, QUESTION_SUBJECTS, *judged, *ending)
    assert {word for words in coded for word in words} == set(WORDS)


def _entries(path: str) -> Any:
    value: Any = XHB_2020
    for step in path.split("."):
        value = getattr(value, step)
    return value
