"""What goes back to a member who fell ill inside the waiting period."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from adjudication.models import Claim
from allocation.machines import REFUND
from audit.guards import machine_triggers
from members.models import Membership


class RefundStatus(models.TextChoices):
    """Where a refund is."""

    OPENED = "opened", _("waits for the last collections")
    PENDING = "pending", _("to be sent")
    SENT = "sent", _("sent, not yet confirmed")
    SETTLED = "settled", _("settled")
    UNKNOWN = "unknown", _("no answer, with a person")


class Refund(ConcurrentTransitionMixin, models.Model):
    """All that one membership has paid, given back without interest; one for each membership, whatever happens."""

    Status = RefundStatus

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="refund", verbose_name=_("claim"))
    membership = models.OneToOneField(Membership, on_delete=models.PROTECT, related_name="refund")
    status = FSMField(_("status"), default=REFUND.initial, choices=RefundStatus.choices, protected=True)
    key = models.CharField(_("key"), max_length=80, unique=True)
    amount_minor = models.BigIntegerField(_("amount"), null=True, blank=True)
    silences = models.PositiveSmallIntegerField(_("exchanges without an answer"), default=0)
    opened_at = models.DateTimeField(_("opened"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="opened", amount_minor=None) | (~Q(status="opened") & Q(amount_minor__gte=0)),
                name="a_reckoned_refund_has_its_amount",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["pending", "sent", "unknown"]) | Q(amount_minor__gt=0),
                name="nothing_is_not_sent",
            ),
            models.CheckConstraint(
                condition=Q(status="settled", settled_at__isnull=False) | (~Q(status="settled") & Q(settled_at=None)),
                name="a_settled_refund_has_its_moment",
            ),
        ]
        indexes = [models.Index(fields=["status"], name="refunds_by_status")]
        triggers: ClassVar[list[object]] = machine_triggers(REFUND)

    def __str__(self) -> str:
        return self.key

    @transition(field=status, source=REFUND.sources("reckon"), target=REFUND.target("reckon"))
    def reckon(self) -> None:
        """The amount is fixed."""

    @transition(field=status, source=REFUND.sources("close_empty"), target=REFUND.target("close_empty"))
    def close_empty(self) -> None:
        """Nothing had been paid."""

    @transition(field=status, source=REFUND.sources("send"), target=REFUND.target("send"))
    def send(self) -> None:
        """The order is about to be sent under its key."""

    @transition(field=status, source=REFUND.sources("settle"), target=REFUND.target("settle"))
    def settle(self) -> None:
        """Confirmed."""

    @transition(field=status, source=REFUND.sources("lose_sight"), target=REFUND.target("lose_sight"))
    def lose_sight(self) -> None:
        """No answer."""
