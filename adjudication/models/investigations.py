"""Investigations and their five duties."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from adjudication import columns
from adjudication.machines import INVESTIGATION
from adjudication.models.accounts import Account
from adjudication.models.claims import Claim
from audit.columns import column_triggers
from audit.guards import machine_triggers
from audit.rows import Row
from audit.state_fields import MachineField, StateField
from members.fields import EncryptedJSONField, EncryptedTextField
from pages.states import Shape, StateChoices


class InvestigationStatus(StateChoices):
    """Where an investigation is."""

    WAITING = "waiting", Shape.WAITING, _("Waiting for an investigator")
    OPEN = "open", Shape.ACTIVE, _("In progress")
    SIGNED = "signed", Shape.GOOD, _("Report signed")
    ABANDONED = "abandoned", Shape.CLOSED, _("Abandoned")


class Recommendation(StateChoices):
    """What the investigator recommends."""

    SUPPORT = "support", Shape.GOOD, _("For the claim")
    AGAINST = "against", Shape.BAD, _("Against the claim")


class Investigation(ConcurrentTransitionMixin, Row):
    """One investigator's work on one claim. A returned report opens the next round; a signed one never changes."""

    Status = InvestigationStatus
    Recommendation = Recommendation

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="investigations", verbose_name=_("claim"))
    round = models.PositiveSmallIntegerField(_("round"))
    status = MachineField(_("status"), default=INVESTIGATION.initial, states=InvestigationStatus)
    reason = models.CharField(_("why this round"), max_length=400, blank=True)
    for_clauses = models.JSONField(_("clauses for which it was sent back"), default=list, blank=True)
    investigator = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField(_("opened"))
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"))
    recommendation = StateField(_("recommendation"), max_length=10, states=Recommendation, blank=True)
    reason_codes = models.JSONField(_("reason codes"), default=list)
    report = EncryptedTextField(_("report"), blank=True)
    jury_summary = models.TextField(_("summary for the jury, without names"), blank=True)
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("account")
    )
    jury_account = EncryptedTextField(_("account as jurors read it"), blank=True, db_default="")
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True)
    manifest = models.JSONField(_("manifest of the evidence"), default=list)
    manifest_digest = models.CharField(_("digest of the manifest"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("investigation")
        verbose_name_plural = _("investigations")
        constraints = [
            models.UniqueConstraint(fields=["claim", "round"], name="one_investigation_a_round"),
            models.CheckConstraint(
                condition=Q(status="waiting", investigator=None)
                | Q(status="abandoned")
                | Q(status__in=["open", "signed"], investigator__isnull=False),
                name="a_taken_investigation_has_its_investigator",
            ),
            models.CheckConstraint(
                condition=~Q(status="signed")
                | (Q(signed_at__isnull=False) & Q(recommendation__in=Recommendation.values) & ~Q(manifest_digest="")),
                name="a_signed_report_is_complete",
            ),
        ]
        indexes = [models.Index(fields=["status", "due_at"]), models.Index(fields=["investigator", "status"])]
        triggers: ClassVar[list[object]] = machine_triggers(INVESTIGATION) + column_triggers(columns.INVESTIGATION)

    def __str__(self) -> str:
        return f"investigation {self.round} of {self.claim}"

    @property
    def files_frozen(self) -> int:
        """How many files the manifest holds; the applicant's account, which it can hold too, is none."""
        return sum("evidence" in entry for entry in self.manifest)

    @transition(field=status, source=INVESTIGATION.sources("take"), target=INVESTIGATION.target("take"))
    def take(self) -> None:
        """An investigator takes it."""

    @transition(field=status, source=INVESTIGATION.sources("sign"), target=INVESTIGATION.target("sign"))
    def sign(self) -> None:
        """The report is signed."""

    @transition(field=status, source=INVESTIGATION.sources("abandon"), target=INVESTIGATION.target("abandon"))
    def abandon(self) -> None:
        """The claim was withdrawn or decided by a clause."""


class DutyKind(models.TextChoices):
    """The five duties of an investigator."""

    INTERVIEW = "interview", _("Interview the member")
    TREATING_HOSPITALS = "treating_hospitals", _("Visit the hospitals that treated the illness")
    OTHER_HOSPITALS = "other_hospitals", _("Check other hospitals the member may have visited")
    COMMERCIAL_INSURANCE = "commercial_insurance", _("Check commercial insurance claims")
    SOCIAL_INSURANCE = "social_insurance", _("Check social insurance reimbursements")


class DutyResult(StateChoices):
    """What a duty found."""

    CONFIRMS = "confirms", Shape.GOOD, _("Confirms the claim")
    CONTRADICTS = "contradicts", Shape.BAD, _("Contradicts the claim")
    NOTHING_FOUND = "nothing_found", Shape.GOOD, _("Nothing found")
    NOT_POSSIBLE = "not_possible", Shape.WAITING, _("Could not be done")


class DutyRecord(Row):
    """One of the five duties with its result. Open until the report is signed."""

    Kind = DutyKind
    Result = DutyResult

    investigation = models.ForeignKey(Investigation, on_delete=models.PROTECT, related_name="duties")
    kind = models.CharField(_("duty"), max_length=30, choices=DutyKind)
    result = StateField(_("result"), max_length=20, states=DutyResult, blank=True)
    findings = EncryptedTextField(_("findings"), blank=True)
    details = EncryptedJSONField(_("details"), default=dict, blank=True)
    jury_summary = models.TextField(_("summary for the jury, without names"), blank=True)
    done_on = models.DateField(_("done on"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded"), null=True, blank=True)

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["investigation", "kind"], name="each_duty_once"),
            models.CheckConstraint(
                condition=Q(recorded_at=None, result="") | (Q(recorded_at__isnull=False) & ~Q(result="")),
                name="a_recorded_duty_has_a_result",
            ),
        ]
        triggers: ClassVar[list[object]] = column_triggers(columns.DUTY_RECORD)

    def __str__(self) -> str:
        return f"{self.kind} of {self.investigation}"


class DutyRevision(Row):
    """What a duty said before it was recorded again. Never changed (trigger)."""

    duty = models.ForeignKey(DutyRecord, on_delete=models.PROTECT, related_name="revisions", verbose_name=_("duty"))
    result = StateField(_("result"), max_length=20, states=DutyResult)
    findings = EncryptedTextField(_("findings"))
    details = EncryptedJSONField(_("details"), default=dict, blank=True)
    jury_summary = models.TextField(_("summary for the jury, without names"))
    done_on = models.DateField(_("done on"))
    recorded_at = models.DateTimeField(_("recorded"))
    replaced_at = models.DateTimeField(_("replaced"))

    class Meta:
        verbose_name = _("earlier version of a duty")
        verbose_name_plural = _("earlier versions of duties")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"earlier version of {self.duty}"
