"""Second opinions of professionals, on the medical questions only."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from audit.columns import column_triggers
from audit.guards import machine_triggers
from audit.rows import Row
from audit.state_fields import MachineField, StateField
from jury import columns
from jury.machines import OPINION_REQUEST
from jury.recusals import RecusalReason
from members.fields import EncryptedJSONField
from members.models import Plan
from members.rules.verdicts import Opinion as Conclusion
from pages.states import Shape, StateChoices


class OpinionRequestStatus(StateChoices):
    """Where a request for a second opinion is."""

    OPEN = "open", Shape.ACTIVE, _("Awaiting opinions")
    CLOSED = "closed", Shape.CLOSED, _("Closed")
    ABANDONED = "abandoned", Shape.CLOSED, _("Abandoned")


class OpinionRequest(ConcurrentTransitionMixin, Row):
    """Medical questions put to several professionals. One request for each (case_ref, round)."""

    Status = OpinionRequestStatus
    Conclusion = Conclusion

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", verbose_name=_("plan"))
    case_ref = models.CharField(_("case"), max_length=40)
    round = models.PositiveSmallIntegerField(_("round"))
    status = MachineField(_("status"), default=OPINION_REQUEST.initial, states=OpinionRequestStatus)
    questions = models.JSONField(_("questions"))
    triggers_met = models.JSONField(_("what called for it"), default=list)
    case_file = models.JSONField(_("case file"))
    file_digest = models.CharField(_("digest of the case file"), max_length=64)
    opened_at = models.DateTimeField(_("asked"))
    due_at = models.DateTimeField(_("due"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    conclusion = StateField(_("conclusion"), max_length=20, states=Conclusion, blank=True)

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
        triggers: ClassVar[list[object]] = machine_triggers(OPINION_REQUEST) + column_triggers(columns.OPINION_REQUEST)

    def __str__(self) -> str:
        return f"opinion:{self.pk}"

    @transition(field=status, source=OPINION_REQUEST.sources("close"), target=OPINION_REQUEST.target("close"))
    def close(self) -> None:
        """The conclusion is drawn."""

    @transition(field=status, source=OPINION_REQUEST.sources("abandon"), target=OPINION_REQUEST.target("abandon"))
    def abandon(self) -> None:
        """The claim was withdrawn."""


AWAITED = Q(given_at=None, recused_at=None)
"""The opinions for which a request waits."""


class Opinion(Row):
    """One professional's answers. Empty while awaited; once given, or given up, never changed (trigger)."""

    request = models.ForeignKey(OpinionRequest, on_delete=models.PROTECT, related_name="opinions")
    professional = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("professional")
    )
    assigned_at = models.DateTimeField(_("asked"))
    answers = models.JSONField(_("answers"), default=dict)
    conclusion = StateField(_("conclusion"), max_length=20, states=Conclusion, blank=True)
    reasons = models.TextField(_("reasons"), blank=True)
    facts = EncryptedJSONField(_("facts found"), default=dict, blank=True)
    confidence = models.CharField(_("confidence"), max_length=20, blank=True)
    missing = models.TextField(_("what is missing"), blank=True)
    literature = models.TextField(_("literature"), blank=True)
    given_at = models.DateTimeField(_("given"), null=True, blank=True)
    recused_at = models.DateTimeField(_("stepped down"), null=True, blank=True)
    recusal_reason = models.CharField(_("why they stepped down"), max_length=20, blank=True, choices=RecusalReason)

    class Meta:
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
        constraints = [
            models.UniqueConstraint(fields=["request", "professional"], name="one_opinion_a_professional"),
            models.CheckConstraint(
                condition=Q(given_at=None, conclusion="") | Q(given_at__isnull=False, conclusion__in=Conclusion.values),
                name="a_given_opinion_has_a_conclusion",
            ),
            models.CheckConstraint(
                condition=Q(recused_at=None, recusal_reason="")
                | (Q(recused_at__isnull=False, given_at=None) & ~Q(recusal_reason="")),
                name="an_opinion_is_given_or_given_up",
            ),
        ]
        triggers: ClassVar[list[object]] = column_triggers(columns.OPINION)

    def __str__(self) -> str:
        return f"opinion {self.pk} on {self.request}"

    @property
    def known_as(self) -> str:
        """How staff read of it: with the case, without the professional."""
        return f"opinion {self.pk} on {self.request.case_ref}"
