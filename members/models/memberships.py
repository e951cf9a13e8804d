"""Who belongs to which plan, from when to when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from audit.columns import column_triggers
from audit.rows import Row
from members import columns
from members.fields import EncryptedJSONField
from members.models.people import Person
from members.models.plans import Plan, PlanVersion

NEVER_OVERLAP = "memberships_never_overlap"
"""What the names of all constraints begin with that together keep memberships of one person and plan apart."""


class EndReason(models.TextChoices):
    """Why a membership ended."""

    LEFT = "left", _("left by their own act")
    AIDED = "aided", _("received aid")
    ARREARS = "arrears", _("share not paid")
    ILL_IN_WAIT = "ill_in_wait", _("fell ill inside the waiting period")
    TRANSFERRED = "transferred", _("transferred to another plan")
    DISSOLVED = "dissolved", _("the plan ended")
    PAST_AGE = "past_age", _("past the oldest age that the plan covers")


class Membership(Row):
    """One person's time in one plan. [joined_at, left_at) never overlaps another of the same person and plan.

    The database enforces it by a chain (docs/decisions/0011-memberships-in-a-chain.md): `previous_left_at` is when the
    membership before this one in the same plan ended, None for the first. The code that writes a membership fills it.
    `first_notice_on`, `is_gifted` and `carried_minor` make the cohort that shares are computed for:
    the first notice day after joining, whether the sponsor pays, and the year-to-date carried in. `moved_from` is the
    membership of another plan that ended as this one began, by the same person's move (trigger: `move_follows`).
    """

    EndReason = EndReason

    # Neither has an index of its own: those below begin with person or plan.
    plan = models.ForeignKey(
        Plan, on_delete=models.PROTECT, related_name="memberships", db_index=False, verbose_name=_("plan")
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="memberships", db_index=False, verbose_name=_("person")
    )
    joined_at = models.DateTimeField(_("joined"))
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    previous_left_at = models.DateTimeField(null=True, blank=True, editable=False)
    end_reason = models.CharField(_("why it ended"), max_length=20, choices=EndReason, blank=True)
    waits_from = models.DateTimeField(_("waiting period counts from"))
    first_notice_on = models.DateField(_("first notice day"))
    is_gifted = models.BooleanField(_("shares borne by the sponsor"), default=False)
    carried_minor = models.BigIntegerField(_("year-to-date carried in"), default=0)
    # No index of its own: the partial one of the constraint holds the few that moved, and not everybody.
    moved_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="successors",
        db_index=False,
        verbose_name=_("moved from"),
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(
                condition=Q(left_at=None) | Q(left_at__gt=F("joined_at")), name="membership_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(left_at=None, end_reason="") | (Q(left_at__isnull=False) & ~Q(end_reason="")),
                name="membership_end_has_a_reason",
            ),
            models.CheckConstraint(condition=Q(carried_minor__gte=0), name="carried_in_is_not_negative"),
            models.CheckConstraint(condition=Q(waits_from__lte=F("joined_at")), name="waits_from_joining_or_before"),
            models.UniqueConstraint(
                fields=["moved_from"], condition=Q(moved_from__isnull=False), name="one_membership_follows_another"
            ),
            # A chain that begins once and never forks; the link itself is a composite foreign key, previous_left_at to
            # left_at of the same person and plan, which Django can't declare: migration 0004.
            models.UniqueConstraint(
                fields=["person", "plan", "previous_left_at"], nulls_distinct=False, name=NEVER_OVERLAP
            ),
            models.UniqueConstraint(fields=["person", "plan", "left_at"], name=f"{NEVER_OVERLAP}_ends"),
            models.CheckConstraint(
                condition=Q(previous_left_at=None) | Q(previous_left_at__lte=F("joined_at")),
                name=f"{NEVER_OVERLAP}_begin",
            ),
        ]
        indexes = [
            models.Index(
                fields=["plan", "first_notice_on", "is_gifted", "carried_minor", "joined_at", "left_at"],
                name="membership_cohort",
            )
        ]
        triggers: ClassVar[list[object]] = column_triggers(columns.MEMBERSHIP)

    def __str__(self) -> str:
        return f"membership:{self.pk}"


class HealthStatement(Row):
    """The questions answered at joining, as signed at that moment. Never changed."""

    membership = models.OneToOneField(Membership, on_delete=models.PROTECT, related_name="health_statement")
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    answers = EncryptedJSONField(_("answers"))
    signed_at = models.DateTimeField(_("signed"))

    class Meta:
        verbose_name = _("health statement")
        verbose_name_plural = _("health statements")

    def __str__(self) -> str:
        return f"health statement of membership:{self.membership_id}"
