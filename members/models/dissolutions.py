"""The end of a plan: proposed by one reviewer, confirmed by another, then carried out."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from audit.columns import column_triggers
from audit.guards import machine_triggers
from audit.rows import Row
from audit.state_fields import MachineField
from members import columns
from members.machines import DISSOLUTION
from members.models.plans import Plan, PlanVersion
from pages.states import Shape, StateChoices


class DissolutionStatus(StateChoices):
    """How far the end of a plan is."""

    PROPOSED = "proposed", Shape.WAITING, _("Proposed")
    CONFIRMED = "confirmed", Shape.ACTIVE, _("Confirmed")
    ENDED = "ended", Shape.ACTIVE, _("All memberships ended")
    SETTLED = "settled", Shape.CLOSED, _("Settled")
    WITHDRAWN = "withdrawn", Shape.CLOSED, _("Withdrawn")


class SurplusReceiver(models.TextChoices):
    """Who receives the surplus that is left at a plan's end."""

    MEMBERS = "members", _("the members, equally")
    SPONSOR = "sponsor", _("the sponsor")
    CHARITY = "charity", _("a charity")


class Dissolution(ConcurrentTransitionMixin, Row):
    """That a plan ends, by which rules, because of which notice, and how far that is carried out.

    `ends_at` is 00:00 of `ends_on` in the plan's zone: memberships reach up to it. `ended_through` is the last
    membership that the sweep has looked at, so that it goes on where it stopped. Ground and day never change once
    confirmed (trigger).
    """

    Status = DissolutionStatus
    SurplusReceiver = SurplusReceiver

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="dissolutions", verbose_name=_("plan"))
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    status = MachineField(_("status"), default=DISSOLUTION.initial, states=DissolutionStatus)
    notice_on = models.DateField(_("notice with too few members"))
    members = models.PositiveBigIntegerField(_("members it counted"))
    members_needed = models.PositiveBigIntegerField(_("members needed"))
    ends_on = models.DateField(_("cover ends on"))
    ends_at = models.DateTimeField(_("cover ends at"))
    surplus_to = models.CharField(_("surplus goes to"), max_length=10, choices=SurplusReceiver)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    members_ended = models.PositiveBigIntegerField(_("memberships ended"), default=0)
    ended_through = models.PositiveBigIntegerField(default=0, editable=False)
    ended_at = models.DateTimeField(_("all memberships ended"), null=True, blank=True)
    surplus_minor = models.BigIntegerField(_("surplus distributed"), null=True, blank=True)
    per_member_minor = models.BigIntegerField(_("of it for each member"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("end of a plan")
        verbose_name_plural = _("ends of plans")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan"], condition=~Q(status="withdrawn"), name="a_plan_ends_once"),
            models.CheckConstraint(
                condition=Q(members__lt=F("members_needed")), name="a_plan_ends_with_too_few_members"
            ),
            models.CheckConstraint(condition=Q(ends_on__gt=F("notice_on")), name="a_plan_ends_after_the_notice"),
            models.CheckConstraint(
                condition=Q(status__in=["proposed", "withdrawn"], confirmed_by=None, confirmed_at=None)
                | Q(
                    status__in=["confirmed", "ended", "settled"],
                    confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                    confirmed_at__lt=F("ends_at"),
                ),
                name="no_cover_ends_before_it_is_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
                name="two_reviewers_end_a_plan",
            ),
            models.CheckConstraint(
                condition=Q(
                    status="settled",
                    surplus_minor__isnull=False,
                    per_member_minor__isnull=False,
                    settled_at__isnull=False,
                    surplus_minor__gte=0,
                    per_member_minor__gte=0,
                )
                | (~Q(status="settled") & Q(surplus_minor=None, per_member_minor=None, settled_at=None)),
                name="a_settled_end_says_what_went_where",
            ),
        ]
        triggers: ClassVar[list[object]] = machine_triggers(DISSOLUTION) + column_triggers(columns.DISSOLUTION)

    def __str__(self) -> str:
        return f"end of {self.plan.code}"

    @property
    def stream(self) -> str:
        """The plan's stream in the audit log."""
        return f"plan:{self.plan.code}"

    @property
    def is_certain(self) -> bool:
        """Whether it was confirmed: the plan ends, or has ended."""
        return self.status in {DissolutionStatus.CONFIRMED, DissolutionStatus.ENDED, DissolutionStatus.SETTLED}

    @transition(field=status, source=DISSOLUTION.sources("confirm"), target=DISSOLUTION.target("confirm"))
    def confirm(self) -> None:
        """Another reviewer confirms it."""

    @transition(field=status, source=DISSOLUTION.sources("end"), target=DISSOLUTION.target("end"))
    def end(self) -> None:
        """Every membership has ended."""

    @transition(field=status, source=DISSOLUTION.sources("settle"), target=DISSOLUTION.target("settle"))
    def settle(self) -> None:
        """The surplus has been paid over."""

    @transition(field=status, source=DISSOLUTION.sources("withdraw"), target=DISSOLUTION.target("withdraw"))
    def withdraw(self) -> None:
        """A reviewer withdraws the proposal."""
