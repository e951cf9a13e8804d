"""Drafts of plan versions: written, proposed by one reviewer, published by another."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from audit.clock import DatabaseNow
from audit.columns import column_triggers
from audit.guards import machine_triggers
from audit.rows import Row
from audit.state_fields import MachineField
from members import columns
from members.machines import PLAN_DRAFT
from members.models.plans import PlanVersion
from pages.states import Shape, StateChoices


class PlanDraftStatus(StateChoices):
    """Where a draft is."""

    DRAFTING = "drafting", Shape.TODO, _("Being written")
    PROPOSED = "proposed", Shape.WAITING, _("Proposed")
    PUBLISHED = "published", Shape.GOOD, _("Published")
    WITHDRAWN = "withdrawn", Shape.CLOSED, _("Withdrawn")


class PlanDraft(ConcurrentTransitionMixin, Row):
    """The text of a future plan version, valid or not, as typed; it changes only while it is being written (trigger).

    `revision` counts the texts, so that nobody saves over, proposes or publishes a text that they have not seen.
    """

    Status = PlanDraftStatus

    plan_code = models.CharField(_("plan"), max_length=40, blank=True)
    source = models.TextField(_("plan file"))
    revision = models.PositiveIntegerField(_("revision"), default=1)
    based_on = models.ForeignKey(
        PlanVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("drawn from")
    )
    status = MachineField(_("status"), default=PLAN_DRAFT.initial, states=PlanDraftStatus)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("begun"), db_default=DatabaseNow(), editable=False)
    saved_at = models.DateTimeField(_("saved"), db_default=DatabaseNow(), editable=False)
    remark = models.CharField(_("what should change"), max_length=400, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_at = models.DateTimeField(_("proposed"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    version = models.OneToOneField(PlanVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="draft")

    class Meta:
        verbose_name = _("plan draft")
        verbose_name_plural = _("plan drafts")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=["proposed", "published"])
                | Q(proposed_by__isnull=False, proposed_at__isnull=False),
                name="a_proposed_draft_has_its_proposer",
            ),
            models.CheckConstraint(
                condition=Q(
                    status="published",
                    confirmed_by__isnull=False,
                    confirmed_at__isnull=False,
                    version__isnull=False,
                )
                | (~Q(status="published") & Q(confirmed_by=None, confirmed_at=None, version=None)),
                name="a_published_draft_is_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
                name="two_reviewers_publish_a_draft",
            ),
        ]
        triggers: ClassVar[list[object]] = machine_triggers(PLAN_DRAFT) + column_triggers(columns.PLAN_DRAFT)

    def __str__(self) -> str:
        return f"draft {self.pk}"

    @property
    def stream(self) -> str:
        """The draft's stream in the audit log."""
        return f"plan_draft:{self.pk}"

    @property
    def filename(self) -> str:
        """What the file would be called, for messages about what stands in it."""
        return f"{self.plan_code or 'draft'}.toml"

    @transition(field=status, source=PLAN_DRAFT.sources("propose"), target=PLAN_DRAFT.target("propose"))
    def propose(self) -> None:
        """A reviewer proposes the current text."""

    @transition(field=status, source=PLAN_DRAFT.sources("send_back"), target=PLAN_DRAFT.target("send_back"))
    def send_back(self) -> None:
        """A reviewer wants the text changed first."""

    @transition(field=status, source=PLAN_DRAFT.sources("publish"), target=PLAN_DRAFT.target("publish"))
    def publish(self) -> None:
        """Another reviewer confirms it."""

    @transition(field=status, source=PLAN_DRAFT.sources("withdraw"), target=PLAN_DRAFT.target("withdraw"))
    def withdraw(self) -> None:
        """A reviewer withdraws the draft."""
