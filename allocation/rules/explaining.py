"""A period's money as lines of arithmetic that a person can check with a pencil. Data, no layout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from allocation.rules.shares import Allocation, ClaimLine
from members.rules.money import format_minor
from members.rules.plans import Text

MORE_DIGITS = 4


@dataclass(frozen=True, slots=True)
class ArithmeticLine:
    """One step: the symbol of the rules, what it is, how it is calculated, and the result in minor units.

    `borne_by` says who pays, if the line is about that: `members` or `sponsor`; otherwise it is empty.
    """

    symbol: str
    label: Text
    expression: str
    amount_minor: int
    borne_by: str = ""


@dataclass(frozen=True, slots=True)
class _Writer:
    """How amounts and counts are written in one language and currency."""

    money: Callable[[int], str]
    is_chinese: bool

    def count(self, number: int) -> str:
        return f"{number:,}"

    def rate(self, fee_bp: int) -> str:
        """Basis points as a percentage: 800 is 8%."""
        whole, rest = divmod(fee_bp, 100)
        return f"{whole}%" if rest == 0 else f"{whole}.{rest:02d}".rstrip("0") + "%"

    def word(self, en: str, zh: str) -> str:
        return zh if self.is_chinese else en


def explain(
    allocation: Allocation, language: str = "en", *, currency: str = "CNY", exponent: int = 2
) -> list[ArithmeticLine]:
    """The arithmetic of a period from the aid to the equation that must hold, in the order of calculation.

    `language` and the currency decide how the expressions are written; each label is there in both languages.
    Steps that change nothing (no surplus, no cap reached, no gift) are left out. Symbols as in docs/money.md.
    """
    writer = _Writer(lambda minor: format_minor(minor, currency, exponent, language), language.lower().startswith("zh"))
    if allocation.is_waiting:
        return [_waiting(allocation, writer)]
    return [*_bill(allocation, writer), *_share(allocation, writer, exponent), *_payers(allocation, writer)]


def _waiting(allocation: Allocation, writer: _Writer) -> ArithmeticLine:
    waiting = allocation.waiting
    return ArithmeticLine(
        "N",
        Text(
            "No members were counted, so the claims wait for the next notice", "未计入任何成员，互助申请等待下一期公示"
        ),
        " + ".join(writer.money(claim.aid_minor * claim.count) for claim in waiting),
        sum(claim.aid_minor * claim.count for claim in waiting),
    )


def _grouped(lines: tuple[ClaimLine, ...], key: Callable[[ClaimLine], str]) -> str:
    """Equal terms taken together: `14 × 300,000.00 + 2 × 100,000.00`."""
    terms: Counter[str] = Counter()
    for line in lines:
        terms[key(line)] += line.claim.count
    return " + ".join(term if times == 1 else f"{times:,} × {term}" for term, times in terms.items() if times) or "0"


def _bill(allocation: Allocation, writer: _Writer) -> Iterator[ArithmeticLine]:
    """From the aid to what the members are billed: A, F, K, B."""
    money, lines = writer.money, allocation.claims
    yield ArithmeticLine(
        "A", Text("Aid", "互助金"), _grouped(lines, lambda line: money(line.aid_minor)), allocation.aid_minor
    )
    yield ArithmeticLine(
        "F",
        Text("Management fee, rounded up for each claim", "管理费（逐案向上取整）"),
        _grouped(lines, lambda line: f"({money(line.aid_minor)} × {writer.rate(line.claim.fee_bp)})"),
        allocation.fee_minor,
    )
    total_minor = allocation.aid_minor + allocation.fee_minor
    if allocation.terms.has_ended and not allocation.members:
        yield ArithmeticLine(
            "K",
            Text("The plan has ended: borne by the sponsor", "计划已终止，由发起方承担"),
            f"{money(allocation.aid_minor)} + {money(allocation.fee_minor)}",
            allocation.case_cap_excess_minor,
            "sponsor",
        )
    elif allocation.case_cap_excess_minor:
        cap_minor = allocation.terms.case_cap_minor_per_head or 0
        limit = f"{money(cap_minor)} × {writer.count(allocation.members)} = {money(cap_minor * allocation.members)}"
        over = tuple(line for line in lines if line.case_cap_excess_minor)
        excess = _grouped(over, lambda line: f"({money(line.aid_minor + line.fee_minor)} − {money(line.billed_minor)})")
        yield ArithmeticLine(
            "K",
            Text(
                "Above the cap of each case, borne by the sponsor",
                "超出单案封顶、由发起方承担的部分",
            ),
            f"{excess}  [{writer.word('at most', '单案最多')} {limit}]",
            allocation.case_cap_excess_minor,
            "sponsor",
        )
    terms = f"{money(allocation.aid_minor)} + {money(allocation.fee_minor)}"
    if allocation.billed_minor != total_minor:
        terms += f" − {money(allocation.case_cap_excess_minor)}"
    yield ArithmeticLine("B", Text("To be shared by the members", "由成员分摊的合计"), terms, allocation.billed_minor)


def _share(allocation: Allocation, writer: _Writer, exponent: int) -> Iterator[ArithmeticLine]:
    """From the bill to the share of one member and the surplus left: h, S_out."""
    money, members = writer.money, allocation.members
    to_share_minor = max(0, allocation.billed_minor - allocation.surplus_in_minor)
    dividend = money(allocation.billed_minor)
    if allocation.surplus_in_minor:
        dividend = f"({dividend} − {money(allocation.surplus_in_minor)})"
    unit_minor = allocation.terms.share_unit_minor
    if members == 0:
        expression = writer.word("no members are left to share", "无成员参与分摊")
    elif to_share_minor == 0:
        expression = f"{dividend} ≤ 0" if allocation.surplus_in_minor else f"{dividend} ÷ {writer.count(members)}"
    else:
        expression = f"{dividend} ÷ {writer.count(members)}"
        if to_share_minor % (members * unit_minor):
            quotient = _truncated(to_share_minor, members, exponent)
            expression += f" = {quotient}{writer.word(', ', '，')}{_rounding(writer, unit_minor)}"
    yield ArithmeticLine("h", Text("Share of each member", "每位成员的分摊金"), expression, allocation.per_head_minor)
    if allocation.surplus_in_minor or allocation.surplus_out_minor:
        paid = f"{money(allocation.per_head_minor)} × {writer.count(members)} − {money(allocation.billed_minor)}"
        before = f"{money(allocation.surplus_in_minor)} + " if allocation.surplus_in_minor else ""
        yield ArithmeticLine(
            "S_out",
            Text("Surplus, for the next period", "结余，转入下一期"),
            before + paid,
            allocation.surplus_out_minor,
        )


def _truncated(dividend_minor: int, divisor: int, exponent: int) -> str:
    """The quotient in major units with some digits more than the currency has, truncated.

    Never rounded: a reader must see that the share is the next unit above it.
    """
    places = exponent + MORE_DIGITS
    cut, left = divmod(dividend_minor * 10**MORE_DIGITS, divisor)
    units, rest = divmod(cut, 10**places)
    return f"{units:,}.{rest:0{places}d}{'…' if left else ''}"


def _rounding(writer: _Writer, unit_minor: int) -> str:
    """How the quotient becomes a share: rounded up, and to which unit if that is not the smallest coin."""
    if unit_minor == 1:
        return writer.word("rounded up", "向上取整")
    unit = writer.money(unit_minor)
    return writer.word(f"rounded up to whole units of {unit}", f"按 {unit} 的整数倍向上取整")


def _payers(allocation: Allocation, writer: _Writer) -> Iterator[ArithmeticLine]:
    """Who pays: C, G, Y, and the equation that must hold."""
    money = writer.money
    each: Counter[int] = Counter()
    for line in allocation.cohorts:
        if not line.is_gifted and line.members:
            each[line.per_member_minor] += line.members
    yield ArithmeticLine(
        "C",
        Text("Charged to the members", "向成员收取的合计"),
        " + ".join(f"{writer.count(count)} × {money(pays)}" for pays, count in sorted(each.items(), reverse=True))
        or "0",
        allocation.charged_minor,
        "members",
    )
    gifted = sum(line.members for line in allocation.cohorts if line.is_gifted)
    if allocation.gift_minor:
        yield ArithmeticLine(
            "G",
            Text("Shares of gifted members, borne by the sponsor", "赠送成员的分摊金，由发起方承担"),
            f"{writer.count(gifted)} × {money(allocation.per_head_minor)}",
            allocation.gift_minor,
            "sponsor",
        )
    if allocation.year_cap_shortfall_minor:
        over = [line for line in allocation.cohorts if line.year_cap_shortfall_minor]
        yield ArithmeticLine(
            "Y",
            Text("Above the cap of the calendar year, borne by the sponsor", "超出年度封顶、由发起方承担的部分"),
            " + ".join(
                f"{writer.count(line.members)} × ({money(line.per_head_minor)} − {money(line.per_member_minor)})"
                for line in over
            ),
            allocation.year_cap_shortfall_minor,
            "sponsor",
        )
    income = f"{money(allocation.charged_minor)} + {money(allocation.sponsor_minor)}"
    outgo = f"{money(allocation.aid_minor)} + {money(allocation.fee_minor)} + {money(allocation.surplus_out_minor)}"
    yield ArithmeticLine(
        "C + G + Y + K = A + F + S_out − S",
        Text(
            "It adds up: members and sponsor = aid, fee and what the surplus gained",
            "收支相符：成员与发起方所付 = 互助金、管理费与结余变动",
        ),
        f"{income} = {outgo} − {money(allocation.surplus_in_minor)}",
        allocation.income_minor,
    )
