"""Decisions: immutable; a correction is a new decision."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from adjudication.models.claims import Claim, EligibilityCheck
from adjudication.models.hearings import Hearing
from adjudication.rules.outcomes import DecisionOutcome
from audit.pairing import paired
from audit.rows import Row
from audit.state_fields import StateField
from members.models import PlanVersion


class Decision(Row):
    """What was decided on a claim, on what basis, under which rules. Never changed (trigger)."""

    Outcome = DecisionOutcome

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="decisions", verbose_name=_("claim"))
    sequence = models.PositiveSmallIntegerField(_("sequence"))
    outcome = StateField(_("outcome"), max_length=10, states=DecisionOutcome)
    amount_minor = models.BigIntegerField(_("aid"), null=True, blank=True)
    reason_codes = models.JSONField(_("reason codes"), default=list)
    basis = models.JSONField(_("basis"))
    plan_version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    eligibility_check = models.ForeignKey(EligibilityCheck, on_delete=models.PROTECT, related_name="+")
    hearing = models.ForeignKey(Hearing, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"))

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ["claim", "sequence"]
        # Serves the search for all decisions that give one reason.
        indexes = [GinIndex(fields=["reason_codes"], name="decisions_by_reason", opclasses=["jsonb_path_ops"])]
        constraints = [
            models.UniqueConstraint(fields=["claim", "sequence"], name="decisions_are_numbered"),
            models.CheckConstraint(
                condition=Q(outcome="approved", amount_minor__gt=0) | Q(outcome="rejected", amount_minor=None),
                name="an_approval_has_an_amount",
            ),
        ]
        triggers: ClassVar[list[object]] = [
            paired(
                "decision",
                kinds=["decision.issued"],
                stream="'claim:' || (SELECT ref FROM adjudication_claim WHERE id = NEW.claim_id)",
                facts={
                    "sequence": "NEW.sequence",
                    "outcome": "NEW.outcome",
                    "amount_minor": "NEW.amount_minor",
                    "reason_codes": "NEW.reason_codes",
                    "basis": "NEW.basis",
                    "rules_digest": "(SELECT digest FROM members_planversion WHERE id = NEW.plan_version_id)",
                },
            )
        ]

    def __str__(self) -> str:
        return f"decision {self.sequence} on {self.claim}"
