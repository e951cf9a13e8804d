"""Every clause, each of its results, and the exact sentence that people are shown with it, in both languages."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from members.rules.eligibility import CLAUSE_TITLES
from members.rules.eligibility_types import Result
from tests.members.rules.plan_files import XHB_2019, XHB_2020, parsed
from tests.members.rules.test_eligibility import GOOD, at, day, finding, judged

MOVED = {"joined_at": at(day(40)), "waiting_from": at(day(1))}
"""Came over from another plan in the wait, which goes on."""

GOOD_DAY = day(200)

# fmt: off
SAID: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("possible_dates", {}, "met",
     "Birth, first diagnosis (27 July 2020) and claim (6 August 2020) follow each other.",
     "出生、初次确诊（2020年7月27日）、申请（2020年8月6日）先后顺序合理。"),
    ("possible_dates", {"born_on": day(201)}, "not_met",
     "The first diagnosis (27 July 2020) lies before the birth.",
     "初次确诊日期（2020年7月27日）早于出生日期。"),
    ("possible_dates", {"submitted_at": at(day(199))}, "not_met",
     "The first diagnosis (27 July 2020) lies after the claim (26 July 2020).",
     "初次确诊日期（2020年7月27日）晚于申请日期（2020年7月26日）。"),
    ("plan_version", {}, "met",
     "The rules of 1 January 2020 were in force at the first diagnosis on 27 July 2020.",
     "初次确诊日（2020年7月27日）适用2020年1月1日起生效的规则。"),
    ("plan_version", {"first_diagnosed_on": date(2019, 12, 31)}, "not_met",
     "The first diagnosis on 31 December 2019 came before these rules, in force from 1 January 2020.",
     "初次确诊日（2019年12月31日）早于本规则生效日（2020年1月1日）。"),
    ("membership", {}, "met",
     "A member since 10 January 2020, and on the day of first diagnosis, 27 July 2020.",
     "自2020年1月10日起为成员，初次确诊日（2020年7月27日）仍为成员。"),
    ("membership", {"first_diagnosed_on": day(0)}, "not_met",
     "The first diagnosis on 9 January 2020 came before joining on 10 January 2020.",
     "初次确诊日（2020年1月9日）早于加入日（2020年1月10日）。"),
    ("membership", {"left_at": at(day(199))}, "not_met",
     "The first diagnosis on 27 July 2020 came after the membership ended on 26 July 2020.",
     "初次确诊日（2020年7月27日）晚于退出日（2020年7月26日）。"),
    ("membership", {"left_at": at(day(201))}, "met",
     "A member since 10 January 2020, and on the day of first diagnosis, 27 July 2020.",
     "自2020年1月10日起为成员，初次确诊日（2020年7月27日）仍为成员。"),
    ("condition_covered", {}, "met",
     "C50.9 is covered as: Malignant tumour (clause 4.1).",
     "C50.9属于互助范围：恶性肿瘤（第4.1条）。"),
    ("condition_covered", {"icd10": "j32.9"}, "not_met",
     "The plan covers no condition with the code J32.9.",
     "代码J32.9所示疾病不在互助范围内。"),
    ("severity", {}, "met",
     "Malignant tumour is covered in its severe form.",
     "恶性肿瘤的重症在互助范围内。"),
    ("severity", {"icd10": "D05.1", "severity": "mild"}, "met",
     "Carcinoma in situ is covered in its mild form.",
     "原位癌的轻症在互助范围内。"),
    ("severity", {"icd10": "I63.9", "severity": "mild"}, "not_met",
     "Stroke with lasting damage is not covered in its mild form.",
     "脑中风后遗症的轻症不在互助范围内。"),
    ("severity", {"icd10": "D05.1"}, "not_met",
     "Carcinoma in situ is not covered in its severe form.",
     "原位癌的重症不在互助范围内。"),
    ("severity", {"severity": "deadly"}, "not_met",
     "Malignant tumour is not covered in its deadly form.",
     "恶性肿瘤的deadly不在互助范围内。"),
    ("severity", {"icd10": "J32.9"}, "unknown",
     "Cannot be judged: the condition is not covered.",
     "无法判断：该疾病不在互助范围内。"),
    ("exclusion", {}, "met",
     "No exclusion applies to C50.9.",
     "C50.9不属于除外病种。"),
    ("exclusion", {"icd10": "C73", "severity": "mild"}, "not_met",
     "Excluded by clause 5.1: Mild thyroid cancer.",
     "第5.1条除外：轻症甲状腺癌。"),
    ("age", {}, "met",
     "Aged 35 at first diagnosis: aid of ¥300,000.00 (clause 3.1).",
     "初次确诊时35周岁：互助金300,000.00 元（第3.1条）。"),
    ("age", {"severity": "mild"}, "met",
     "Aged 35 at first diagnosis: aid of ¥50,000.00 (clause 3.3).",
     "初次确诊时35周岁：互助金50,000.00 元（第3.3条）。"),
    ("age", {"born_on": date(1950, 1, 31)}, "not_met",
     "Aged 70 at first diagnosis: the plan gives no aid for this age.",
     "初次确诊时70周岁：不在互助年龄范围内。"),
    ("age", {"severity": "deadly"}, "met",
     "Aged 35 at first diagnosis, an age that the plan covers.",
     "初次确诊时35周岁，属互助年龄。"),
    ("age", {"severity": "deadly", "born_on": date(1950, 1, 31)}, "not_met",
     "Aged 70 at first diagnosis: the plan gives no aid for this age.",
     "初次确诊时70周岁：不在互助年龄范围内。"),
    ("age", {"born_on": day(201)}, "unknown",
     "Cannot be judged: the days are not possible.",
     "无法判断：日期不合理。"),
    ("waiting_period", {"first_diagnosed_on": day(91)}, "met",
     "The waiting period of 90 days ended on 8 April 2020; the first diagnosis came on day 91.",
     "90天等待期于2020年4月8日届满，初次确诊为第91天。"),
    ("waiting_period", {"first_diagnosed_on": day(90)}, "not_met",
     "The first diagnosis came on day 90, inside the waiting period of 90 days (to 8 April 2020).",
     "初次确诊为第90天，在90天等待期内（至2020年4月8日）。"),
    ("waiting_period", {"first_diagnosed_on": day(1)}, "not_met",
     "The first diagnosis came on day 1, inside the waiting period of 90 days (to 8 April 2020).",
     "初次确诊为第1天，在90天等待期内（至2020年4月8日）。"),
    ("waiting_period", {"first_diagnosed_on": day(0)}, "not_met",
     "The first diagnosis on 9 January 2020 came before the waiting period began on 10 January 2020.",
     "初次确诊日（2020年1月9日）早于等待期开始日（2020年1月10日）。"),
    ("waiting_period", {"first_diagnosed_on": day(90), "is_accident": True}, "met",
     "The illness came from an accident, for which there is no waiting period.",
     "疾病由意外所致，不受等待期限制。"),
    ("waiting_period", {"first_diagnosed_on": day(91), "is_accident": True}, "met",
     "The waiting period of 90 days ended on 8 April 2020; the first diagnosis came on day 91.",
     "90天等待期于2020年4月8日届满，初次确诊为第91天。"),
    ("waiting_period", {"first_diagnosed_on": day(91), **MOVED}, "met",
     ("The waiting period of 90 days goes on from the plan before, where it began on 10 January 2020, and "
      "ended on 8 April 2020; the first diagnosis came on day 91."),
     "90天等待期自原计划的2020年1月10日起连续计算，于2020年4月8日届满，初次确诊为第91天。"),
    ("waiting_period", {"first_diagnosed_on": day(90), **MOVED}, "not_met",
     ("The first diagnosis came on day 90, inside the waiting period of 90 days that goes on from the plan "
      "before, where it began on 10 January 2020 (to 8 April 2020)."),
     "初次确诊为第90天，在自原计划的2020年1月10日起连续计算的90天等待期内（至2020年4月8日）。"),
    ("waiting_period", {"first_diagnosed_on": day(0), **MOVED}, "not_met",
     "The first diagnosis on 9 January 2020 came before the waiting period began on 10 January 2020.",
     "初次确诊日（2020年1月9日）早于等待期开始日（2020年1月10日）。"),
    ("suspected_tumour", {"icd10": "i63.9"}, "met",
     "The clause on suspected tumours does not apply to I63.9.",
     "疑似肿瘤条款不适用于I63.9。"),
    ("suspected_tumour", {"first_diagnosed_on": day(90)}, "met",
     "Confirmed before the end of the wait (8 April 2020): the clause on the waiting period decides.",
     "于等待期届满（2020年4月8日）前确诊：适用等待期条款。"),
    ("suspected_tumour", {"first_diagnosed_on": day(181)}, "met",
     "Confirmed 91 days after the end of the wait (8 April 2020), more than the 90 of the clause.",
     "于等待期届满（2020年4月8日）后第91天确诊，超过条款规定的90天。"),
    ("suspected_tumour", {"first_diagnosed_on": day(180)}, "needs_finding",
     ("Confirmed within 90 days after the end of the wait (8 April 2020): the investigation must find out "
      "whether the tumour was suspected or treated before."),
     "于等待期届满（2020年4月8日）后90天内确诊：须调查此前是否已疑似或治疗。"),
    ("suspected_tumour", {"first_diagnosed_on": day(91), "is_suspicion_investigated": True}, "met",
     "Nothing shows that the tumour was suspected or treated before the wait ended on 8 April 2020.",
     "无资料显示等待期届满（2020年4月8日）前已疑似或治疗肿瘤。"),
    ("suspected_tumour", {"first_diagnosed_on": day(180), "suspected_on": day(91)}, "met",
     "Nothing shows that the tumour was suspected or treated before the wait ended on 8 April 2020.",
     "无资料显示等待期届满（2020年4月8日）前已疑似或治疗肿瘤。"),
    ("suspected_tumour", {"first_diagnosed_on": day(180), "suspected_on": day(90)}, "not_met",
     ("Suspected or treated on 8 April 2020, before the wait ended on 8 April 2020, and confirmed within "
      "90 days after it: joined while ill."),
     "于2020年4月8日已疑似或治疗，早于等待期届满（2020年4月8日），并于其后90天内确诊：视为带病加入。"),
    ("apply_by", {}, "met",
     "Claimed on 6 August 2020, 10 days after the first diagnosis, within the 180 allowed.",
     "于2020年8月6日申请，距初次确诊10天，未超过180天期限。"),
    ("apply_by", {"submitted_at": at(day(200))}, "met",
     "Claimed on 27 July 2020, 0 days after the first diagnosis, within the 180 allowed.",
     "于2020年7月27日申请，距初次确诊0天，未超过180天期限。"),
    ("apply_by", {"submitted_at": at(day(380))}, "met",
     "Claimed on 23 January 2021, 180 days after the first diagnosis, within the 180 allowed.",
     "于2021年1月23日申请，距初次确诊180天，未超过180天期限。"),
    ("apply_by", {"submitted_at": at(day(381))}, "not_met",
     "Claimed on 24 January 2021, 181 days after the first diagnosis; 180 are allowed.",
     "于2021年1月24日申请，距初次确诊181天，超过180天期限。"),
    ("apply_by", {"submitted_at": at(day(199))}, "unknown",
     "Cannot be judged: the days are not possible.",
     "无法判断：日期不合理。"),
    ("health_statement", {}, "met",
     "The investigation found the health statement true.",
     "经调查，健康告知属实。"),
    ("health_statement", {"is_health_statement_true": None}, "needs_finding",
     "All answers allowed joining; the investigation must find out whether they were true.",
     "全部回答符合加入条件；是否属实须经调查。"),
    ("health_statement", {"is_health_statement_true": False}, "not_met",
     "The investigation found that the health statement was not true.",
     "经调查，健康告知不属实。"),
    ("health_statement", {"is_health_statement_true": None, "health_answers": {}}, "unknown",
     "No answer is on record to: In the last two years, have you taken any medicine for more than 30 days running?",
     "未见对此问题的回答：最近两年内，您是否曾连续服药超过30天？"),
    ("health_statement", {"health_answers": {}}, "met",
     "The investigation found the health statement true.",
     "经调查，健康告知属实。"),
    ("health_statement", {"health_answers": GOOD.health_answers | {"hospital_15_days": True}}, "not_met",
     ("An answer did not allow joining: In the last two years, have you stayed in hospital for more than "
      "15 days running?"),
     "健康告知的回答不符合加入条件：最近两年内，您是否曾连续住院超过15天？"),
    ("health_statement", {"health_answers": {}, "is_health_statement_true": False}, "not_met",
     "The investigation found that the health statement was not true.",
     "经调查，健康告知不属实。"),
    ("aided_before", {}, "met",
     "No aid has been paid on this membership.",
     "该成员资格未曾获得互助金。"),
    ("aided_before", {"is_aided_before": True}, "not_met",
     "This membership has already received aid.",
     "该成员资格已获得过互助金。"),
    ("other_claim", {}, "met",
     "No other claim of this member is open.",
     "该成员无其他未结案的申请。"),
    ("other_claim", {"has_open_claim": True}, "not_met",
     "Another claim of this member is open.",
     "该成员另有未结案的申请。"),
    ("arrears", {}, "met",
     "No shares are owed.",
     "无分摊欠款。"),
    ("arrears", {"in_arrears": True}, "met",
     "Shares are owed; they will be taken off the aid.",
     "有分摊欠款，将从互助金中扣除。"),
]
# fmt: on
DAYS_NEEDED = [
    ("possible_dates", "born_on"),
    ("possible_dates", "first_diagnosed_on"),
    ("plan_version", "first_diagnosed_on"),
    ("membership", "joined_at"),
    ("membership", "first_diagnosed_on"),
    ("age", "born_on"),
    ("age", "first_diagnosed_on"),
    ("waiting_period", "first_diagnosed_on"),
    ("waiting_period", "joined_at"),
    ("suspected_tumour", "first_diagnosed_on"),
    ("suspected_tumour", "joined_at"),
    ("apply_by", "first_diagnosed_on"),
]


def said(clause: str, **changes: Any) -> tuple[str, str, str]:
    one = finding(judged(**changes), clause)
    return one.result, one.sentence.en, one.sentence.zh


@pytest.mark.parametrize(("clause", "changes", "result", "english", "chinese"), SAID)
def test_the_sentence_says_what_was_found(
    clause: str, changes: dict[str, Any], result: str, english: str, chinese: str
) -> None:
    assert said(clause, **changes) == (result, english, chinese)


@pytest.mark.parametrize(("clause", "missing"), DAYS_NEEDED)
def test_a_day_that_is_missing_is_said(clause: str, missing: str) -> None:
    expected = ("unknown", "Cannot be judged yet: a day is not known.", "暂无法判断：日期未知。")

    assert said(clause, **{missing: None}) == expected


def test_every_clause_is_shown_both_ways() -> None:
    """No clause is left out; each has a sentence where it is met and one where it is not, arrears alone excepted."""
    shown = {(clause, result) for clause, _changes, result, _english, _chinese in SAID}

    assert {clause for clause, _result in shown} == set(CLAUSE_TITLES)
    assert {clause for clause, result in shown if result == "met"} == set(CLAUSE_TITLES)
    assert {clause for clause, result in shown if result == "not_met"} == set(CLAUSE_TITLES) - {"arrears"}
    assert {result for _clause, result in shown} == set(Result)


def test_one_sentence_never_stands_for_two_results() -> None:
    results: dict[tuple[str, str], set[str]] = {}
    for clause, _changes, result, *sentences in SAID:
        for sentence in sentences:
            results.setdefault((clause, sentence), set()).add(result)

    assert not {key for key, found in results.items() if len(found) > 1}


def test_rules_without_a_clause_say_so() -> None:
    head, _, tail = XHB_2020.source.partition("[[joining.health_questions]]")
    no_questions = parsed(head + tail[tail.index("[waiting]") :])
    tumour = finding(judged(XHB_2019), "suspected_tumour")
    statement = finding(judged(no_questions, is_health_statement_true=False), "health_statement")

    assert (tumour.result, tumour.sentence.en) == ("met", "These rules have no clause on suspected tumours.")
    assert tumour.sentence.zh == "本版规则无疑似肿瘤条款。"
    assert (statement.result, statement.sentence.en) == ("met", "The plan asks for no health statement.")
    assert statement.sentence.zh == "本计划无健康告知要求。"


@pytest.mark.parametrize(
    ("clause", "changes", "values"),
    [
        ("possible_dates", {}, {"diagnosed": "2020-07-27", "submitted": "2020-08-06"}),
        ("plan_version", {}, {"starts": "2020-01-01", "diagnosed": "2020-07-27", "version": "2020-01-01"}),
        ("membership", {"first_diagnosed_on": day(0)}, {"joined": "2020-01-10", "diagnosed": "2020-01-09"}),
        (
            "membership",
            {"left_at": at(day(199))},
            {"left": "2020-07-26", "joined": "2020-01-10", "diagnosed": "2020-07-27"},
        ),
        (
            "condition_covered",
            {},
            {
                "icd10": "C50.9",
                "title_en": "Malignant tumour",
                "title_zh": "恶性肿瘤",
                "condition": "malignant_tumour",
                "plan_clause": "4.1",
            },
        ),
        ("condition_covered", {"icd10": "j32.9"}, {"icd10": "J32.9"}),
        (
            "severity",
            {},
            {
                "title_en": "Malignant tumour",
                "title_zh": "恶性肿瘤",
                "words_en": "severe",
                "words_zh": "重症",
                "severity": "severe",
            },
        ),
        ("severity", {"icd10": "J32.9"}, {"severity": "severe"}),
        ("exclusion", {}, {"icd10": "C50.9"}),
        (
            "exclusion",
            {"icd10": "C73", "severity": "mild"},
            {"icd10": "C73", "title_en": "Mild thyroid cancer", "title_zh": "轻症甲状腺癌", "plan_clause": "5.1"},
        ),
        (
            "age",
            {},
            {
                "years": 35,
                "amount_en": "¥300,000.00",
                "amount_zh": "300,000.00 元",
                "amount_minor": 30000000,
                "plan_clause": "3.1",
            },
        ),
        ("age", {"born_on": date(1950, 1, 31)}, {"years": 70}),
        ("waiting_period", {"first_diagnosed_on": day(91)}, {"days": 90, "last_day": "2020-04-08", "number": 91}),
        (
            "waiting_period",
            {"first_diagnosed_on": day(0)},
            {"diagnosed": "2020-01-09", "first_day": "2020-01-10", "number": 0},
        ),
        ("waiting_period", {"first_diagnosed_on": day(90), "is_accident": True}, {"number": 90}),
        (
            "waiting_period",
            {"first_diagnosed_on": day(90), **MOVED},
            {"days": 90, "last_day": "2020-04-08", "number": 90, "first_day": "2020-01-10"},
        ),
        ("suspected_tumour", {"icd10": "i63.9"}, {"icd10": "I63.9"}),
        ("suspected_tumour", {"first_diagnosed_on": day(180)}, {"wait_ends": "2020-04-08", "number": 90, "days": 90}),
        ("suspected_tumour", {"first_diagnosed_on": None}, {}),
        ("apply_by", {"submitted_at": at(day(381))}, {"number": 181, "days": 180, "submitted": "2021-01-24"}),
        ("health_statement", {"health_answers": {}}, {}),
        ("aided_before", {}, {}),
        (
            "health_statement",
            {"is_health_statement_true": None, "health_answers": {}},
            {
                "question_en": XHB_2020.join.health_questions[0].text.en,
                "question_zh": XHB_2020.join.health_questions[0].text.zh,
                "code": XHB_2020.join.health_questions[0].code,
            },
        ),
        (
            "health_statement",
            {"health_answers": {one.code: not one.allowed_answer for one in XHB_2020.join.health_questions}},
            {
                "question_en": XHB_2020.join.health_questions[0].text.en,
                "question_zh": XHB_2020.join.health_questions[0].text.zh,
                "code": XHB_2020.join.health_questions[0].code,
            },
        ),
        ("health_statement", {"is_health_statement_true": None}, {"answers": 4}),
        ("arrears", {}, {"owed": 0}),
        ("arrears", {"in_arrears": True}, {"owed": 1}),
    ],
)
def test_a_finding_stores_what_it_was_judged_on(clause: str, changes: dict[str, Any], values: dict[str, Any]) -> None:
    assert dict(finding(judged(**changes), clause).values) == values


@pytest.mark.parametrize(("years", "result"), [(59, "met"), (60, "not_met")])
def test_the_last_age_that_is_covered_is_not_blamed_for_the_severity(years: int, result: str) -> None:
    born_on = date(GOOD_DAY.year - years, GOOD_DAY.month, GOOD_DAY.day)

    assert said("age", severity="deadly", born_on=born_on)[0] == result
