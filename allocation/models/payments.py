"""Collections from members and payouts of aid."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from adjudication.models import Claim
from allocation import columns
from allocation.machines import COLLECTION, PAYOUT
from allocation.models.asking import Asked, asked_constraints, asked_indexes
from allocation.models.periods import CohortShare, Period
from audit.clock import DatabaseNow
from audit.columns import column_triggers
from audit.guards import machine_triggers
from audit.state_fields import MachineField
from members.models import Membership
from pages.states import Shape, StateChoices


class CollectionStatus(StateChoices):
    """The state of a collection."""

    PENDING = "pending", Shape.WAITING, _("Being collected")
    SETTLED = "settled", Shape.GOOD, _("Settled")


class Collection(ConcurrentTransitionMixin, Asked):
    """The shares of one cohort, collected as one batch. `key` makes a repeated order harmless.

    Once it is settled, its next exchange asks which members did not pay.
    """

    Status = CollectionStatus

    share = models.OneToOneField(CohortShare, on_delete=models.PROTECT, related_name="collection")
    status = MachineField(_("status"), default=COLLECTION.initial, states=CollectionStatus)
    key = models.CharField(_("key"), max_length=80, unique=True)
    amount_minor = models.BigIntegerField(_("amount"))
    created_at = models.DateTimeField(db_default=DatabaseNow(), editable=False)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    failures_read = models.BigIntegerField(_("last report of a failure read"), default=0)
    failures_asked_at = models.DateTimeField(_("failures last asked for"), null=True, blank=True)

    class Meta:
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="collections_are_positive"),
            models.CheckConstraint(
                condition=Q(status="settled") | Q(next_attempt_at__isnull=False) | Q(escalated_at__isnull=False),
                name="an_open_collection_has_a_next_moment",
            ),
            *asked_constraints("collections"),
        ]
        indexes = asked_indexes("collections")
        triggers: ClassVar[list[object]] = machine_triggers(COLLECTION) + column_triggers(columns.COLLECTION)

    def __str__(self) -> str:
        return self.key

    @transition(field=status, source=COLLECTION.sources("settle"), target=COLLECTION.target("settle"))
    def settle(self) -> None:
        """Confirmed."""


class PayoutStatus(StateChoices):
    """The state of a payout."""

    PENDING = "pending", Shape.WAITING, _("To be sent")
    SENT = "sent", Shape.ACTIVE, _("Sent, not yet confirmed")
    SETTLED = "settled", Shape.GOOD, _("Settled")
    UNKNOWN = "unknown", Shape.WAITING, _("No answer, under manual review")


class Payout(ConcurrentTransitionMixin, Asked):
    """The aid of one claim: one payout per claim and per membership, whatever happens.

    The order is for the aid less the arrears; `netted_minor` is fixed with the order.
    """

    Status = PayoutStatus

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="+", verbose_name=_("claim"))
    membership = models.OneToOneField(Membership, on_delete=models.PROTECT, related_name="+")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="payouts", verbose_name=_("period"))
    status = MachineField(_("status"), default=PAYOUT.initial, states=PayoutStatus)
    key = models.CharField(_("key"), max_length=80, unique=True)
    amount_minor = models.BigIntegerField(_("aid"))
    netted_minor = models.BigIntegerField(_("arrears taken off"), default=0)
    created_at = models.DateTimeField(db_default=DatabaseNow(), editable=False)
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
            # Refused and escalated is the one open state with nothing left to ask by itself.
            models.CheckConstraint(
                condition=Q(status="settled", next_attempt_at=None)
                | Q(status="unknown", escalated_at__isnull=False)
                | Q(status__in=["pending", "sent"], next_attempt_at__isnull=False),
                name="an_open_payout_has_a_next_moment",
            ),
            *asked_constraints("payouts"),
        ]
        indexes = [models.Index(fields=["status"]), *asked_indexes("payouts")]
        triggers: ClassVar[list[object]] = machine_triggers(PAYOUT) + column_triggers(columns.PAYOUT)

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

    @transition(field=status, source=PAYOUT.sources("escalate"), target=PAYOUT.target("escalate"))
    def escalate(self) -> None:
        """No answer: a person must settle it."""
