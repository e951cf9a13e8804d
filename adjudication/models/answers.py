"""What an applicant says to a report by which the claim would be rejected."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from adjudication import columns
from adjudication.machines import ANSWER
from adjudication.models.investigations import Investigation
from audit.columns import column_triggers
from audit.guards import machine_triggers
from audit.models import Entry
from audit.rows import Row
from audit.state_fields import MachineField
from members.fields import EncryptedTextField
from members.rules.serving import Way
from pages.states import Shape, StateChoices


class AnswerStatus(StateChoices):
    """What the applicant said."""

    ASKED = "asked", Shape.WAITING, _("Awaited")
    JURY = "jury", Shape.ACTIVE, _("Asks for the jury")
    ACCEPTED = "accepted", Shape.CLOSED, _("Accepts the rejection")
    HEARD = "heard", Shape.CLOSED, _("Has spoken")
    SILENT = "silent", Shape.CLOSED, _("No answer in time")
    VOID = "void", Shape.CLOSED, _("No longer awaited")


OLDER = "older"
"""An answer of a release that did not ask how its notice was served."""
SERVED_BY = [
    (Way.OPENED.value, _("its reader opened it")),
    (Way.ARRIVED.value, _("it arrived")),
    (Way.TAKEN.value, _("it was sent, and nothing came back")),
    (Way.TOLD.value, _("a member of staff reached them")),
    (Way.INBOX.value, _("it counts as served in the inbox")),
    (OLDER, _("an earlier release did not ask")),
]


class Answer(ConcurrentTransitionMixin, Row):
    """One question to the applicant about one signed report: do they want the jury, or accept the rejection?

    Where clauses that bind would reject the claim, `clauses` names them: no jury can change them, and the applicant is
    heard before the decision instead.
    """

    Status = AnswerStatus

    investigation = models.OneToOneField(
        Investigation, on_delete=models.PROTECT, related_name="answer", verbose_name=_("investigation")
    )
    status = MachineField(_("what the applicant says"), default=ANSWER.initial, states=AnswerStatus)
    asked_at = models.DateTimeField(_("applicant asked"))
    runs_from = models.DateTimeField(_("time runs from"), null=True)
    """When the time began that ends at `due_at`: with the question, or again after a hold."""
    due_at = models.DateTimeField(_("due"))
    # Without a constraint in the database, like every reference to an entry: the log refuses to be emptied by itself.
    notice_entry = models.ForeignKey(
        Entry, on_delete=models.DO_NOTHING, null=True, related_name="+", db_constraint=False, verbose_name=_("notice")
    )
    """The entry whose messages are the notice of this question: of asking, or of the last time that it began again."""
    served_at = models.DateTimeField(_("notice served"), null=True)
    served_by = models.CharField(_("notice served by"), max_length=10, blank=True, db_default="", choices=SERVED_BY)
    """What shows it (members/rules/serving.py); empty while nothing does, and then silence has no consequence."""
    restarts = models.PositiveSmallIntegerField(_("times that a bounce started the time again"), default=0)
    ended_at = models.DateTimeField(_("answered or lapsed"), null=True, blank=True)
    clauses = models.JSONField(_("clauses that would reject the claim"), default=list, blank=True)
    words = EncryptedTextField(_("what the applicant says"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("answer to a report")
        verbose_name_plural = _("answers to reports")
        constraints = [
            models.CheckConstraint(
                condition=Q(status="asked", ended_at=None, answered_by=None)
                | Q(status__in=["jury", "accepted", "heard"], ended_at__isnull=False, answered_by__isnull=False)
                | Q(status__in=["silent", "void"], ended_at__isnull=False, answered_by=None),
                name="an_answer_has_its_giver_and_silence_has_none",
            ),
            models.CheckConstraint(
                condition=(~Q(status="jury") | Q(clauses=[])) & (~Q(status="heard") | ~Q(clauses=[])),
                name="no_jury_over_a_clause_that_binds",
            ),
            models.CheckConstraint(condition=Q(due_at__gt=models.F("asked_at")), name="an_answer_has_time"),
            models.CheckConstraint(
                condition=~Q(status="silent")
                | Q(served_by=OLDER)
                | Q(served_at__isnull=False, served_at__lt=models.F("due_at")),
                name="silence_counts_after_a_served_notice",
            ),
            models.CheckConstraint(
                condition=Q(served_at=None, served_by__in=["", OLDER])
                | (Q(served_at__isnull=False) & ~Q(served_by__in=["", OLDER])),
                name="a_served_notice_says_by_what",
            ),
            models.CheckConstraint(condition=Q(restarts__lte=1), name="a_bounce_starts_an_answer_s_time_again_once"),
        ]
        triggers: ClassVar[list[object]] = machine_triggers(ANSWER) + column_triggers(columns.ANSWER)

    def __str__(self) -> str:
        return f"answer to {self.investigation}"

    @transition(field=status, source=ANSWER.sources("ask_for_jury"), target=ANSWER.target("ask_for_jury"))
    def ask_for_jury(self) -> None:
        """The applicant asks for the jury."""

    @transition(field=status, source=ANSWER.sources("accept"), target=ANSWER.target("accept"))
    def accept(self) -> None:
        """The applicant accepts the rejection."""

    @transition(field=status, source=ANSWER.sources("speak"), target=ANSWER.target("speak"))
    def speak(self) -> None:
        """The applicant speaks to a rejection by clause."""

    @transition(field=status, source=ANSWER.sources("lapse"), target=ANSWER.target("lapse"))
    def lapse(self) -> None:
        """The deadline has passed."""

    @transition(field=status, source=ANSWER.sources("void"), target=ANSWER.target("void"))
    def void(self) -> None:
        """The question no longer applies."""
