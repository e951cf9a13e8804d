"""The words that pages use for accounts, postings, cohorts and figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allocation.models import PaymentAttempt
from allocation.rules.cohorts import CohortKey
from allocation.rules.shares import Allocation
from members.models import Plan
from members.templatetags.money import money
from pages.words import day

Word = str | Promise

ACCOUNTS: dict[str, Word] = {
    "cash": gettext_lazy("Money in the bank"),
    "members_receivable": gettext_lazy("Shares that members still owe"),
    "sponsor_receivable": gettext_lazy("What the sponsor bears"),
    "aid_payable": gettext_lazy("Aid still to be paid"),
    "fee_payable": gettext_lazy("Fee not drawn yet"),
    "members_payable": gettext_lazy("Surplus owed to the members of a plan that has ended"),
    "charity_payable": gettext_lazy("Surplus owed to a charity"),
    "surplus": gettext_lazy("The members' surplus"),
}
ACTS: dict[str, Word] = {
    "charge": gettext_lazy("Charge of a period"),
    "collection": gettext_lazy("Shares collected"),
    "payout": gettext_lazy("Aid paid"),
    "end": gettext_lazy("Surplus distributed at the plan's end"),
    "failed_collection": gettext_lazy("Shares whose collection failed"),
    "paid_later": gettext_lazy("A share paid later"),
    "write_off": gettext_lazy("A share written off: the sponsor bears it"),
    "refund": gettext_lazy("Refund of an illness inside the waiting period"),
}
REFERENCES: dict[str, Word] = {
    "gifts": gettext_lazy("shares of gifted members"),
    "year_cap": gettext_lazy("above the year's cap"),
    "case_cap": gettext_lazy("above the cap of a case"),
    "end": gettext_lazy("the plan's end"),
    "written_off": gettext_lazy("shares written off"),
    "refunds": gettext_lazy("refunds"),
}
MEMBERSHIP = "membership:"
FIGURES: dict[str, Word] = {
    "aid_minor": gettext_lazy("Aid"),
    "fee_minor": gettext_lazy("Fee"),
    "case_cap_excess_minor": gettext_lazy("Above the cap of a case, borne by the sponsor"),
    "billed_minor": gettext_lazy("Billed to the members"),
    "surplus_in_minor": gettext_lazy("Surplus from the period before"),
    "per_head_minor": gettext_lazy("Share of each member"),
    "surplus_out_minor": gettext_lazy("Surplus for the next period"),
    "collected_minor": gettext_lazy("Paid by the members"),
    "gifts_minor": gettext_lazy("Gifted members' shares, borne by the sponsor"),
    "year_cap_excess_minor": gettext_lazy("Above the year's cap, borne by the sponsor"),
}
ANSWERS: dict[str, Word] = {
    "settled": gettext_lazy("settled"),
    "unknown_key": gettext_lazy("no order under this key"),
    "no_answer": gettext_lazy("no answer"),
    "refused": gettext_lazy("refused"),
}
ACTS_OF_ATTEMPTS: dict[str, Word] = {
    "query": gettext_lazy("asked"),
    "order": gettext_lazy("ordered"),
    "failures": gettext_lazy("asked who did not pay"),
}
KINDS_OF_PAYMENTS: dict[str, Word] = {
    "collection": gettext_lazy("Shares of a group of members"),
    "payout": gettext_lazy("Aid"),
    "retry": gettext_lazy("Retry of an unpaid share"),
    "refund": gettext_lazy("Refund"),
}


@dataclass(frozen=True)
class AttemptInWords:
    """One exchange with the payment service: what was done, and what was answered; the reason is a class's name."""

    number: int
    made_at: dt.datetime
    act: Word
    answer: Word
    reason: str


@dataclass(frozen=True)
class Bar:
    """One bar of a chart: its name, its length and the amount as text."""

    label: str
    value: int
    shown: str


@dataclass(frozen=True)
class Term:
    """One term of a sum: its sign, the symbol of the rules, what it is, and the amount in minor units."""

    sign: str
    symbol: str
    label: Word
    amount_minor: int


def attempt_in_words(attempt: PaymentAttempt) -> AttemptInWords:
    """An exchange as pages show it; an act or answer of a later release is shown as it is."""
    return AttemptInWords(
        attempt.number,
        attempt.made_at,
        ACTS_OF_ATTEMPTS.get(attempt.act, attempt.act),
        ANSWERS.get(attempt.answer, attempt.answer),
        attempt.reason,
    )


def bar(on: dt.date, amount_minor: int, plan: Plan) -> Bar:
    """The bar of one period."""
    return Bar(day(on), amount_minor, money(amount_minor, plan))


def bars_of_what_if(periods: Iterable[tuple[dt.date, int, int]], plan: Plan) -> list[Bar]:
    """Two bars for each period: the share as charged, and under other rules."""
    found = []
    for on, before_minor, after_minor in periods:
        values = {"day": day(on)}
        found.append(Bar(_("%(day)s, as charged") % values, before_minor, money(before_minor, plan)))
        found.append(Bar(_("%(day)s, by these rules") % values, after_minor, money(after_minor, plan)))
    return found


def income_terms(allocation: Allocation) -> list[Term]:
    """Everything that comes in: C + G + Y + K."""
    return [
        Term("", "C", FIGURES["collected_minor"], allocation.charged_minor),
        Term("+", "G", FIGURES["gifts_minor"], allocation.gift_minor),
        Term("+", "Y", FIGURES["year_cap_excess_minor"], allocation.year_cap_shortfall_minor),
        Term("+", "K", FIGURES["case_cap_excess_minor"], allocation.case_cap_excess_minor),
    ]


def outgo_terms(allocation: Allocation) -> list[Term]:
    """Everything that it pays for: A + F + S_out − S."""
    return [
        Term("", "A", FIGURES["aid_minor"], allocation.aid_minor),
        Term("+", "F", FIGURES["fee_minor"], allocation.fee_minor),
        Term("+", "S_out", FIGURES["surplus_out_minor"], allocation.surplus_out_minor),
        Term("−", "S", FIGURES["surplus_in_minor"], allocation.surplus_in_minor),
    ]


def cohort_label(code: str, plan: Plan) -> str:
    """A cohort in words."""
    key = CohortKey.from_code(code)
    values = {"day": day(key.first_notice_on), "carried": money(key.carried_minor, plan)}
    if key.is_gifted:
        return _("Gifted members, counted from the notice of %(day)s") % values
    if key.carried_minor:
        return _("Counted again from the notice of %(day)s, %(carried)s already paid") % values
    return _("Counted from the notice of %(day)s") % values


def reference_label(reference: str, plan: Plan) -> str:
    """What a posting refers to: a claim's number unchanged; a membership, a cohort or a reason in words."""
    if reference in REFERENCES:
        return str(REFERENCES[reference])
    if reference.startswith(MEMBERSHIP):
        return _("Membership %(number)s") % {"number": reference.removeprefix(MEMBERSHIP)}
    try:
        return cohort_label(reference, plan)
    except ValueError:
        return reference
