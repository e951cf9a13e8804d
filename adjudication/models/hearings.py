"""Hearings: one claim, one round, one panel."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from adjudication import columns
from adjudication.models.claims import Claim
from adjudication.models.investigations import Investigation
from audit.columns import column_triggers
from audit.rows import Row
from audit.state_fields import StateField
from jury.models import OpinionRequest, Panel
from members.rules.verdicts import Opinion


class HearingKind(models.TextChoices):
    """Why a panel sits."""

    FIRST = "first", _("first panel")
    FRESH = "fresh", _("fresh panel")
    REHEARING = "rehearing", _("after a further investigation")
    APPEAL = "appeal", _("appeal")
    REPEAT = "repeat", _("again, because jurors dispute what came from their seats")


class Hearing(Row):
    """The claim's side of a panel. `is_final`: its verdict opens no further opinion.

    `conclusion`: where professionals found facts, what their opinion means for the claim on these facts.
    """

    Kind = HearingKind

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="hearings", verbose_name=_("claim"))
    round = models.PositiveSmallIntegerField(_("round"))
    kind = models.CharField(_("kind"), max_length=10, choices=HearingKind)
    is_final = models.BooleanField(_("final"), default=False)
    investigation = models.ForeignKey(Investigation, on_delete=models.PROTECT, related_name="hearings")
    panel = models.OneToOneField(Panel, on_delete=models.PROTECT, related_name="+")
    opinion_request = models.OneToOneField(
        OpinionRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    conclusion = StateField(_("what the opinion means on its facts"), max_length=20, states=Opinion, blank=True)
    opened_at = models.DateTimeField(_("opened"))

    class Meta:
        verbose_name = _("hearing")
        verbose_name_plural = _("hearings")
        ordering = ["claim", "round"]
        constraints = [models.UniqueConstraint(fields=["claim", "round"], name="one_hearing_a_round")]
        triggers: ClassVar[list[object]] = column_triggers(columns.HEARING)

    def __str__(self) -> str:
        return f"hearing {self.round} of {self.claim}"
