"""What an applicant says to a report by which the claim would be rejected."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, FSMField, transition

from adjudication.machines import ANSWER
from adjudication.models.investigations import Investigation
from audit.guards import machine_triggers


class AnswerStatus(models.TextChoices):
    """What the applicant said."""

    ASKED = "asked", _("awaited")
    JURY = "jury", _("asks for the jury")
    ACCEPTED = "accepted", _("accepts the rejection")
    SILENT = "silent", _("no answer in time")
    VOID = "void", _("no longer awaited")


class Answer(ConcurrentTransitionMixin, models.Model):
    """One question to the applicant on one signed report: do they want the jury, or accept the rejection?"""

    Status = AnswerStatus

    investigation = models.OneToOneField(
        Investigation, on_delete=models.PROTECT, related_name="answer", verbose_name=_("investigation")
    )
    status = FSMField(
        _("what the applicant says"), default=ANSWER.initial, choices=AnswerStatus.choices, protected=True
    )
    asked_at = models.DateTimeField(_("applicant asked"))
    due_at = models.DateTimeField(_("due"))
    ended_at = models.DateTimeField(_("answered or lapsed"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("answer to a report")
        verbose_name_plural = _("answers to reports")
        constraints = [
            models.CheckConstraint(
                condition=Q(status="asked", ended_at=None, answered_by=None)
                | Q(status__in=["jury", "accepted"], ended_at__isnull=False, answered_by__isnull=False)
                | Q(status__in=["silent", "void"], ended_at__isnull=False, answered_by=None),
                name="an_answer_has_its_giver_and_silence_has_none",
            ),
            models.CheckConstraint(condition=Q(due_at__gt=models.F("asked_at")), name="an_answer_has_time"),
        ]
        triggers: ClassVar[list[object]] = machine_triggers(ANSWER)

    def __str__(self) -> str:
        return f"answer to {self.investigation}"

    @transition(field=status, source=ANSWER.sources("ask_for_jury"), target=ANSWER.target("ask_for_jury"))
    def ask_for_jury(self) -> None:
        """The applicant asks for the jury."""

    @transition(field=status, source=ANSWER.sources("accept"), target=ANSWER.target("accept"))
    def accept(self) -> None:
        """The applicant accepts the rejection."""

    @transition(field=status, source=ANSWER.sources("lapse"), target=ANSWER.target("lapse"))
    def lapse(self) -> None:
        """The deadline has passed."""

    @transition(field=status, source=ANSWER.sources("void"), target=ANSWER.target("void"))
    def void(self) -> None:
        """The question has no object any more."""
