"""The ledger: accounts, transactions, postings; append-only, every transaction sums to zero (triggers)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from allocation import columns
from allocation.models.periods import Period
from audit.clock import DatabaseNow
from audit.columns import column_triggers
from audit.pairing import paired
from audit.rows import Row
from members.models import Plan


class Account(Row):
    """An account of one plan; the codes are those of `allocation.rules.ledger`."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", verbose_name=_("plan"))
    code = models.CharField(_("code"), max_length=40)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["plan", "code"]
        constraints = [models.UniqueConstraint(fields=["plan", "code"], name="one_account_a_code")]
        triggers: ClassVar[list[object]] = column_triggers(columns.ACCOUNT)

    def __str__(self) -> str:
        return f"{self.plan.code}:{self.code}"


_STREAM = """coalesce(
    (SELECT 'period:' || plan.code || '/' || to_char(period.notice_on, 'YYYY-MM-DD')
       FROM allocation_period period JOIN members_plan plan ON plan.id = period.plan_id
      WHERE period.id = NEW.period_id),
    (SELECT 'plan:' || code FROM members_plan WHERE id = NEW.plan_id)
)"""
_POSTINGS = "(SELECT count(*) FROM allocation_posting WHERE transaction_id = NEW.id)"
# As `digest_of` in allocation/services/ledger.py writes it.
_DIGEST = """(
    SELECT encode(sha256(convert_to('[' || string_agg(
        '[' || to_json(a.code)::text || ',' || p.amount_minor || ',' || to_json(p.reference)::text || ']', ','
        ORDER BY a.code COLLATE "C", p.amount_minor, p.reference COLLATE "C") || ']', 'UTF8')), 'hex')
      FROM allocation_posting p JOIN allocation_account a ON a.id = p.account_id WHERE p.transaction_id = NEW.id
)"""


class Transaction(Row):
    """A header. Its postings are written in the same database transaction and sum to zero."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", verbose_name=_("plan"))
    period = models.ForeignKey(
        Period, on_delete=models.PROTECT, null=True, blank=True, related_name="transactions", verbose_name=_("period")
    )
    kind = models.CharField(_("kind"), max_length=40)
    key = models.CharField(_("key"), max_length=120, unique=True)
    written_in = models.BigIntegerField(editable=False, default=0)
    recorded_at = models.DateTimeField(_("recorded"), db_default=DatabaseNow(), editable=False)

    class Meta:
        verbose_name = _("transaction")
        verbose_name_plural = _("transactions")
        ordering = ["-pk"]
        triggers: ClassVar[list[object]] = [
            paired(
                "transaction",
                kinds=["ledger.posted"],
                stream=_STREAM,
                facts={"transaction": "NEW.kind", "key": "NEW.key", "postings": _POSTINGS, "digest": _DIGEST},
            )
        ]

    def __str__(self) -> str:
        return self.key


class Posting(Row):
    """A signed amount on an account: positive is debit, negative credit."""

    transaction = models.ForeignKey(Transaction, on_delete=models.PROTECT, related_name="postings")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="postings")
    amount_minor = models.BigIntegerField(_("amount"))
    reference = models.CharField(_("reference"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [models.CheckConstraint(condition=~Q(amount_minor=0), name="postings_move_something")]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_minor}"
