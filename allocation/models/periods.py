"""Periods, the aid they pay and the share of each cohort."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from adjudication.models import Claim
from allocation import columns
from allocation.machines import PERIOD
from audit.columns import column_triggers
from audit.guards import machine_triggers
from audit.pairing import paired
from audit.rows import Row
from audit.state_fields import MachineField
from members.models import Plan, PlanVersion
from pages.states import Shape, StateChoices


class PeriodStatus(StateChoices):
    """The state of a period."""

    NOTICED = "noticed", Shape.WAITING, _("Announced")
    CHARGED = "charged", Shape.GOOD, _("Charged")
    SETTLED = "settled", Shape.GOOD, _("Settled")


_STREAM = (
    "'period:' || (SELECT code FROM members_plan WHERE id = NEW.plan_id) || '/' || to_char(NEW.notice_on, 'YYYY-MM-DD')"
)
_TOTALS = {
    name: f"NEW.{name}"
    for name in (
        "aid_minor",
        "fee_minor",
        "case_cap_excess_minor",
        "billed_minor",
        "surplus_in_minor",
        "per_head_minor",
        "surplus_out_minor",
        "collected_minor",
        "gifts_minor",
        "year_cap_excess_minor",
        "members",
    )
}
_LINES = (
    "assize_digest_of_lines(ARRAY(SELECT concat_ws('|', c.ref, l.aid_minor, l.fee_minor, l.billed_minor)"
    " FROM allocation_aidline l JOIN adjudication_claim c ON c.id = l.claim_id WHERE l.period_id = NEW.id))"
)
_SHARES = (
    "assize_digest_of_lines(ARRAY(SELECT concat_ws('|', to_char(s.first_notice_on, 'YYYY-MM-DD'), s.is_gifted::int,"
    " s.carried_minor, s.members, s.year_to_date_minor, s.per_member_minor)"
    " FROM allocation_cohortshare s WHERE s.period_id = NEW.id))"
)
_PAYOUTS = (
    "assize_digest_of_lines(ARRAY(SELECT concat_ws('|', c.ref, p.amount_minor)"
    " FROM allocation_payout p JOIN adjudication_claim c ON c.id = p.claim_id WHERE p.period_id = NEW.id))"
)


class Period(ConcurrentTransitionMixin, Row):
    """One period of one plan. Names in brackets are the design's symbols; all amounts in minor units.

    The figures are those of the notice until the charge, which recomputes them without the claims that left. If the
    notice counts too few members, it states how many are needed, since when, and the day on which the plan ends.
    """

    Status = PeriodStatus

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", verbose_name=_("plan"))
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    status = MachineField(_("status"), default=PERIOD.initial, states=PeriodStatus)
    notice_on = models.DateField(_("notice day"))
    charge_on = models.DateField(_("charge day"))
    counted_at = models.DateTimeField(_("members counted at"))
    noticed_at = models.DateTimeField(_("notice published"))
    noticed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    charged_at = models.DateTimeField(_("charged"), null=True, blank=True)
    charged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(_("settled"), null=True, blank=True)
    members = models.PositiveBigIntegerField(_("members (N)"))
    aid_minor = models.BigIntegerField(_("aid (A)"))
    fee_minor = models.BigIntegerField(_("fee (F)"))
    case_cap_excess_minor = models.BigIntegerField(_("above the case cap (K)"))
    billed_minor = models.BigIntegerField(_("billed (B)"))
    surplus_in_minor = models.BigIntegerField(_("surplus brought in (S)"))
    per_head_minor = models.BigIntegerField(_("per head (h)"))
    surplus_out_minor = models.BigIntegerField(_("surplus carried out"))
    collected_minor = models.BigIntegerField(_("paid by members (C)"))
    gifts_minor = models.BigIntegerField(_("borne as gifts (G)"))
    year_cap_excess_minor = models.BigIntegerField(_("above the year's cap (Y)"))
    share_unit_minor = models.PositiveBigIntegerField(_("unit of a share (u)"), default=1)
    members_needed = models.PositiveBigIntegerField(_("members needed to go on"), null=True, blank=True)
    below_since = models.DateField(_("too few members since the notice of"), null=True, blank=True)
    plan_ends_on = models.DateField(_("end of the plan by its rules"), null=True, blank=True)
    notice_figures = models.JSONField(_("figures of the notice"), default=dict)
    noticed_in = models.BigIntegerField(null=True, blank=True, editable=False)
    charged_in = models.BigIntegerField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        ordering = ["-notice_on", "plan"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "notice_on"], name="one_period_a_notice_day"),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(status="noticed"), name="one_uncharged_period_at_a_time"
            ),
            models.CheckConstraint(condition=Q(charge_on__gt=F("notice_on")), name="charged_after_the_notice"),
            models.CheckConstraint(
                condition=Q(
                    surplus_out_minor=F("surplus_in_minor") + F("per_head_minor") * F("members") - F("billed_minor")
                ),
                name="surplus_follows_from_the_shares",
            ),
            models.CheckConstraint(
                condition=Q(
                    collected_minor=F("aid_minor")
                    + F("fee_minor")
                    + F("surplus_out_minor")
                    - F("surplus_in_minor")
                    - F("gifts_minor")
                    - F("year_cap_excess_minor")
                    - F("case_cap_excess_minor")
                ),
                name="period_adds_up_to_the_unit",
            ),
            models.CheckConstraint(
                condition=Q(share_unit_minor__gt=0)
                & Q(per_head_minor=F("share_unit_minor") * (F("per_head_minor") / F("share_unit_minor"))),
                name="shares_are_whole_units",
            ),
            models.CheckConstraint(
                condition=Q(surplus_out_minor__gte=0)
                & (Q(per_head_minor=0) | Q(surplus_out_minor__lt=F("share_unit_minor") * F("members"))),
                name="surplus_stays_below_a_unit_a_member",
            ),
            models.CheckConstraint(
                condition=Q(members_needed=None, below_since=None, plan_ends_on=None)
                | Q(
                    # A comparison with NULL is NULL, which a check constraint accepts: so all three must be there.
                    members_needed__isnull=False,
                    below_since__isnull=False,
                    plan_ends_on__isnull=False,
                    members__lt=F("members_needed"),
                    below_since__lte=F("notice_on"),
                    plan_ends_on__gt=F("below_since"),
                ),
                name="too_few_members_have_a_consequence",
            ),
        ]
        triggers: ClassVar[list[object]] = [
            *machine_triggers(PERIOD),
            *column_triggers(columns.PERIOD),
            paired("notice", kinds=["period.noticed"], stream=_STREAM, facts=_TOTALS | {"lines": _LINES}),
            paired(
                "charge",
                kinds=["period.charged"],
                stream=_STREAM,
                into=("status", "charged"),
                facts=_TOTALS | {"shares": _SHARES, "payouts": _PAYOUTS},
            ),
            paired("settlement", kinds=["period.settled"], stream=_STREAM, into=("status", "settled"), facts={}),
        ]

    def __str__(self) -> str:
        return f"{self.plan.code} {self.notice_on}"

    @property
    def stream(self) -> str:
        """The period's stream in the audit log."""
        return f"period:{self.plan.code}/{self.notice_on}"

    @property
    def is_below(self) -> bool:
        """Whether the notice counted too few members for the plan to continue."""
        return self.members_needed is not None

    @transition(field=status, source=PERIOD.sources("charge"), target=PERIOD.target("charge"))
    def charge(self) -> None:
        """The shares become due."""

    @transition(field=status, source=PERIOD.sources("settle"), target=PERIOD.target("settle"))
    def settle(self) -> None:
        """Everything is settled."""


class LeftBecause(models.TextChoices):
    """Why a claim of the notice is not in the charge."""

    NO_LONGER_APPROVED = "no_longer_approved", _("it is no longer approved")
    ON_HOLD = "on_hold", _("it is on hold")
    AMOUNT_CHANGED = "amount_changed", _("its aid has changed")
    AIDED_BEFORE = "aided_before", _("the member has been aided in another plan that they moved into or out of")


class AidLine(Row):
    """One claim in one notice. `left_because` says why it left before the charge, if it did."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="lines", verbose_name=_("period"))
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+", verbose_name=_("claim"))
    masked_name = models.CharField(_("name"), max_length=60)
    illness_en = models.CharField(_("illness in English"), max_length=200)
    illness_zh = models.CharField(_("illness in Chinese"), max_length=200)
    age_years = models.PositiveSmallIntegerField(_("age at first diagnosis"))
    severity = models.CharField(_("severity"), max_length=10)
    aid_minor = models.BigIntegerField(_("aid"))
    fee_bp = models.PositiveIntegerField(_("fee in basis points"))
    fee_minor = models.BigIntegerField(_("fee"))
    billed_minor = models.BigIntegerField(_("billed"))
    left_because = models.CharField(_("left the charge because"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("aid in a period")
        verbose_name_plural = _("aid in a period")
        ordering = ["period", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["period", "claim"], name="a_claim_once_in_a_period"),
            models.UniqueConstraint(fields=["claim"], condition=Q(left_because=""), name="a_claim_is_charged_once"),
            models.CheckConstraint(condition=Q(aid_minor__gt=0, fee_minor__gte=0), name="aid_lines_are_positive"),
        ]
        triggers: ClassVar[list[object]] = column_triggers(columns.AID_LINE)

    def __str__(self) -> str:
        return f"line {self.pk} of period {self.period_id}"

    @property
    def severity_label(self) -> str:
        """The severity of the illness in words."""
        return str(Claim.Severity(self.severity).label)

    @property
    def left_label(self) -> str:
        """Why the claim left before the charge, in words; empty if it did not."""
        return str(LeftBecause(self.left_because).label) if self.left_because else ""


class CohortShare(Row):
    """What each member of one cohort pays in a period: one row for a cohort, however many members it has."""

    period = models.ForeignKey(Period, on_delete=models.PROTECT, related_name="shares", verbose_name=_("period"))
    first_notice_on = models.DateField(_("first notice day"))
    is_gifted = models.BooleanField(_("borne by the sponsor"))
    carried_minor = models.BigIntegerField(_("year-to-date carried in"))
    members = models.PositiveBigIntegerField(_("members"))
    year_to_date_minor = models.BigIntegerField(_("year-to-date before"))
    per_member_minor = models.BigIntegerField(_("share of each member"))

    class Meta:
        verbose_name = _("share of a cohort")
        verbose_name_plural = _("shares of cohorts")
        ordering = ["period", "first_notice_on", "is_gifted", "carried_minor"]
        constraints = [
            models.UniqueConstraint(
                fields=["period", "first_notice_on", "is_gifted", "carried_minor"], name="one_share_a_cohort"
            ),
            models.CheckConstraint(condition=Q(per_member_minor__gte=0), name="shares_are_not_negative"),
            models.CheckConstraint(condition=Q(is_gifted=False) | Q(per_member_minor=0), name="gifts_cost_nothing"),
        ]

    def __str__(self) -> str:
        return f"share {self.first_notice_on} in {self.period}"
