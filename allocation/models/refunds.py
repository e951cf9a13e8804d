"""Refunds to members who fell ill inside the waiting period."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from adjudication.models import Claim
from allocation import columns
from allocation.machines import REFUND
from allocation.models.asking import Asked, asked_constraints, asked_indexes
from audit.columns import column_triggers
from audit.guards import machine_triggers
from audit.state_fields import MachineField
from members.models import Membership
from pages.states import Shape, StateChoices


class RefundStatus(StateChoices):
    """The state of a refund."""

    OPENED = "opened", Shape.WAITING, _("Waiting for the last collections")
    PENDING = "pending", Shape.WAITING, _("To be sent")
    SENT = "sent", Shape.ACTIVE, _("Sent, not yet confirmed")
    SETTLED = "settled", Shape.GOOD, _("Settled")
    UNKNOWN = "unknown", Shape.WAITING, _("No answer, under manual review")


class Refund(ConcurrentTransitionMixin, Asked):
    """All that one membership has paid, returned without interest; one per membership, whatever happens."""

    Status = RefundStatus

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="+", verbose_name=_("claim"))
    membership = models.OneToOneField(Membership, on_delete=models.PROTECT, related_name="+")
    status = MachineField(_("status"), default=REFUND.initial, states=RefundStatus)
    key = models.CharField(_("key"), max_length=80, unique=True)
    amount_minor = models.BigIntegerField(_("amount"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened"))
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="opened", amount_minor=None) | (~Q(status="opened") & Q(amount_minor__gte=0)),
                name="a_calculated_refund_has_its_amount",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["pending", "sent", "unknown"]) | Q(amount_minor__gt=0),
                name="nothing_is_not_sent",
            ),
            models.CheckConstraint(
                condition=Q(status="settled", settled_at__isnull=False) | (~Q(status="settled") & Q(settled_at=None)),
                name="a_settled_refund_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(status="settled", next_attempt_at=None)
                | Q(status="unknown", escalated_at__isnull=False)
                | Q(status__in=["opened", "pending", "sent"], next_attempt_at__isnull=False),
                name="an_open_refund_has_a_next_moment",
            ),
            *asked_constraints("refunds"),
        ]
        indexes = [models.Index(fields=["status"], name="refunds_by_status"), *asked_indexes("refunds")]
        triggers: ClassVar[list[object]] = machine_triggers(REFUND) + column_triggers(columns.REFUND)

    def __str__(self) -> str:
        return self.key

    @transition(field=status, source=REFUND.sources("calculate"), target=REFUND.target("calculate"))
    def calculate(self) -> None:
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

    @transition(field=status, source=REFUND.sources("escalate"), target=REFUND.target("escalate"))
    def escalate(self) -> None:
        """No answer: a person must settle it."""
