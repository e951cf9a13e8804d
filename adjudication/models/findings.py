"""What is found of a claim's facts, what the applicant says to it, and what a reviewer makes of one that came late."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from adjudication.models.claims import Claim
from adjudication.models.evidence import Evidence
from adjudication.models.investigations import DutyRecord, Investigation
from adjudication.rules.facts import FACT_WORDS, Confidence, Source, Standing
from audit.rows import Row
from audit.state_fields import StateField
from jury.models import OpinionRequest
from members.fields import EncryptedTextField


class Finding(Row):
    """One fact as somebody found it. Never changed (trigger): another value is a new finding that replaces it.

    A value stands where the fact is found, and only there (trigger: what is encrypted has no constraint).
    """

    Standing = Standing
    Source = Source
    Confidence = Confidence

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="findings", verbose_name=_("claim"))
    fact = models.CharField(_("fact"), max_length=30, choices=list(FACT_WORDS.items()))
    standing = StateField(_("standing"), max_length=20, states=Standing)
    value = EncryptedTextField(_("value"), blank=True)
    source = StateField(_("source"), max_length=20, states=Source)
    investigation = models.ForeignKey(
        Investigation, on_delete=models.PROTECT, related_name="facts_found", verbose_name=_("investigation")
    )
    duty = models.ForeignKey(DutyRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="facts_found")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="facts_found")
    opinion_request = models.ForeignKey(
        OpinionRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resource_digest = models.CharField(max_length=64, blank=True, db_default="", editable=False)
    """Of a hospital's record: the keyed digest of its server and id, by which its withdrawal finds what it stated."""
    confidence = StateField(_("confidence"), max_length=20, states=Confidence)
    note = EncryptedTextField(_("where it stands"), blank=True)
    jury_note = models.TextField(_("for the jury, without names"), blank=True)
    found_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    found_at = models.DateTimeField(_("found"))
    is_late = models.BooleanField(_("after the freeze"), default=False)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    salt = models.CharField(_("salt of the entry's digest"), max_length=64)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(source="opinion", opinion_request__isnull=False, duty=None, evidence=None, found_by=None)
                | Q(source="report", opinion_request=None, evidence=None, found_by__isnull=False)
                | Q(source="paper", opinion_request=None, duty=None, evidence__isnull=False, found_by__isnull=False)
                | Q(source="record", opinion_request=None, duty=None),
                name="a_finding_has_its_source",
            ),
            models.CheckConstraint(condition=~Q(source="opinion", is_late=True), name="an_opinion_is_never_late"),
            models.UniqueConstraint(fields=["opinion_request", "fact"], name="one_finding_of_a_fact_in_an_opinion"),
        ]
        indexes = [
            models.Index(fields=["claim", "fact", "source", "-id"]),
            models.Index(fields=["resource_digest"], condition=~Q(resource_digest=""), name="finding_of_a_record"),
        ]

    def __str__(self) -> str:
        return f"finding {self.pk} on {self.claim}"


class Remark(Row):
    """What the applicant says to the facts found, before anything is decided. Never changed (trigger)."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="remarks", verbose_name=_("claim"))
    text = EncryptedTextField(_("what the applicant says"))
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField(_("said"))

    class Meta:
        verbose_name = _("remark of the applicant")
        verbose_name_plural = _("remarks of applicants")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"remark {self.pk} on {self.claim}"


class Dismissal(Row):
    """A reviewer's word that a finding that came after the freeze needs no other look. Never changed (trigger)."""

    finding = models.OneToOneField(
        Finding, on_delete=models.PROTECT, related_name="dismissal", verbose_name=_("finding")
    )
    reason = models.CharField(_("reason"), max_length=400)
    dismissed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    dismissed_at = models.DateTimeField(_("dismissed"))

    class Meta:
        verbose_name = _("dismissal of a late finding")
        verbose_name_plural = _("dismissals of late findings")
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="a_dismissal_has_its_reason")]

    def __str__(self) -> str:
        return f"dismissal of {self.finding}"
