"""Unpaid shares: one row for each, and none for members who paid."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from adjudication.models.answers import OLDER, SERVED_BY
from allocation import columns
from allocation.machines import ARREAR, RETRY
from allocation.models.asking import Asked, asked_constraints, asked_indexes
from allocation.models.payments import Payout
from allocation.models.periods import CohortShare, Period
from allocation.rules.keys import share_name
from audit.clock import DatabaseNow
from audit.columns import column_triggers
from audit.guards import machine_triggers
from audit.models import Entry
from audit.rows import Row
from audit.state_fields import MachineField
from members.models import Membership
from pages.states import Shape, StateChoices


class ArrearStatus(StateChoices):
    """The state of an unpaid share."""

    OWED = "owed", Shape.BAD, _("Owed")
    SETTLED = "settled", Shape.GOOD, _("Paid later")
    WRITTEN_OFF = "written_off", Shape.CLOSED, _("Borne by the sponsor")
    NETTED = "netted", Shape.CLOSED, _("Taken off the aid")


SHARE_SERVED_BY = [way for way in SERVED_BY if way[0] != OLDER]


class Arrear(ConcurrentTransitionMixin, Row):
    """One member's share of one period that the collection of their cohort did not bring in.

    It can be paid until `grace_ends_at`, which only ever moves away; the service retries the collection at
    `next_try_at`. No membership ends over it before its notice is served. A netted one names its payout.
    """

    Status = ArrearStatus

    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="arrears", verbose_name=_("period"))
    share = models.ForeignKey(CohortShare, on_delete=models.PROTECT, related_name="arrears")
    status = MachineField(_("status"), default=ARREAR.initial, states=ArrearStatus)
    amount_minor = models.BigIntegerField(_("amount"))
    failed_at = models.DateTimeField(_("reported as not paid"))
    grace_ends_at = models.DateTimeField(_("can be paid until"))
    next_try_at = models.DateTimeField(_("next retry"), null=True, blank=True)
    remind_at = models.DateTimeField(_("to be reminded"), null=True, blank=True)
    """When a quarter of the time to pay it is left; None once the member was reminded."""
    # Without a constraint in the database, like every reference to an entry: the log refuses to be emptied by itself.
    notice_entry = models.ForeignKey(
        Entry, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False, verbose_name=_("notice")
    )
    """The entry whose messages are the notice that the share is owed."""
    served_at = models.DateTimeField(_("notice served"), null=True, blank=True)
    served_by = models.CharField(
        _("notice served by"),
        max_length=10,
        blank=True,
        db_default="",
        choices=SHARE_SERVED_BY,
    )
    """What shows it (members/rules/serving.py); empty while nothing does, and then no membership ends over it."""
    restarts = models.PositiveSmallIntegerField(_("times that a bounce started the time again"), default=0)
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
            models.CheckConstraint(
                condition=Q(served_at=None, served_by="") | (Q(served_at__isnull=False) & ~Q(served_by="")),
                name="a_share_s_served_notice_says_by_what",
            ),
            models.CheckConstraint(condition=Q(restarts__lte=1), name="a_bounce_starts_a_share_s_time_again_once"),
        ]
        indexes = [
            models.Index(fields=["grace_ends_at"], condition=Q(status="owed"), name="arrears_by_end_of_grace"),
            models.Index(fields=["next_try_at"], condition=Q(status="owed"), name="arrears_by_next_try"),
            models.Index(
                fields=["remind_at"], condition=Q(status="owed", remind_at__isnull=False), name="arrears_by_reminder"
            ),
            models.Index(fields=["id"], condition=Q(status="owed", served_at=None), name="arrears_to_serve"),
            models.Index(fields=["period", "status"], include=["amount_minor"], name="arrears_of_a_period"),
        ]
        triggers: ClassVar[list[object]] = machine_triggers(ARREAR) + column_triggers(columns.ARREAR)

    def __str__(self) -> str:
        return f"arrear:{self.pk}"

    @property
    def waits_for_notice(self) -> bool:
        """Whether its time is over without effect: nothing shows that its member knows of it, so nothing ends."""
        return self.status == ArrearStatus.OWED and self.served_at is None

    @property
    def name(self) -> str:
        """The name of the share, from which the keys of its payments are made; reads the person and the plan."""
        person = self.membership.person
        return share_name(plan=self.period.plan.code, notice_on=self.period.notice_on, person=str(person.public_id))

    @transition(field=status, source=ARREAR.sources("settle"), target=ARREAR.target("settle"))
    def settle(self) -> None:
        """The share was paid later."""

    @transition(field=status, source=ARREAR.sources("write_off"), target=ARREAR.target("write_off"))
    def write_off(self) -> None:
        """The sponsor bears it."""

    @transition(field=status, source=ARREAR.sources("net"), target=ARREAR.target("net"))
    def net(self) -> None:
        """The share was taken off the aid."""


class RetryStatus(StateChoices):
    """The state of one attempt to collect a share again."""

    SENT = "sent", Shape.ACTIVE, _("Sent, not yet answered")
    SETTLED = "settled", Shape.GOOD, _("Collected")
    REFUSED = "refused", Shape.BAD, _("Not paid")


class Retry(ConcurrentTransitionMixin, Asked):
    """One attempt to collect one share again, under its own key; the next begins only when this one is answered."""

    Status = RetryStatus

    arrear = models.ForeignKey(Arrear, on_delete=models.PROTECT, related_name="retries")
    number = models.PositiveSmallIntegerField(_("number"))
    key = models.CharField(_("key"), max_length=80, unique=True)
    status = MachineField(_("status"), default=RETRY.initial, states=RetryStatus)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent"), db_default=DatabaseNow(), editable=False)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("retry")
        verbose_name_plural = _("retries")
        ordering = ["arrear", "number"]
        constraints = [
            models.UniqueConstraint(fields=["arrear", "number"], name="retries_are_numbered"),
            # Two open attempts could both be paid; their keys differ, so the payment service would accept both.
            models.UniqueConstraint(fields=["arrear"], condition=Q(status="sent"), name="one_open_retry_an_arrear"),
            models.CheckConstraint(
                condition=Q(status="sent", answered_at=None) | (~Q(status="sent") & Q(answered_at__isnull=False)),
                name="an_answered_retry_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(status="sent", next_attempt_at__isnull=False)
                | (~Q(status="sent") & Q(next_attempt_at=None)),
                name="an_open_retry_has_a_next_moment",
            ),
            *asked_constraints("retries"),
        ]
        indexes = asked_indexes("retries")
        triggers: ClassVar[list[object]] = machine_triggers(RETRY) + column_triggers(columns.RETRY)

    def __str__(self) -> str:
        return self.key

    @transition(field=status, source=RETRY.sources("settle"), target=RETRY.target("settle"))
    def settle(self) -> None:
        """The attempt brought in the share."""

    @transition(field=status, source=RETRY.sources("refuse"), target=RETRY.target("refuse"))
    def refuse(self) -> None:
        """The payment service says that the share was not paid."""
