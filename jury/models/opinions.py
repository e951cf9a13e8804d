"""Second opinions of professionals, on the medical questions only."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from audit.guards import machine_triggers
from jury.machines import OPINION_REQUEST
from members.models import Plan


class OpinionRequestStatus(models.TextChoices):
    """Where a request for a second opinion is."""

    OPEN = "open", _("awaiting opinions")
    CLOSED = "closed", _("closed")
    ABANDONED = "abandoned", _("abandoned")


class Conclusion(models.TextChoices):
    """What professionals may conclude, each and together."""

    CONFIRMED = "confirmed", _("confirmed")
    NOT_CONFIRMED = "not_confirmed", _("not confirmed")
    INCONCLUSIVE = "inconclusive", _("inconclusive")


class OpinionRequest(ConcurrentTransitionMixin, models.Model):
    """Medical questions put to several professionals. One request for each (case_ref, round)."""

    Status = OpinionRequestStatus
    Conclusion = Conclusion

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="opinion_requests", verbose_name=_("plan"))
    case_ref = models.CharField(_("case"), max_length=40)
    round = models.PositiveSmallIntegerField(_("round"))
    status = FSMField(
        _("status"), default=OPINION_REQUEST.initial, choices=OpinionRequestStatus.choices, protected=True
    )
    questions = models.JSONField(_("questions"))
    triggers_met = models.JSONField(_("what called for it"), default=list)
    case_file = models.JSONField(_("case file"))
    file_digest = models.CharField(_("digest of the case file"), max_length=64)
    opened_at = models.DateTimeField(_("asked"))
    due_at = models.DateTimeField(_("due"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    conclusion = models.CharField(_("conclusion"), max_length=20, choices=Conclusion, blank=True)

    class Meta:
        verbose_name = _("request for a second opinion")
        verbose_name_plural = _("requests for a second opinion")
        constraints = [
            models.UniqueConstraint(fields=["case_ref", "round"], name="one_opinion_request_a_case_and_round"),
            models.CheckConstraint(
                condition=Q(status="closed", conclusion__in=Conclusion.values)
                | (~Q(status="closed") & Q(conclusion="")),
                name="a_closed_request_has_a_conclusion",
            ),
        ]
        indexes = [models.Index(fields=["status", "due_at"])]
        triggers: ClassVar[list[object]] = machine_triggers(OPINION_REQUEST)

    def __str__(self) -> str:
        return f"opinion:{self.pk}"

    @transition(field=status, source=OPINION_REQUEST.sources("close"), target=OPINION_REQUEST.target("close"))
    def close(self) -> None:
        """The conclusion is drawn."""

    @transition(field=status, source=OPINION_REQUEST.sources("abandon"), target=OPINION_REQUEST.target("abandon"))
    def abandon(self) -> None:
        """The claim was withdrawn."""


class Opinion(models.Model):
    """One professional's answers. Empty while awaited; once given, never changed (trigger)."""

    request = models.ForeignKey(OpinionRequest, on_delete=models.PROTECT, related_name="opinions")
    professional = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="opinions", verbose_name=_("professional")
    )
    assigned_at = models.DateTimeField(_("asked"))
    answers = models.JSONField(_("answers"), default=dict)
    conclusion = models.CharField(_("conclusion"), max_length=20, choices=Conclusion, blank=True)
    reasons = models.TextField(_("reasons"), blank=True)
    given_at = models.DateTimeField(_("given"), null=True, blank=True)

    class Meta:
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
        constraints = [
            models.UniqueConstraint(fields=["request", "professional"], name="one_opinion_a_professional"),
            models.CheckConstraint(
                condition=Q(given_at=None, conclusion="") | Q(given_at__isnull=False, conclusion__in=Conclusion.values),
                name="a_given_opinion_has_a_conclusion",
            ),
        ]

    def __str__(self) -> str:
        return f"opinion {self.pk} on {self.request}"
