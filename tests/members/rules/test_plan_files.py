"""The five shipped plan versions say what the real plans said."""

from __future__ import annotations

import pytest

from members.codes import icd10
from members.rules.plans import CLAUSES, PlanRules, WayIn, band_for, condition_for, exclusion_for, parse_plan

from .plan_files import MUTUAL, SENIOR, SHIPPED, XHB, XHB_2018, XHB_2019, XHB_2020

every_version = pytest.mark.parametrize("rules", SHIPPED.values(), ids=SHIPPED)


def test_five_versions_are_shipped() -> None:
    assert sorted(SHIPPED) == [
        "xhb-2018-11-27",
        "xhb-2019-01-01",
        "xhb-2020-01-01",
        "xhb-mutual-2018-10-16",
        "xhb-senior-2019-05-01",
    ]


@pytest.mark.parametrize(
    ("rules", "starts_at", "fee_bp", "annual_cap_minor", "suspected_tumour_days", "dissolution"),
    [
        (MUTUAL, "2018-10-16T00:00:00+08:00", 1000, None, None, (3_300_000, "dissolves", None)),
        (XHB_2018, "2018-11-27T12:00:00+08:00", 800, None, None, (3_300_000, "continues", 12)),
        (XHB_2019, "2019-01-01T00:00:00+08:00", 800, 18_800, None, (3_300_000, "continues", 12)),
        (XHB_2020, "2020-01-01T00:00:00+08:00", 800, None, 90, (3_300_000, "continues", 12)),
        (SENIOR, "2019-05-01T00:00:00+08:00", 800, None, None, (None, None, None)),
    ],
    ids=lambda value: getattr(value, "version", None),
)
def test_what_differs(
    rules: PlanRules,
    starts_at: str,
    fee_bp: int,
    annual_cap_minor: int | None,
    suspected_tumour_days: int | None,
    dissolution: tuple[int | None, str | None, int | None],
) -> None:
    assert rules.starts_at.isoformat() == starts_at
    assert rules.fee_bp == fee_bp
    assert rules.annual_cap_minor == annual_cap_minor
    assert rules.suspected_tumour_days == suspected_tumour_days
    found = rules.dissolution
    assert (found.below_members, found.then, found.cover_months) == dissolution
    assert ("annual_cap_excess" in rules.sponsor.bears) is (annual_cap_minor is not None)
    assert ("after_dissolution" in rules.sponsor.bears) is (dissolution[0] is not None)


@pytest.mark.parametrize(
    ("rules", "ways_in"),
    [
        (MUTUAL, ()),
        (XHB_2018, (WayIn("xhb-mutual", "upgrade", 0, 59, asks_health=False, counts_wait=True),)),
        (XHB_2020, (WayIn("xhb-mutual", "upgrade", 0, 59, asks_health=False, counts_wait=True),)),
        (SENIOR, (WayIn("xhb", "transfer", 60, 70, asks_health=True, counts_wait=True),)),
    ],
    ids=lambda value: getattr(value, "code", None),
)
def test_whose_members_may_move_in(rules: PlanRules, ways_in: tuple[WayIn, ...]) -> None:
    assert rules.join.ways_in == ways_in


@every_version
def test_what_all_share(rules: PlanRules) -> None:
    assert (rules.currency, rules.currency_exponent, rules.timezone) == ("CNY", 2, "Asia/Shanghai")
    assert rules.case_cap_minor_per_head == 10
    assert (rules.share_unit_minor, rules.share_rounding) == (1, "up")
    assert {"case_cap_excess", "gifts", "refunds", "written_off"} <= set(rules.sponsor.bears)
    assert (rules.dissolution.surplus_to, rules.dissolution.charity) == ("members", None)
    assert (rules.waiting_days, rules.apply_by_days, rules.waiting_exempts_accident) == (90, 180, True)
    assert (rules.calendar.notice_days, rules.calendar.charge_days) == ((7, 21), (14, 28))
    assert (rules.jury.seats, rules.jury.quorum, rules.jury.fresh_seats, rules.jury.fresh_quorum) == (7, 5, 15, 11)
    assert rules.jury.min_age_years == 18
    assert rules.jury.min_tenure_days == 30
    assert {question.code for question in rules.join.health_questions} >= {"medicine_30_days", "hospital_15_days"}
    assert {reason.code for reason in rules.reason_codes} >= set(CLAUSES)


@every_version
def test_decision_table_is_that_of_the_design(rules: PlanRules) -> None:
    assert {verdict: dict(row) for verdict, row in rules.decision_table.items()} == {
        "support": {"confirmed": "approved", "not_confirmed": "fresh_panel", "inconclusive": "reinvestigate"},
        "against": {"confirmed": "fresh_panel", "not_confirmed": "rejected", "inconclusive": "reinvestigate"},
        "hung": {"confirmed": "approved", "not_confirmed": "rejected", "inconclusive": "reinvestigate"},
    }


@pytest.mark.parametrize(
    ("rules", "age", "severity", "amount_minor"),
    [
        (MUTUAL, 0, "severe", 30_000_000),
        (MUTUAL, 39, "severe", 30_000_000),
        (MUTUAL, 40, "severe", 10_000_000),
        (MUTUAL, 59, "severe", 10_000_000),
        (MUTUAL, 60, "severe", None),
        (MUTUAL, 39, "mild", None),
        (XHB_2018, 39, "mild", 5_000_000),
        (XHB_2019, 39, "severe", 30_000_000),
        (XHB_2020, 59, "mild", 5_000_000),
        (XHB_2020, 60, "mild", None),
        (SENIOR, 59, "severe", None),
        (SENIOR, 60, "severe", 10_000_000),
        (SENIOR, 70, "mild", 5_000_000),
        (SENIOR, 71, "mild", None),
    ],
)
def test_aid_by_age_and_severity(rules: PlanRules, age: int, severity: str, amount_minor: int | None) -> None:
    band = band_for(rules, age, severity)
    assert (band and band.amount_minor) == amount_minor


@pytest.mark.parametrize(
    ("icd10_code", "rules", "condition"),
    [
        ("C50.9", MUTUAL, "malignant_tumour"),
        ("c509", XHB_2020, "malignant_tumour"),
        ("C97", XHB_2019, "malignant_tumour"),
        ("D05.1", MUTUAL, None),
        ("D05.1", XHB_2018, "carcinoma_in_situ"),
        ("I21.9", XHB_2019, "acute_myocardial_infarction"),
        ("I25.2", XHB_2019, None),
        ("N18.5", XHB_2019, "end_stage_kidney_disease"),
        ("N18.4", XHB_2019, None),
        ("N18", XHB_2019, None),
        ("T20.3", XHB_2019, "severe_burns"),
        ("T20.2", XHB_2019, None),
        ("S06.0", XHB_2019, None),
        ("S06.9", XHB_2019, "brain_injury"),
        ("J32.9", XHB_2019, None),
        ("E75.2", XHB_2019, None),
        ("E75.2", XHB_2020, "gaucher_or_fabry_disease"),
        ("E76.1", XHB_2020, "mucopolysaccharidosis"),
        ("E74.0", XHB_2020, "pompe_disease"),
        ("C96.0", XHB_2019, "malignant_tumour"),
        ("C96.0", XHB_2020, "langerhans_cell_histiocytosis"),
        ("C96.1", XHB_2020, "malignant_tumour"),
        ("G30.0", SENIOR, None),
        ("C34", SENIOR, "malignant_tumour"),
        ("nonsense", XHB_2020, None),
        ("", XHB_2020, None),
    ],
)
def test_which_condition_a_code_belongs_to(icd10_code: str, rules: PlanRules, condition: str | None) -> None:
    found = condition_for(rules, icd10_code)
    assert (found and found.code) == condition


@pytest.mark.parametrize(
    ("icd10_code", "severity", "version", "is_excluded"),
    [
        ("C73", "mild", XHB_2019, False),
        ("C73", "mild", XHB_2020, True),
        ("C73", "severe", XHB_2020, False),
        ("C61", "mild", XHB_2020, True),
        ("C61", "severe", XHB_2020, False),
        ("D07.5", "mild", XHB_2020, True),
        ("D07.5", "mild", XHB_2019, False),
        ("C50", "mild", XHB_2020, False),
        ("C96.0", "severe", MUTUAL, True),
        ("C96.5", "severe", XHB_2018, True),
        ("C96.6", "severe", XHB_2019, True),
        ("C96.6", "mild", SENIOR, True),
        ("C96.0", "severe", XHB_2020, False),
        ("C96.1", "severe", XHB_2019, False),
    ],
)
def test_what_is_excluded_from_when_to_when(
    icd10_code: str, severity: str, version: PlanRules, is_excluded: bool
) -> None:
    assert (exclusion_for(version, icd10_code, severity) is not None) is is_excluded


@pytest.mark.parametrize(
    ("rules", "youngest_days", "youngest_years", "oldest"),
    [(MUTUAL, 30, 0, 59), (XHB_2018, 30, 0, 59), (XHB_2019, 30, 0, 59), (XHB_2020, 30, 0, 59), (SENIOR, 0, 60, 70)],
)
def test_who_may_join(rules: PlanRules, youngest_days: int, youngest_years: int, oldest: int) -> None:
    join = rules.join
    assert (join.age_min_days, join.age_min_years, join.age_max_years) == (youngest_days, youngest_years, oldest)


def test_the_senior_plan_covers_cancer_alone() -> None:
    letters = {part[0] for condition in SENIOR.covered for part in condition.icd10}
    assert letters == {"C", "D"}
    assert {condition.code for condition in SENIOR.covered} == {"malignant_tumour", "carcinoma_in_situ"}
    assert [condition.code for condition in SENIOR.excluded] == ["langerhans_cell_histiocytosis"]


def test_five_rare_diseases_came_in_2020_and_nothing_went() -> None:
    before = {condition.code for condition in XHB_2019.covered}
    after = {condition.code for condition in XHB_2020.covered}
    # Gaucher and Fabry disease have one ICD-10 code between them, so that they are one condition here.
    assert after - before == {
        "gaucher_or_fabry_disease",
        "mucopolysaccharidosis",
        "pompe_disease",
        "langerhans_cell_histiocytosis",
    }
    assert before <= after
    assert XHB_2018.covered == XHB_2019.covered


def test_the_first_plan_covers_a_hundred_illnesses_or_says_that_its_list_was_not_found() -> None:
    assert "99 severe diseases, but its own list was not found" in MUTUAL.source
    assert MUTUAL.covered[0].icd10 == ("C00-C97",)


def test_mild_forms_came_with_the_second_plan() -> None:
    assert {severity for condition in MUTUAL.covered for severity in condition.severities} == {"severe"}
    for rules in XHB:
        assert "mild" in {severity for condition in rules.covered for severity in condition.severities}


@every_version
def test_every_code_of_a_plan_exists(rules: PlanRules) -> None:
    codes = {
        end for condition in (*rules.covered, *rules.excluded) for part in condition.icd10 for end in part.split("-")
    }
    assert [code for code in sorted(codes) if not icd10.exists(code)] == []


@every_version
def test_reading_the_source_again_gives_the_same_rules(rules: PlanRules) -> None:
    again = parse_plan(rules.source, "another-name.toml")
    assert again == rules
    assert again.digest == rules.digest


def test_digests_differ_between_versions_and_ignore_layout() -> None:
    assert len({rules.digest for rules in SHIPPED.values()}) == len(SHIPPED)
    without_comments = "\r\n".join(line for line in XHB_2019.source.splitlines() if not line.startswith("#"))
    assert parse_plan(without_comments, "bare.toml").digest == XHB_2019.digest


@every_version
def test_no_text_is_left_in_one_language(rules: PlanRules) -> None:
    texts = [rules.title, rules.summary, rules.sponsor.name]
    texts += [item.text for item in (*rules.covered, *rules.excluded, *rules.reason_codes)]
    texts += [item.title for item in (*rules.covered, *rules.excluded)]
    texts += [item.text for item in (*rules.join.health_questions, *rules.opinions.questions)]
    for text in texts:
        assert text.en.isascii(), text.en
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh), text.zh
        assert text.in_language("zh-hans") == text.zh
        assert text.in_language("en-gb") == text.in_language(None) == text.en
