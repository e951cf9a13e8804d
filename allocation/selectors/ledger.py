"""The ledger as reviewers and auditors read it: the trial balance of a plan, and its transactions."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from allocation.models import Account, Period, Posting, Transaction
from members.models import Plan


@dataclass(frozen=True)
class AccountBalance:
    """One account: all debits, all credits (both as positive amounts) and what remains; minor units."""

    code: str
    debit_minor: int
    credit_minor: int

    @property
    def balance_minor(self) -> int:
        """Debits less credits."""
        return self.debit_minor - self.credit_minor


@dataclass(frozen=True)
class TrialBalance:
    """Every account of a plan; the balances of a whole ledger sum to zero."""

    plan: Plan
    accounts: tuple[AccountBalance, ...]

    @property
    def debit_minor(self) -> int:
        """All debits."""
        return sum(account.debit_minor for account in self.accounts)

    @property
    def credit_minor(self) -> int:
        """All credits."""
        return sum(account.credit_minor for account in self.accounts)

    @property
    def difference_minor(self) -> int:
        """What the balances sum to: zero, or the ledger is broken."""
        return self.debit_minor - self.credit_minor


def trial_balance(plan: Plan) -> TrialBalance:
    """The plan's accounts with all their postings, by code."""
    totals = (
        Account.objects.filter(plan=plan)
        .annotate(
            debits=Coalesce(Sum("postings__amount_minor", filter=Q(postings__amount_minor__gt=0)), 0),
            credits=Coalesce(Sum("postings__amount_minor", filter=Q(postings__amount_minor__lt=0)), 0),
        )
        .order_by("code")
        .values_list("code", "debits", "credits")
    )
    return TrialBalance(plan, tuple(AccountBalance(code, debit, -credit) for code, debit, credit in totals))


def transactions(plan: Plan | None = None, period: Period | None = None) -> QuerySet[Transaction]:
    """The transactions with their postings, newest first; of one plan or one period, if given."""
    found = Transaction.objects.select_related("plan", "period").prefetch_related(
        Prefetch("postings", Posting.objects.select_related("account").order_by("pk"))
    )
    if plan is not None:
        found = found.filter(plan=plan)
    if period is not None:
        found = found.filter(period=period)
    return found.order_by("-pk")
