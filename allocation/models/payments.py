"""Collections from members and payouts of aid."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from adjudication.models import Claim
from allocation.machines import COLLECTION, PAYOUT
from allocation.models.periods import CohortShare, Period
from audit.guards import machine_triggers
from members.models import Membership


class CollectionStatus(models.TextChoices):
    """Where a collection is."""

    PENDING = "pending", _("being collected")
    SETTLED = "settled", _("settled")


class Collection(ConcurrentTransitionMixin, models.Model):
    """The shares of one cohort, collected as one batch. `key` is what makes a repeated order harmless."""

    Status = CollectionStatus

    share = models.OneToOneField(CohortShare, on_delete=models.PROTECT, related_name="collection")
    status = FSMField(_("status"), default=COLLECTION.initial, choices=CollectionStatus.choices, protected=True)
    key = models.CharField(_("key"), max_length=80, unique=True)
    amount_minor = models.BigIntegerField(_("amount"))
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    failures_read = models.BigIntegerField(_("last report of a failure read"), default=0)
    failures_asked_at = models.DateTimeField(_("failures last asked for"), null=True, blank=True)

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        constraints = [models.CheckConstraint(condition=Q(amount_minor__gt=0), name="collections_are_positive")]
        triggers: ClassVar[list[object]] = machine_triggers(COLLECTION)

    def __str__(self) -> str:
        return self.key

    @transition(field=status, source=COLLECTION.sources("settle"), target=COLLECTION.target("settle"))
    def settle(self) -> None:
        """Confirmed."""


class PayoutStatus(models.TextChoices):
    """Where a payout is."""

    PENDING = "pending", _("to be sent")
    SENT = "sent", _("sent, not yet confirmed")
    SETTLED = "settled", _("settled")
    UNKNOWN = "unknown", _("no answer, with a person")


class Payout(ConcurrentTransitionMixin, models.Model):
    """The aid of one claim. One for each claim and for each membership, whatever happens.

    What is ordered is the aid less the arrears; `netted_minor` is fixed with the order.
    """

    Status = PayoutStatus

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="payout", verbose_name=_("claim"))
    membership = models.OneToOneField(Membership, on_delete=models.PROTECT, related_name="payout")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="payouts", verbose_name=_("period"))
    status = FSMField(_("status"), default=PAYOUT.initial, choices=PayoutStatus.choices, protected=True)
    key = models.CharField(_("key"), max_length=80, unique=True)
    amount_minor = models.BigIntegerField(_("aid"))
    netted_minor = models.BigIntegerField(_("arrears taken off"), default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("payout")
        verbose_name_plural = _("payouts")
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payouts_are_positive"),
            models.CheckConstraint(
                condition=Q(netted_minor__gte=0, netted_minor__lt=F("amount_minor")),
                name="never_more_than_the_aid_netted",
            ),
        ]
        indexes = [models.Index(fields=["status"])]
        triggers: ClassVar[list[object]] = machine_triggers(PAYOUT)

    def __str__(self) -> str:
        return self.key

    @property
    def paid_minor(self) -> int:
        """What goes to the member: the aid less the arrears taken off."""
        return self.amount_minor - self.netted_minor

    @transition(field=status, source=PAYOUT.sources("send"), target=PAYOUT.target("send"))
    def send(self) -> None:
        """The order is about to be sent under its key."""

    @transition(field=status, source=PAYOUT.sources("settle"), target=PAYOUT.target("settle"))
    def settle(self) -> None:
        """Confirmed."""

    @transition(field=status, source=PAYOUT.sources("lose_sight"), target=PAYOUT.target("lose_sight"))
    def lose_sight(self) -> None:
        """No answer."""


class PayoutAttempt(models.Model):
    """One exchange with the payment service about a payout."""

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField(_("number"))
    act = models.CharField(_("act"), max_length=10)
    answer = models.CharField(_("answer"), max_length=40)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        verbose_name = _("payout attempt")
        verbose_name_plural = _("payout attempts")
        ordering = ["payout", "number"]
        constraints = [models.UniqueConstraint(fields=["payout", "number"], name="attempts_are_numbered")]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.payout}"
