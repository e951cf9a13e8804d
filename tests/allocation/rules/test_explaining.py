"""Every line that is shown to a person can be recalculated from its text."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation.rules.explaining import ArithmeticLine, explain
from allocation.rules.shares import AidedClaim, Allocation, Cohort, PeriodTerms, allocate

HELP_PAGE = allocate(
    [AidedClaim(str(number), 30_000_000, 800) for number in range(100)],
    [Cohort("all", 5_000_000)],
    PeriodTerms(10, 18_800),
    0,
)
EVERYTHING = allocate(
    [AidedClaim("a", 100_000, 825), AidedClaim("b", 10_001, 825), AidedClaim("c", 100_000, 825)],
    [Cohort("old", 3, year_to_date_minor=18_700), Cohort("new", 1_000), Cohort("gift", 7, is_gifted=True)],
    PeriodTerms(100, 18_800),
    1_999,
)


def by_symbol(period: Allocation, language: str = "en") -> dict[str, ArithmeticLine]:
    lines = explain(period, language)
    assert len({line.symbol for line in lines}) == len(lines)
    return {line.symbol: line for line in lines}


def test_the_help_page_example_reads_as_on_the_help_page() -> None:
    assert [(line.symbol, line.expression, line.amount_minor) for line in explain(HELP_PAGE)] == [
        ("A", "100 × ¥300,000.00", 3_000_000_000),
        ("F", "100 × (¥300,000.00 × 8%)", 240_000_000),
        ("B", "¥30,000,000.00 + ¥2,400,000.00", 3_240_000_000),
        ("h", "¥32,400,000.00 ÷ 5,000,000", 648),
        ("C", "5,000,000 × ¥6.48", 3_240_000_000),
        (
            "C + G + Y + K = A + F + S_out − S",
            "¥32,400,000.00 + ¥0.00 = ¥30,000,000.00 + ¥2,400,000.00 + ¥0.00 − ¥0.00",
            3_240_000_000,
        ),
    ]


def test_chinese_readers_get_their_own_units_and_words() -> None:
    lines = by_symbol(EVERYTHING, "zh-hans")
    assert lines["h"].label.zh == "每位成员的分摊金"
    assert "向上取整" in lines["h"].expression
    assert lines["A"].expression == "2 × 1,000.00 元 + 100.01 元"


def test_every_step_that_changes_something_is_there_and_says_who_bears_it() -> None:
    lines = by_symbol(EVERYTHING)
    assert list(lines) == ["A", "F", "K", "B", "h", "S_out", "C", "G", "Y", "C + G + Y + K = A + F + S_out − S"]
    assert {symbol for symbol, line in lines.items() if line.borne_by == "sponsor"} == {"K", "G", "Y"}
    assert lines["F"].expression == "2 × (¥1,000.00 × 8.25%) + (¥100.01 × 8.25%)"
    assert lines["K"].expression.endswith("[at most ¥1.00 × 1,010 = ¥1,010.00]")


@pytest.mark.parametrize(
    ("symbol", "english", "chinese", "borne_by"),
    [
        ("A", "Aid", "互助金", ""),
        ("F", "Management fee, rounded up for each claim", "管理费（逐案向上取整）", ""),
        ("K", "Above the cap of each case, borne by the sponsor", "超出单案封顶、由发起方承担的部分", "sponsor"),
        ("B", "To be shared by the members", "由成员分摊的合计", ""),
        ("h", "Share of each member", "每位成员的分摊金", ""),
        ("S_out", "Surplus, for the next period", "结余，转入下一期", ""),
        ("C", "Charged to the members", "向成员收取的合计", "members"),
        ("G", "Shares of gifted members, borne by the sponsor", "赠送成员的分摊金，由发起方承担", "sponsor"),
        (
            "Y",
            "Above the cap of the calendar year, borne by the sponsor",
            "超出年度封顶、由发起方承担的部分",
            "sponsor",
        ),
        (
            "C + G + Y + K = A + F + S_out − S",
            "It adds up: members and sponsor = aid, fee and what the surplus gained",
            "收支相符：成员与发起方所付 = 互助金、管理费与结余变动",
            "",
        ),
    ],
)
def test_a_step_is_named_in_both_languages(symbol: str, english: str, chinese: str, borne_by: str) -> None:
    line = by_symbol(EVERYTHING)[symbol]
    assert (line.label.en, line.label.zh, line.borne_by) == (english, chinese, borne_by)


@pytest.mark.parametrize(
    ("symbol", "english", "chinese"),
    [
        (
            "K",
            "2 × (¥1,082.50 − ¥1,010.00)  [at most ¥1.00 × 1,010 = ¥1,010.00]",
            "2 × (1,082.50 元 − 1,010.00 元)  [单案最多 1.00 元 × 1,010 = 1,010.00 元]",
        ),
        ("B", "¥2,100.01 + ¥173.26 − ¥145.00", "2,100.01 元 + 173.26 元 − 145.00 元"),
        (
            "h",
            "(¥2,128.27 − ¥19.99) ÷ 1,010 = 2.087405…, rounded up",
            "(2,128.27 元 − 19.99 元) ÷ 1,010 = 2.087405…，向上取整",
        ),
        ("S_out", "¥19.99 + ¥2.09 × 1,010 − ¥2,128.27", "19.99 元 + 2.09 元 × 1,010 − 2,128.27 元"),
        ("C", "1,000 × ¥2.09 + 3 × ¥1.00", "1,000 × 2.09 元 + 3 × 1.00 元"),
        ("G", "7 × ¥2.09", "7 × 2.09 元"),
        ("Y", "3 × (¥2.09 − ¥1.00)", "3 × (2.09 元 − 1.00 元)"),
    ],
)
def test_a_step_is_written_in_both_languages(symbol: str, english: str, chinese: str) -> None:
    written = [by_symbol(EVERYTHING, language)[symbol].expression for language in ("en", "zh-hans")]
    assert written == [english, chinese]


def test_of_a_plan_that_has_ended_the_sponsor_bears_all() -> None:
    ended = allocate([AidedClaim("a", 100_000, 800)], [], PeriodTerms(has_ended=True), 0)
    line = by_symbol(ended)["K"]
    assert (line.label.en, line.label.zh) == ("The plan has ended: borne by the sponsor", "计划已终止，由发起方承担")
    assert (line.expression, line.amount_minor, line.borne_by) == ("¥1,000.00 + ¥80.00", 108_000, "sponsor")
    assert by_symbol(ended, "zh-hans")["h"].expression == "无成员参与分摊"


def test_a_plan_that_ends_while_members_are_left_is_explained_like_any_other() -> None:
    terms = PeriodTerms(case_cap_minor_per_head=100, has_ended=True)
    line = by_symbol(allocate([AidedClaim("a", 500, 0)], [Cohort("all", 2)], terms, 0))["K"]
    assert line.label.en == "Above the cap of each case, borne by the sponsor"


@pytest.mark.parametrize(
    ("language", "expression"),
    [
        ("en", "¥3.33 ÷ 2 = 1.665000, rounded up to whole units of ¥1.00"),
        ("zh-hans", "3.33 元 ÷ 2 = 1.665000，按 1.00 元 的整数倍向上取整"),
    ],
)
def test_the_unit_of_a_plan_is_said_where_it_is_not_the_smallest_coin(language: str, expression: str) -> None:
    period = allocate([AidedClaim("a", 333, 0)], [Cohort("all", 2)], PeriodTerms(share_unit_minor=100), 0)
    assert by_symbol(period, language)["h"].expression == expression


def test_a_quotient_is_cut_off_before_it_is_rounded_up() -> None:
    period = allocate([AidedClaim("a", 484_000_000, 0)], [Cohort("all", 3_876_000)], PeriodTerms(), 0)
    assert by_symbol(period)["h"].expression == "¥4,840,000.00 ÷ 3,876,000 = 1.248710…, rounded up"


def test_an_old_surplus_that_covers_everything_says_so() -> None:
    period = allocate([AidedClaim("a", 5, 0)], [Cohort("all", 2)], PeriodTerms(), 9)
    assert (by_symbol(period)["h"].expression, by_symbol(period)["S_out"].amount_minor) == ("(¥0.05 − ¥0.09) ≤ 0", 4)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_claims_that_wait_say_why(language: str) -> None:
    claims = [AidedClaim("a", 500, 800, count=2), AidedClaim("b", 100, 800)]
    (line,) = explain(allocate(claims, [], PeriodTerms(), 0), language)
    assert (line.symbol, line.amount_minor) == ("N", 1_100)
    assert line.expression == {"en": "¥10.00 + ¥1.00", "zh-hans": "10.00 元 + 1.00 元"}[language]
    assert line.label.en == "No members were counted, so the claims wait for the next notice"
    assert line.label.zh == "未计入任何成员，互助申请等待下一期公示"


def test_a_period_of_nobody_and_nothing_is_explained_too() -> None:
    assert by_symbol(allocate([], [], PeriodTerms(), 0))["h"].expression == "no members are left to share"


def evaluate(expression: str) -> Decimal:
    """The value of an expression as a reader with a pencil would find it."""
    plain = expression.split("[")[0].split("=")[0].replace("¥", "").replace(",", "")
    tokens = re.sub(r"([0-9.]+)%", r"(\1/Decimal(100))", plain).replace("×", "*").replace("−", "-").replace("÷", "/")
    return Decimal(
        eval(  # the text is our own
            re.sub(r"(?<![\w(])([0-9.]+)|(?<=\()([0-9.]+)", r"Decimal('\1\2')", tokens)
        )
    )


@given(
    st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 3)), max_size=4),
    st.lists(st.tuples(st.integers(0, 2_000), st.booleans(), st.integers(0, 20_000)), min_size=1, max_size=4),
    st.builds(PeriodTerms, st.none() | st.integers(0, 100), st.none() | st.integers(0, 20_000)),
    st.integers(0, 10**6),
)
def test_a_pencil_gets_the_same(
    claims: list[tuple[int, int]], cohorts: list[tuple[int, bool, int]], terms: PeriodTerms, surplus: int
) -> None:
    period = allocate(
        [AidedClaim(str(number), aid, 800, count) for number, (aid, count) in enumerate(claims)],
        [Cohort(str(number), *row) for number, row in enumerate(cohorts)],
        terms,
        surplus,
    )
    if period.members == 0:
        return
    lines = by_symbol(period)
    for symbol in lines.keys() & {"A", "K", "B", "S_out", "C", "G", "Y"}:
        assert evaluate(lines[symbol].expression) * 100 == lines[symbol].amount_minor, lines[symbol]
    fee = evaluate(lines["F"].expression) * 100
    assert fee <= lines["F"].amount_minor < fee + max(1, sum(count for _, count in claims))
    balance = lines["C + G + Y + K = A + F + S_out − S"]
    left, right = balance.expression.split(" = ")
    assert evaluate(left) == evaluate(right)
    assert evaluate(left) * 100 == balance.amount_minor
