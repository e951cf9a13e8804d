"""A plan file that is wrong is refused with file, key, problem and what is allowed."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.utils import translation

from members.errors.plans import PlanFileInvalid
from members.rules.plans import parse_plan

from .plan_files import SHIPPED, XHB_2019, XHB_2020, changed, parsed


@pytest.mark.parametrize(
    ("old", "new", "key", "allowed"),
    [
        ('code = "xhb"', 'code = "Xhb!"', "code", "xhb"),
        ('version = "2020-01-01"', 'version = "two"', "version", "2019-01-01"),
        ("starts_at = 2020-01-01T00:00:00", "starts_at = 2020-01-01T00:00:00Z", "starts_at", "2018-11-27T12:00:00"),
        ("starts_at = 2020-01-01T00:00:00", "starts_at = 2020-01-01", "starts_at", "time zone"),
        ('timezone = "Asia/Shanghai"', 'timezone = "Asia/Peking"', "timezone", "Asia/Shanghai"),
        ("currency_exponent = 2", "currency_exponent = true", "currency_exponent", "0 to 4"),
        ('fee = "8 %"', "fee = 0.08", "money.fee", "8 %"),
        ('fee = "8 %"', 'fee = "100.01 %"', "money.fee", "percentage"),
        ('fee = "8 %"', 'fe = "8 %"', "money.fee", "required"),
        ('fee = "8 %"', 'fee = "8 %"\nextra = 1', "money.extra", "case_cap_per_head, fee"),
        ('case_cap_per_head = "0.10"', "case_cap_per_head = 0.10", "money.case_cap_per_head", "in quotes"),
        ('case_cap_per_head = "0.10"', 'case_cap_per_head = "0.105"', "money.case_cap_per_head", "above zero"),
        ('case_cap_per_head = "0.10"', 'case_cap_per_head = "0"', "money.case_cap_per_head", "above zero"),
        ('share_unit = "0.01"', "share_unit = 0.01", "money.share_unit", "in quotes"),
        ('share_unit = "0.01"', 'share_unit = "0.001"', "money.share_unit", "above zero"),
        ('share_unit = "0.01"', 'share_unit = "1000.01"', "money.share_unit", "at most 1000 whole units"),
        ('share_unit = "0.01"\n', "", "money.share_unit", "required"),
        ('share_rounding = "up"', 'share_rounding = "nearest"', "money.share_rounding", "could fall short of the aid"),
        ('"gifts", ', '"presents", ', "sponsor.bears", "case_cap_excess, annual_cap_excess, gifts"),
        ('bears = ["case_cap_excess", ', "bears = [", "sponsor.bears", "nobody else can, and no later period"),
        ('"gifts", ', '"refunds", ', "sponsor.bears", "each once"),
        (', "after_dissolution"', "", "sponsor.bears", "“after_dissolution” among"),
        ('"refunds", ', "", "sponsor.bears", "“refunds” among"),
        ('then = "continues"', 'then = "ends"', "dissolution.then", "dissolves, continues, none"),
        ('then = "continues"', 'then = "none"', "dissolution.then", "what follows"),
        ("below_members = 3_300_000", 'below_members = "none"', "dissolution.then", "otherwise “none”"),
        ('then = "continues"', 'then = "dissolves"', "dissolution.cover_months", "otherwise “none”"),
        ("cover_months = 12", 'cover_months = "none"', "dissolution.cover_months", "months if"),
        ("cover_months = 12", "cover_months = 121", "dissolution.cover_months", "1 to 120"),
        ('surplus_to = "members"', 'surplus_to = "bank"', "dissolution.surplus_to", "members, sponsor, charity"),
        ('surplus_to = "members"', 'surplus_to = "charity"', "dissolution.charity", "its name"),
        (
            'charity = "none"',
            'charity = { en = "Red Cross", zh = "红十字会" }',
            "dissolution.charity",
            "otherwise “none”",
        ),
        ('charity = "none"', 'charity = "Red Cross"', "dissolution.charity", "both languages"),
        ('name = { en = "The operator of Xiang Hu Bao", zh = "相互宝运营方" }', "", "sponsor.name", "required"),
        ("ages = [40, 59]", "ages = [39, 59]", "aid[1]", "one amount"),
        ("ages = [40, 59]", "ages = [59, 40]", "aid[2].ages", "[0, 39]"),
        ('severity = "mild"', 'severity = "light"', "aid[3].severity", "mild, severe"),
        ("days = 90\n", "days = -1\n", "waiting.days", "0 to 3650"),
        ("suspected_tumour_days = 90", "suspected_tumour_days = 0", "waiting.suspected_tumour_days", "1 to 3650"),
        ("accident_is_exempt = true", 'accident_is_exempt = "yes"', "waiting.accident_is_exempt", "true, false"),
        ('allowed_answer = "no"', 'allowed_answer = "maybe"', "joining.health_questions[1].allowed_answer", "yes, no"),
        ('plan = "xhb-mutual"', 'plan = "xhb"', "joining.from[1].plan", "another plan"),
        ('plan = "xhb-mutual"', 'plan = "Mutual!"', "joining.from[1].plan", "xhb"),
        ('plan = "xhb-mutual"\n', "", "joining.from[1].plan", "required"),
        ('kind = "upgrade"', 'kind = "swap"', "joining.from[1].kind", "upgrade, transfer"),
        ("ages = [0, 59]", "ages = [59, 0]", "joining.from[1].ages", "[0, 39]"),
        ("ages = [0, 59]", "ages = [0, 151]", "joining.from[1].ages", "0 to 150"),
        ("counts_wait = true", 'counts_wait = "yes"', "joining.from[1].counts_wait", "true, false"),
        ("counts_wait = true", "counts_wait = true\nfee = 1", "joining.from[1].fee", "asks_health_statement, "),
        (
            "asks_health_statement = false",
            "asks_health_statement = 0",
            "joining.from[1].asks_health_statement",
            "true, false",
        ),
        ("notice_days = [7, 21]", "notice_days = [7, 31]", "calendar.notice_days", "1 to 28"),
        ("notice_days = [7, 21]", "notice_days = [21, 7]", "calendar.notice_days", "in order"),
        ("charge_days = [14, 28]", "charge_days = [14]", "calendar.charge_days", "each notice day"),
        ("charge_days = [14, 28]", "charge_days = [14, 7]", "calendar.charge_days", "other days"),
        ("seats = 7", "seats = 8", "jury.seats", "odd"),
        ("fresh_seats = 15", "fresh_seats = 13", "jury.fresh_seats", "15"),
        ("quorum = 5", "quorum = 8", "jury.quorum", "1 to 7"),
        ('bench = "drawn"', 'bench = "best"', "jury.bench", "drawn, open"),
        ("min_age_years = 18", "min_age_years = 16", "jury.min_age_years", "18 to"),
        ('"thin_margin", ', '"thin", ', "opinions.triggers", "medical_flags"),
        ('"thin_margin", ', '"aid_above", ', "opinions.aid_above", "none"),
        (
            'support = { confirmed = "approved"',
            'support = { confirmed = "paid"',
            "decision_table.support.confirmed",
            "approved, rejected",
        ),
        ("hung = {", "hanged = {", "decision_table.hung", "required"),
        ('icd10 = ["I21-I22"]', 'icd10 = ["I22-I21"]', "covered[3].icd10", "C00-C97"),
        ('icd10 = ["I21-I22"]', 'icd10 = ["G30"]', "covered", "one condition only"),
        ('icd10 = ["I21-I22"]', "icd10 = []", "covered[3].icd10", "at least 1"),
        ('code = "stroke"', 'code = "organ_transplant"', "covered[5].code", "once"),
        ('code = "waiting_period"', 'code = "waiting"', "reasons", "every clause"),
        ('for = ["approved"]', 'for = ["support"]', "reasons[1].for", "approved, rejected"),
        ('title = { en = "Xiang Hu Bao", zh = "相互宝" }', 'title = "Xiang Hu Bao"', "title", "[title]"),
        (
            'title = { en = "Xiang Hu Bao", zh = "相互宝" }',
            'title = { en = "Xiang Hu Bao", zh = " " }',
            "title.zh",
            "text",
        ),
        ("[[excluded]]", "[[excludes]]", "excludes", "excluded"),
        # What no column and no page could hold.
        ('code = "xhb"', f'code = "x{"h" * 40}"', "code", "at most 40 characters"),
        ('zh = "相互宝" }', f'zh = "{"宝" * 121}" }}', "title.zh", "at most 120 characters"),
        ('en = "Xiang Hu Bao"', 'en = "Xiang\\u0000Bao"', "title.en", "text in quotes"),
        ('amount = "300,000"', f'amount = "{"9" * 16}"', "aid[1].amount", "15 digits"),
        ("starts_at = 2020-01-01T00:00:00", "starts_at = 0001-01-01T00:00:00", "starts_at", "time zone"),
        ("grace_days = 14", f"grace_days = 0x{'f' * 9000}", "arrears.grace_days", "0 to 365"),
    ],
)
def test_a_wrong_value_is_named(old: str, new: str, key: str, allowed: str) -> None:
    with pytest.raises(PlanFileInvalid) as caught:
        parsed(changed(old, new))
    with translation.override("en"):
        assert caught.value.key == key
        assert allowed in str(caught.value.allowed)
        assert "test.toml" in str(caught.value)
        assert key in str(caught.value)


@pytest.mark.parametrize(
    "table", ["[money]", "[waiting]", "[jury]", "[decision_table]", "[calendar]", "[sponsor]", "[dissolution]"]
)
def test_nothing_is_decided_by_leaving_it_out(table: str) -> None:
    with pytest.raises(PlanFileInvalid) as caught:
        parsed(changed(table, "[something_else]"))
    assert caught.value.key == table.strip("[]")


def test_text_that_is_no_toml_is_named() -> None:
    with pytest.raises(PlanFileInvalid) as caught:
        parsed("code = xhb")
    with translation.override("en"):
        assert "test.toml is not TOML" in str(caught.value)


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a = " + "[" * 5000, "a = 1979-99-99"])
def test_text_that_python_cannot_read_is_named(text: str) -> None:
    with pytest.raises(PlanFileInvalid) as caught:
        parsed(text)
    with translation.override("en"):
        assert str(caught.value).startswith("test.toml is not TOML: ")


@pytest.mark.parametrize("key", ['""', '"["', '"]"', '"."', '"a.b["', '"\\n"', "'x'"])
def test_a_key_of_any_letters_is_refused_at_its_line(key: str) -> None:
    with pytest.raises(PlanFileInvalid) as caught:
        parsed(changed("[arrears]\n", f"[arrears]\n{key} = 1\n"))
    assert caught.value.line is not None
    assert XHB_2020.source.splitlines()[caught.value.line - 1] in {
        "[arrears]",
        "# Failed charges are retried for so long, then the membership ends. The real length is not known.",
    }


def test_a_version_published_before_a_key_came_is_read_as_it_was_meant() -> None:
    """Its file says nothing of units, sponsor and what follows; a file that is published now must."""
    old = re.sub(r"# A share is charged.*?\n\n# Age in", "\n# Age in", XHB_2019.source, flags=re.S)
    old = re.sub(r"then = .*?charity = .none.\n", "", old, flags=re.S)
    with pytest.raises(PlanFileInvalid) as caught:
        parse_plan(old, "old.toml")
    assert {problem.key for problem in caught.value.problems} == {
        "money.share_unit",
        "money.share_rounding",
        "money.free_joined_before",
        "money.free_until",
        "sponsor",
        "dissolution.then",
        "dissolution.cover_months",
        "dissolution.surplus_to",
        "dissolution.charity",
    }
    rules = parse_plan(old, "old.toml", is_published=True)
    named = replace(
        rules,
        sponsor=replace(rules.sponsor, name=XHB_2019.sponsor.name),
        free_joined_before=XHB_2019.free_joined_before,
        free_until=XHB_2019.free_until,
    )
    assert named == XHB_2019
    assert rules.source == old


def test_what_a_published_version_says_itself_stays() -> None:
    for rules in SHIPPED.values():
        assert parse_plan(rules.source, "new.toml", is_published=True) == rules


@pytest.mark.parametrize("text", ["", "[aid]\n", "aid = 3\n"])
def test_a_file_without_its_tables_is_refused(text: str) -> None:
    with pytest.raises(PlanFileInvalid):
        parsed(text)


def test_an_amount_above_which_opinions_are_asked() -> None:
    text = changed('"thin_margin", ', '"aid_above", ').replace('aid_above = "none"', 'aid_above = "100,000"')
    assert parsed(text).opinions.aid_above_minor == 10_000_000


def test_a_plan_without_opinions_needs_no_questions() -> None:
    head, _, tail = XHB_2019.source.partition("[[opinions.questions]]")
    tail = tail[tail.index("# What follows from the jury's verdict") :]
    text = head.replace('triggers = ["opposes_investigator", "thin_margin", "hung", "medical_flags"]', "triggers = []")
    assert parsed(text + tail).opinions.questions == ()


def test_an_open_bench_may_need_more_ballots_than_a_panel_has_seats() -> None:
    text = changed('bench = "drawn"', 'bench = "open"').replace("quorum = 5", "quorum = 1000")
    rules = parse_plan(text, "test.toml", is_published=True)
    assert rules.jury.quorum == 1000
    assert rules.jury.fresh_quorum == 8


def test_a_bench_that_cannot_be_held_is_not_published() -> None:
    with pytest.raises(PlanFileInvalid, match="a vote of every qualified juror cannot be held yet") as told:
        parsed(changed('bench = "drawn"', 'bench = "open"'))
    assert told.value.key == "jury.bench"
    assert told.value.line


WAY_IN = """
[[joining.from]]
plan = "xhb-mutual"
kind = "upgrade"
ages = [0, 59]
asks_health_statement = false
counts_wait = true
"""


def test_a_plan_is_moved_from_in_one_way_only() -> None:
    with pytest.raises(PlanFileInvalid) as caught:
        parsed(changed("\n[waiting]\n", WAY_IN + "\n[waiting]\n"))
    assert caught.value.key == "joining.from[2].plan"
    assert "each code once" in str(caught.value)


def test_the_ways_in_may_be_left_out() -> None:
    assert parsed(changed(WAY_IN, "\n")).join.ways_in == ()


def test_health_is_asked_again_only_where_it_is_asked_at_all() -> None:
    text = changed("asks_health_statement = false", "asks_health_statement = true")
    begin, end = text.index("[[joining.health_questions]]"), text.index("# Members of the first plan")
    with pytest.raises(PlanFileInvalid) as caught:
        parsed(text[:begin] + text[end:])
    assert caught.value.key == "joining.from[1].asks_health_statement"
