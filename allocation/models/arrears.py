"""Shares that a member did not pay: one row for each such share, none for anybody else."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from allocation.machines import ARREAR, RETRY
from allocation.models.payments import Payout
from allocation.models.periods import CohortShare, Period
from audit.guards import machine_triggers
from members.models import Membership


class ArrearStatus(models.TextChoices):
    """What became of a share that was not paid."""

    OWED = "owed", _("owed")
    SETTLED = "settled", _("paid later")
    WRITTEN_OFF = "written_off", _("borne by the sponsor")
    NETTED = "netted", _("taken off the aid")


class Arrear(ConcurrentTransitionMixin, models.Model):
    """One member's share of one period that the collection of their cohort did not bring in.

    It can be paid until `grace_ends_at`; the service asks again by itself at `next_try_at`. A netted one names its
    payout.
    """

    Status = ArrearStatus

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="arrears")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="arrears", verbose_name=_("period"))
    share = models.ForeignKey(CohortShare, on_delete=models.PROTECT, related_name="arrears")
    status = FSMField(_("status"), default=ARREAR.initial, choices=ArrearStatus.choices, protected=True)
    amount_minor = models.BigIntegerField(_("amount"))
    failed_at = models.DateTimeField(_("reported as not paid"))
    grace_ends_at = models.DateTimeField(_("can be paid until"))
    next_try_at = models.DateTimeField(_("asked for again"), null=True, blank=True)
    settled_at = models.DateTimeField(_("paid later"), null=True, blank=True)
    written_off_at = models.DateTimeField(_("written off"), null=True, blank=True)
    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, null=True, blank=True, related_name="arrears")

    class Meta:
        verbose_name = _("arrear")
        verbose_name_plural = _("arrears")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["membership", "period"], name="one_arrear_a_share"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="arrears_are_positive"),
            models.CheckConstraint(condition=Q(grace_ends_at__gte=F("failed_at")), name="grace_follows_the_failure"),
            models.CheckConstraint(
                condition=Q(status="settled", settled_at__isnull=False) | (~Q(status="settled") & Q(settled_at=None)),
                name="a_settled_arrear_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(status="netted")
                | Q(status="written_off", written_off_at__isnull=False)
                | Q(status__in=["owed", "settled"], written_off_at=None),
                name="no_arrear_is_written_off_and_paid",
            ),
            models.CheckConstraint(
                condition=Q(status="netted", payout__isnull=False) | (~Q(status="netted") & Q(payout=None)),
                name="a_netted_arrear_names_its_payout",
            ),
            models.CheckConstraint(
                condition=Q(status="owed") | Q(next_try_at=None), name="only_what_is_owed_is_asked_for"
            ),
        ]
        indexes = [
            models.Index(fields=["grace_ends_at"], condition=Q(status="owed"), name="arrears_by_end_of_grace"),
            models.Index(fields=["next_try_at"], condition=Q(status="owed"), name="arrears_by_next_try"),
            models.Index(fields=["period", "status"], include=["amount_minor"], name="arrears_of_a_period"),
        ]
        triggers: ClassVar[list[object]] = machine_triggers(ARREAR)

    def __str__(self) -> str:
        return f"arrear:{self.pk}"

    @transition(field=status, source=ARREAR.sources("settle"), target=ARREAR.target("settle"))
    def settle(self) -> None:
        """Paid later."""

    @transition(field=status, source=ARREAR.sources("write_off"), target=ARREAR.target("write_off"))
    def write_off(self) -> None:
        """The sponsor bears it."""

    @transition(field=status, source=ARREAR.sources("net"), target=ARREAR.target("net"))
    def net(self) -> None:
        """Taken off the aid."""


class RetryStatus(models.TextChoices):
    """What became of one attempt to collect a share again."""

    SENT = "sent", _("sent, not yet answered")
    SETTLED = "settled", _("paid")
    REFUSED = "refused", _("not paid")


class Retry(ConcurrentTransitionMixin, models.Model):
    """One attempt to collect one share again, under a key of its own; the next begins when this one is answered."""

    Status = RetryStatus

    arrear = models.ForeignKey(Arrear, on_delete=models.PROTECT, related_name="retries")
    number = models.PositiveSmallIntegerField(_("number"))
    key = models.CharField(_("key"), max_length=80, unique=True)
    status = FSMField(_("status"), default=RETRY.initial, choices=RetryStatus.choices, protected=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent"), auto_now_add=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("retry")
        verbose_name_plural = _("retries")
        ordering = ["arrear", "number"]
        constraints = [
            models.UniqueConstraint(fields=["arrear", "number"], name="retries_are_numbered"),
            models.UniqueConstraint(fields=["arrear"], condition=Q(status="sent"), name="one_open_retry_an_arrear"),
            models.CheckConstraint(
                condition=Q(status="sent", answered_at=None) | (~Q(status="sent") & Q(answered_at__isnull=False)),
                name="an_answered_retry_has_its_moment",
            ),
        ]
        triggers: ClassVar[list[object]] = machine_triggers(RETRY)

    def __str__(self) -> str:
        return self.key

    @transition(field=status, source=RETRY.sources("settle"), target=RETRY.target("settle"))
    def settle(self) -> None:
        """Paid."""

    @transition(field=status, source=RETRY.sources("refuse"), target=RETRY.target("refuse"))
    def refuse(self) -> None:
        """Not paid."""
