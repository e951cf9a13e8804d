"""docs/money.md calculates as the service does."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocation.rules.explaining import ArithmeticLine, explain
from allocation.rules.ledger import Account
from allocation.rules.shares import AidedClaim, Cohort, PeriodTerms, allocate, terms_of
from members.rules.money import format_minor
from members.rules.plans import parse_plan
from tests.members.rules.plan_files import FOLDER

PAGE = (Path(__file__).parents[2] / "docs" / "money.md").read_text(encoding="utf-8")
HELP_PAGE = allocate([AidedClaim("all", 30_000_000, 800, 100)], [Cohort("all", 5_000_000)], PeriodTerms(10, 18_800), 0)
MAY_2019 = allocate(
    [AidedClaim("severe", 30_000_000, 1000, 14), AidedClaim("older", 10_000_000, 1000, 2)],
    [Cohort("all", 3_876_000)],
    PeriodTerms(10),
    0,
)


@pytest.mark.parametrize("line", explain(HELP_PAGE), ids=lambda line: line.symbol)
def test_the_example_is_the_help_pages(line: ArithmeticLine) -> None:
    assert line.expression in PAGE
    if line.symbol.isalpha():
        rows = [row for row in PAGE.splitlines() if row.startswith(f"| `{line.symbol}` |") and line.expression in row]
        assert len(rows) == 1
        assert f"| {format_minor(line.amount_minor, 'CNY', 2)} |" in rows[0]


def test_the_left_over_fen_are_those_of_may_2019() -> None:
    lines = {line.symbol: line for line in explain(MAY_2019)}
    assert lines["A"].expression in PAGE
    for symbol in ("h", "S_out"):
        line = lines[symbol]
        (row,) = [row for row in PAGE.splitlines() if row.strip().startswith(f"{symbol} = {line.expression}")]
        assert row.endswith(format_minor(line.amount_minor, "CNY", 2))


def test_the_larger_unit_is_that_of_the_example_plan() -> None:
    rules = parse_plan((FOLDER / "examples" / "craft-berlin-2024-01-01.toml").read_text(encoding="utf-8"), "craft.toml")
    period = allocate([AidedClaim("one", 150_000, rules.fee_bp)], [Cohort("all", 21)], terms_of(rules), 0)
    lines = {line.symbol: line for line in explain(period, currency="EUR")}
    for symbol in ("h", "S_out"):
        (row,) = [row for row in PAGE.splitlines() if row.strip().startswith(f"{symbol} = {lines[symbol].expression}")]
        assert row.endswith(format_minor(lines[symbol].amount_minor, "EUR", 2))


def test_every_account_is_described() -> None:
    for account in Account:
        assert f"| `{account}` |" in PAGE
