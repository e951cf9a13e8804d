"""Claims, the drafts they come from, and the eligibility traces stored with them."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from adjudication import columns
from adjudication.machines import CLAIM
from audit.clock import DatabaseNow
from audit.columns import column_triggers
from audit.guards import machine_triggers
from audit.rows import Row
from audit.state_fields import MachineField, StateField
from members.fields import EncryptedJSONField, EncryptedTextField
from members.models import Membership, Plan, PlanVersion
from members.rules.eligibility_types import Eligibility
from pages.states import Shape, StateChoices


class ClaimStatus(StateChoices):
    """Where a claim is."""

    SUBMITTED = "submitted", Shape.ACTIVE, _("Submitted")
    UNDER_INVESTIGATION = "under_investigation", Shape.ACTIVE, _("Under investigation")
    INVESTIGATED = "investigated", Shape.ACTIVE, _("Investigated")
    JURY_REVIEW = "jury_review", Shape.ACTIVE, _("Before the jury")
    SECOND_OPINION = "second_opinion", Shape.ACTIVE, _("With the doctors")
    APPROVED = "approved", Shape.GOOD, _("Approved")
    PAID = "paid", Shape.GOOD, _("Paid")
    REJECTED = "rejected", Shape.BAD, _("Rejected")
    WITHDRAWN = "withdrawn", Shape.CLOSED, _("Withdrawn")


OPEN_STATUSES = ["submitted", "under_investigation", "investigated", "jury_review", "second_opinion", "approved"]
"""While a claim is in one of these, its member can't file another."""


class Lacking(models.TextChoices):
    """Who a claim needs for its next step, and nobody is free."""

    JURORS = "jurors", _("jurors")
    PROFESSIONALS = "professionals", _("professionals")


class Severity(models.TextChoices):
    """How severe the illness is in the plan's terms."""

    MILD = "mild", _("mild")
    SEVERE = "severe", _("severe")


class Claim(ConcurrentTransitionMixin, Row):
    """A member's request for aid. `ref` is its public name; the status moves only along `machines.CLAIM`."""

    Status = ClaimStatus
    Severity = Severity
    Lacking = Lacking

    ref = models.CharField(_("claim"), max_length=20, unique=True)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", verbose_name=_("plan"))
    plan_version = models.ForeignKey(
        PlanVersion,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("rules in force at first diagnosis"),
    )
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", verbose_name=_("membership"))
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    status = MachineField(_("status"), default=CLAIM.initial, states=ClaimStatus)
    status_since = models.DateTimeField(_("in this state since"))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    hold_reason = models.CharField(_("on hold because"), max_length=200, blank=True)
    held_since = models.DateTimeField(_("on hold since"), null=True, blank=True)
    hold_until = models.DateTimeField(_("on hold until"), null=True, blank=True)
    """When the hold lifts by itself; empty without a hold."""
    released_at = models.DateTimeField(_("last hold lifted"), null=True, blank=True)
    """No clock runs during a hold; those that start again with its end start here."""
    lacking = models.CharField(
        _("cannot go on without"), max_length=20, blank=True, db_default="", default="", choices=Lacking
    )
    lacking_since = models.DateTimeField(_("without them since"), null=True, blank=True)
    icd10 = models.CharField(_("diagnosis (ICD-10)"), max_length=10)
    icd10_given = models.CharField(_("code of the diagnosis as given"), max_length=20, blank=True, db_default="")
    disease = models.CharField(_("which disease of the code"), max_length=40, blank=True, db_default="", default="")
    severity = models.CharField(_("severity"), max_length=10, choices=Severity)
    is_accident = models.BooleanField(_("caused by an accident"), default=False)
    first_diagnosed_on = models.DateField(_("first diagnosed on"))
    suspected_on = models.DateField(_("first suspected or treated on"), null=True, blank=True)
    hospital = EncryptedTextField(_("hospital"))
    hospital_digest = models.CharField(max_length=64, blank=True, db_default="", editable=False)
    account = EncryptedTextField(_("what happened"), blank=True)
    submitted_at = models.DateTimeField(_("submitted"))
    amount_minor = models.BigIntegerField(_("aid"), null=True, blank=True)
    import_key = models.CharField(max_length=120, null=True, blank=True, unique=True, editable=False)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.UniqueConstraint(
                fields=["membership"], condition=Q(status__in=OPEN_STATUSES), name="one_open_claim_a_membership"
            ),
            models.CheckConstraint(condition=Q(amount_minor=None) | Q(amount_minor__gt=0), name="aid_is_positive"),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "paid"]) | Q(amount_minor__isnull=False),
                name="an_approved_claim_has_its_amount",
            ),
            models.CheckConstraint(
                condition=~Q(hold_reason="") | Q(held_since=None, hold_until=None),
                name="only_a_held_claim_has_the_times_of_a_hold",
            ),
            models.CheckConstraint(
                condition=Q(lacking="", lacking_since=None) | (~Q(lacking="") & Q(lacking_since__isnull=False)),
                name="what_is_lacking_has_its_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "status_since"]),
            models.Index(fields=["status", "due_at"]),
            models.Index(fields=["plan", "status", "-id"]),
            models.Index(fields=["hospital_digest"], condition=~Q(hospital_digest=""), name="claim_hospital"),
        ]
        triggers: ClassVar[list[object]] = machine_triggers(CLAIM) + column_triggers(columns.CLAIM)

    def __str__(self) -> str:
        return self.ref

    @property
    def stream(self) -> str:
        """The claim's stream in the audit log."""
        return f"claim:{self.ref}"

    @transition(field=status, source=CLAIM.sources("begin_investigation"), target=CLAIM.target("begin_investigation"))
    def begin_investigation(self) -> None:
        """An investigator takes the claim."""

    @transition(field=status, source=CLAIM.sources("reject_by_clause"), target=CLAIM.target("reject_by_clause"))
    def reject_by_clause(self) -> None:
        """A failed clause decides: by itself where the plan version says so, or because it binds."""

    @transition(field=status, source=CLAIM.sources("sign_report"), target=CLAIM.target("sign_report"))
    def sign_report(self) -> None:
        """The report is signed and the evidence frozen."""

    @transition(field=status, source=CLAIM.sources("return_report"), target=CLAIM.target("return_report"))
    def return_report(self) -> None:
        """A reviewer returns the report."""

    @transition(field=status, source=CLAIM.sources("open_hearing"), target=CLAIM.target("open_hearing"))
    def open_hearing(self) -> None:
        """A hearing is opened."""

    @transition(field=status, source=CLAIM.sources("approve_uncontested"), target=CLAIM.target("approve_uncontested"))
    def approve_uncontested(self) -> None:
        """Approved without a jury, where it is for disputed claims only."""

    @transition(field=status, source=CLAIM.sources("reject_uncontested"), target=CLAIM.target("reject_uncontested"))
    def reject_uncontested(self) -> None:
        """Rejected without a jury, where it is for disputed claims only."""

    @transition(
        field=status, source=CLAIM.sources("refer_to_professionals"), target=CLAIM.target("refer_to_professionals")
    )
    def refer_to_professionals(self) -> None:
        """A second opinion is asked for."""

    @transition(field=status, source=CLAIM.sources("approve"), target=CLAIM.target("approve"))
    def approve(self) -> None:
        """The decision table says approved."""

    @transition(field=status, source=CLAIM.sources("reject"), target=CLAIM.target("reject"))
    def reject(self) -> None:
        """The decision table says rejected."""

    @transition(field=status, source=CLAIM.sources("reinvestigate"), target=CLAIM.target("reinvestigate"))
    def reinvestigate(self) -> None:
        """Back to investigation."""

    @transition(field=status, source=CLAIM.sources("repeat_panel"), target=CLAIM.target("repeat_panel"))
    def repeat_panel(self) -> None:
        """Another panel sits, because disputed seats could turn the verdict."""

    @transition(field=status, source=CLAIM.sources("empanel_afresh"), target=CLAIM.target("empanel_afresh"))
    def empanel_afresh(self) -> None:
        """A fresh panel sits."""

    @transition(field=status, source=CLAIM.sources("settle"), target=CLAIM.target("settle"))
    def settle(self) -> None:
        """The settlement of the payout is confirmed."""

    @transition(field=status, source=CLAIM.sources("withdraw"), target=CLAIM.target("withdraw"))
    def withdraw(self) -> None:
        """The applicant withdraws."""


class ClaimDraft(Row):
    """A claim being written, saved step by step. Becomes a claim when sent; then only the link remains."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("user")
    )
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answers = EncryptedJSONField(_("answers"), default=dict)
    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, null=True, blank=True, related_name="draft")
    created_at = models.DateTimeField(db_default=DatabaseNow(), editable=False)
    saved_at = models.DateTimeField(_("saved"), db_default=DatabaseNow(), editable=False)

    class Meta:
        verbose_name = _("claim draft")
        verbose_name_plural = _("claim drafts")
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(claim=None), name="one_unsent_draft_a_user"),
        ]
        triggers: ClassVar[list[object]] = column_triggers(columns.CLAIM_DRAFT)

    def __str__(self) -> str:
        return f"draft:{self.pk}"


class EligibilityCheck(Row):
    """One run of the eligibility clauses over a claim. Never changed (trigger); a new run is a new row."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="eligibility_checks")
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    occasion = models.CharField(_("occasion"), max_length=40)
    outcome = StateField(_("outcome"), max_length=20, states=Eligibility)
    trace = models.JSONField(_("trace"))
    checked_at = models.DateTimeField(_("checked"))

    class Meta:
        verbose_name = _("eligibility check")
        verbose_name_plural = _("eligibility checks")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"check of {self.claim}"
