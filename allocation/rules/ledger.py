"""The ledger's accounts, and the balanced postings of every act that moves money.

A debit is positive, a credit negative; the postings of one transaction sum to zero. Amounts in minor units.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from allocation.errors.shares import ConservationBroken
from allocation.rules.arrears import NetAid
from allocation.rules.shares import Allocation, ClaimLine
from members.rules.dissolving import equal_parts


class Account(StrEnum):
    """The chart of accounts of one plan. The first three are what it has and is owed, the others what it owes."""

    CASH = "cash"
    """Money in the plan's bank account."""
    MEMBERS_RECEIVABLE = "members_receivable"
    """Shares charged and not collected yet."""
    SPONSOR_RECEIVABLE = "sponsor_receivable"
    """What the sponsor bears: gifts, both caps, refunds and what was written off."""
    AID_PAYABLE = "aid_payable"
    """Aid allocated and not paid yet."""
    FEE_PAYABLE = "fee_payable"
    """The operator's management fee, allocated and not drawn yet."""
    MEMBERS_PAYABLE = "members_payable"
    """What the members of a plan that has ended receive of its surplus, and have not been paid yet."""
    CHARITY_PAYABLE = "charity_payable"
    """The surplus of a plan that has ended, for the charity that its rules name."""
    SURPLUS = "surplus"
    """What rounding up brought in: it belongs to the members and lowers the next period's shares."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of a transaction: a debit if positive, a credit if negative. `reference` is the claim or the cohort."""

    account: Account
    amount_minor: int
    reference: str = ""


def balanced(postings: Iterable[Posting]) -> tuple[Posting, ...]:
    """The postings without the empty ones. Raises ConservationBroken if they do not sum to zero."""
    lines = tuple(posting for posting in postings if posting.amount_minor != 0)
    debits = sum(posting.amount_minor for posting in lines if posting.amount_minor > 0)
    credits_ = -sum(posting.amount_minor for posting in lines if posting.amount_minor < 0)
    if debits != credits_:
        raise ConservationBroken(charged_minor=debits, owed_minor=credits_)
    return lines


def post_charge(allocation: Allocation) -> tuple[Posting, ...]:
    """A period is charged: aid and fee become payable, members and sponsor owe them, the surplus changes.

    One line for each cohort, claim and reason why the sponsor pays. Empty if the period's claims wait.
    """
    return balanced(
        [
            *(
                Posting(Account.MEMBERS_RECEIVABLE, cohort_line.charged_minor, cohort_line.key)
                for cohort_line in allocation.cohorts
            ),
            Posting(Account.SPONSOR_RECEIVABLE, allocation.gift_minor, "gifts"),
            Posting(Account.SPONSOR_RECEIVABLE, allocation.year_cap_shortfall_minor, "year_cap"),
            Posting(Account.SPONSOR_RECEIVABLE, allocation.case_cap_excess_minor, "case_cap"),
            *(Posting(Account.AID_PAYABLE, -line.total_aid_minor, line.ref) for line in allocation.claims),
            *(Posting(Account.FEE_PAYABLE, -line.total_fee_minor, line.ref) for line in allocation.claims),
            Posting(Account.SURPLUS, allocation.surplus_in_minor - allocation.surplus_out_minor),
        ]
    )


def post_collection(cohort_key: str, members: int, per_member_minor: int) -> tuple[Posting, ...]:
    """A partition of a cohort was collected: this many members have paid their share."""
    amount_minor = members * per_member_minor
    return balanced(
        [
            Posting(Account.CASH, amount_minor, cohort_key),
            Posting(Account.MEMBERS_RECEIVABLE, -amount_minor, cohort_key),
        ]
    )


def post_failed_collection(cohort_key: str, per_member_minor: int, members: int = 1) -> tuple[Posting, ...]:
    """Shares of this many members, collected with the partition, turned out unpaid: owed again."""
    amount_minor = members * per_member_minor
    return balanced(
        [
            Posting(Account.MEMBERS_RECEIVABLE, amount_minor, cohort_key),
            Posting(Account.CASH, -amount_minor, cohort_key),
        ]
    )


def post_write_off(cohort_key: str, owed_minor: int) -> tuple[Posting, ...]:
    """An owed share is written off: the sponsor bears it."""
    return balanced(
        [
            Posting(Account.SPONSOR_RECEIVABLE, owed_minor, "written_off"),
            Posting(Account.MEMBERS_RECEIVABLE, -owed_minor, cohort_key),
        ]
    )


def post_payout(claim_ref: str, net: NetAid) -> tuple[Posting, ...]:
    """A payout is settled: the aid less the applicant's arrears; what was written off goes back to the sponsor."""
    return balanced(
        [
            Posting(Account.AID_PAYABLE, net.aid_minor, claim_ref),
            Posting(Account.CASH, -net.paid_minor, claim_ref),
            Posting(Account.MEMBERS_RECEIVABLE, -net.owed_netted_minor, claim_ref),
            Posting(Account.SPONSOR_RECEIVABLE, -net.written_off_netted_minor, claim_ref),
        ]
    )


def post_refund(membership_ref: str, refund_minor: int) -> tuple[Posting, ...]:
    """A member fell ill inside the wait: settled payments go back to them, and the sponsor bears it."""
    return balanced(
        [
            Posting(Account.SPONSOR_RECEIVABLE, refund_minor, "refunds"),
            Posting(Account.CASH, -refund_minor, membership_ref),
        ]
    )


def post_sponsor_payment(amount_minor: int) -> tuple[Posting, ...]:
    """The sponsor paid some of what it bears."""
    return balanced([Posting(Account.CASH, amount_minor), Posting(Account.SPONSOR_RECEIVABLE, -amount_minor)])


def post_fee_drawn(amount_minor: int) -> tuple[Posting, ...]:
    """The operator drew its management fee."""
    return balanced([Posting(Account.FEE_PAYABLE, amount_minor), Posting(Account.CASH, -amount_minor)])


def post_cancelled_claim(line: ClaimLine) -> tuple[Posting, ...]:
    """A claim was cancelled after the charge and before its payout: its money goes back to who bore it.

    The case-cap part returns to the sponsor, the rest (aid and fee as billed to the members) to the surplus.
    """
    count = line.claim.count
    return balanced(
        [
            Posting(Account.AID_PAYABLE, line.total_aid_minor, line.ref),
            Posting(Account.FEE_PAYABLE, line.total_fee_minor, line.ref),
            Posting(Account.SPONSOR_RECEIVABLE, -line.case_cap_excess_minor * count, line.ref),
            Posting(Account.SURPLUS, -line.total_billed_minor, line.ref),
        ]
    )


def post_surplus_at_end(surplus_minor: int, receiver: str, members: int) -> tuple[tuple[Posting, ...], int]:
    """A plan has ended: its surplus goes to the recipient in its rules. Returns the postings and each member's part.

    Members get equal whole amounts; the indivisible remainder goes to the sponsor, against what it bears.
    """
    per_member_minor, rest_minor = equal_parts(surplus_minor, members) if receiver == "members" else (0, surplus_minor)
    rest_account = Account.CHARITY_PAYABLE if receiver == "charity" else Account.SPONSOR_RECEIVABLE
    postings = balanced(
        [
            Posting(Account.SURPLUS, surplus_minor, "end"),
            Posting(Account.MEMBERS_PAYABLE, -per_member_minor * members, "end"),
            Posting(rest_account, -rest_minor, "end"),
        ]
    )
    return postings, per_member_minor
