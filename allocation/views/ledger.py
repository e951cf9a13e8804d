"""The ledger's page, for reviewers and auditors."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_date
from django.views.generic import TemplateView

from allocation.models import Period, Transaction
from allocation.selectors.ledger import transactions, trial_balance
from allocation.selectors.periods import published
from allocation.words import ACCOUNTS, ACTS, reference_label
from members.access import Access, RoleRequired, is_auditor, is_reviewer
from members.models import Plan
from members.selectors.plans import plans

TRANSACTIONS_A_PAGE = 20


class Ledger(RoleRequired, TemplateView):
    """A plan's trial balance and its transactions; `?period=` limits them to one notice day."""

    allowed: ClassVar[tuple[Access, ...]] = (is_reviewer, is_auditor)
    template_name = "allocation/ledger/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = get_object_or_404(plans(), code=kwargs["plan"])
        period = self._period(plan)
        found = transactions(plan, period)
        page = Paginator(found, TRANSACTIONS_A_PAGE).get_page(self.request.GET.get("page"))
        balance = trial_balance(plan)
        return super().get_context_data(
            **kwargs
            | {
                "plan": plan,
                "period": period,
                "periods": published().filter(plan=plan)[:TRANSACTIONS_A_PAGE],
                "balance": balance,
                "accounts": [(ACCOUNTS.get(account.code, account.code), account) for account in balance.accounts],
                "page_obj": page,
                "transactions": [_described(transaction) for transaction in page],
            }
        )

    def _period(self, plan: Plan) -> Period | None:
        asked = self.request.GET.get("period")
        if not asked:
            return None
        try:
            notice_on = parse_date(asked)
        except ValueError:
            notice_on = None
        if notice_on is None:
            raise Http404
        return get_object_or_404(published(), plan=plan, notice_on=notice_on)


def _described(transaction: Transaction) -> dict[str, Any]:
    return {
        "act": ACTS.get(transaction.kind, transaction.kind),
        "transaction": transaction,
        "postings": [
            {
                "account": ACCOUNTS.get(posting.account.code, posting.account.code),
                "reference": reference_label(posting.reference, transaction.plan),
                "debit_minor": posting.amount_minor if posting.amount_minor > 0 else None,
                "credit_minor": -posting.amount_minor if posting.amount_minor < 0 else None,
            }
            for posting in transaction.postings.all()
        ],
    }
