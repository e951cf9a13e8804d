"""The demonstration bank's own books, in place of a real payment service."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from allocation import columns
from audit.clock import DatabaseNow
from audit.columns import column_triggers
from audit.rows import Row


class BankOrder(Row):
    """An order that the bank accepted. It accepts each key once, and answers queries by key, as a real one must."""

    key = models.CharField(_("key"), max_length=80, unique=True)
    amount_minor = models.BigIntegerField(_("amount"))
    is_refused = models.BooleanField(_("not paid"), default=False)
    accepted_at = models.DateTimeField(_("accepted"), db_default=DatabaseNow(), editable=False)

    class Meta:
        verbose_name = _("order at the demonstration bank")
        verbose_name_plural = _("orders at the demonstration bank")

    def __str__(self) -> str:
        return self.key


class BankRefusal(Row):
    """A member whose account pays nothing while `is_refusing` is set."""

    member = models.CharField(_("member"), max_length=80, unique=True)
    is_refusing = models.BooleanField(_("pays nothing"), default=True)

    class Meta:
        verbose_name = _("account without money at the demonstration bank")
        verbose_name_plural = _("accounts without money at the demonstration bank")
        triggers: ClassVar[list[object]] = column_triggers(columns.BANK_REFUSAL)

    def __str__(self) -> str:
        return self.member


class BankReturn(Row):
    """One member of a batch who did not pay, as the bank reports it; the row's id gives the order of the reports."""

    key = models.CharField(_("key"), max_length=80)
    member = models.CharField(_("member"), max_length=80)

    class Meta:
        verbose_name = _("payment returned by the demonstration bank")
        verbose_name_plural = _("payments returned by the demonstration bank")
        constraints = [models.UniqueConstraint(fields=["key", "member"], name="a_member_is_returned_once")]

    def __str__(self) -> str:
        return f"{self.member} in {self.key}"
