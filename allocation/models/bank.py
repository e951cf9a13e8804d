"""The demonstration bank's own books: they stand where a real payment service would be."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class BankOrder(models.Model):
    """An order that the bank took. Like a good real one, it takes one once under one key and answers queries by key."""

    key = models.CharField(_("key"), max_length=80, unique=True)
    amount_minor = models.BigIntegerField(_("amount"))
    is_refused = models.BooleanField(_("not paid"), default=False)
    accepted_at = models.DateTimeField(_("accepted"), auto_now_add=True)

    class Meta:
        verbose_name = _("order at the demonstration bank")
        verbose_name_plural = _("orders at the demonstration bank")

    def __str__(self) -> str:
        return self.key


class BankRefusal(models.Model):
    """A member from whose account the bank gets nothing, for as long as `is_refusing`."""

    member = models.CharField(_("member"), max_length=80, unique=True)
    is_refusing = models.BooleanField(_("pays nothing"), default=True)

    class Meta:
        verbose_name = _("account without money at the demonstration bank")
        verbose_name_plural = _("accounts without money at the demonstration bank")

    def __str__(self) -> str:
        return self.member


class BankReturn(models.Model):
    """One member of a batch who did not pay, as the bank reports it; its number in the table orders the reports."""

    key = models.CharField(_("key"), max_length=80)
    member = models.CharField(_("member"), max_length=80)

    class Meta:
        verbose_name = _("payment returned by the demonstration bank")
        verbose_name_plural = _("payments returned by the demonstration bank")
        constraints = [models.UniqueConstraint(fields=["key", "member"], name="a_member_is_returned_once")]

    def __str__(self) -> str:
        return f"{self.member} in {self.key}"
