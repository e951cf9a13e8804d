"""Writes the ledger: one balanced transaction at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from allocation.models import Account, Period, Posting, Transaction
from allocation.rules import ledger as rules
from audit.actors import Actor
from audit.rules.canonical import canonical_json
from audit.services import append
from members.models import Plan


def post(
    *, plan: Plan, period: Period | None, kind: str, key: str, postings: Iterable[rules.Posting], by: Actor
) -> Transaction | None:
    """Write one transaction with its postings; None if there is nothing to post.

    `key` is unique: posting the same act twice is an IntegrityError. The log entry contains a digest of the postings,
    so that a later change to any of them shows. Call it inside the act's own transaction.
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
    append(
        kind="ledger.posted",
        stream=period.stream if period else f"plan:{plan.code}",
        by=by,
        body={"transaction": kind, "key": key, "postings": len(lines), "digest": digest_of(lines)},
    )
    return header


def digest_of(lines: Iterable[rules.Posting]) -> str:
    """SHA-256 over the canonical JSON of the postings: [account, amount in minor units, reference] each, sorted."""
    rows = sorted([str(line.account), line.amount_minor, line.reference] for line in lines)
    return hashlib.sha256(canonical_json(rows).encode()).hexdigest()


def _accounts(plan: Plan, codes: set[str]) -> dict[str, Account]:
    accounts = {account.code: account for account in Account.objects.filter(plan=plan, code__in=codes)}
    # In a fixed order: two transactions that open the same accounts at once wait for each other instead of deadlocking.
    for code in sorted(codes - accounts.keys()):
        accounts[code] = Account.objects.get_or_create(plan=plan, code=code)[0]
    return accounts
