"""Writing the ledger: one balanced transaction at a time."""

from __future__ import annotations

from collections.abc import Iterable

from allocation.models import Account, Period, Posting, Transaction
from allocation.rules import ledger as rules
from members.models import Plan


def post(
    *, plan: Plan, period: Period | None, kind: str, key: str, postings: Iterable[rules.Posting]
) -> Transaction | None:
    """Write one transaction with its postings; None where there is nothing to post.

    `key` is unique: the same act posted again is an IntegrityError. Call it inside the act's own transaction.
    """
    lines = rules.balanced(postings)
    if not lines:
        return None
    accounts = _accounts(plan, {str(line.account) for line in lines})
    header = Transaction.objects.create(plan=plan, period=period, kind=kind, key=key)
    Posting.objects.bulk_create(
        Posting(
            transaction=header,
            account=accounts[str(line.account)],
            amount_minor=line.amount_minor,
            reference=line.reference,
        )
        for line in lines
    )
    return header


def _accounts(plan: Plan, codes: set[str]) -> dict[str, Account]:
    accounts = {account.code: account for account in Account.objects.filter(plan=plan, code__in=codes)}
    # In a fixed order, so that two first charges at once wait for each other and do not lock up.
    for code in sorted(codes - accounts.keys()):
        accounts[code] = Account.objects.get_or_create(plan=plan, code=code)[0]
    return accounts
