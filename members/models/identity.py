"""Doubts about the identity number with which somebody was registered, for a person to settle."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from audit.columns import column_triggers
from audit.guards import machine_triggers
from audit.rows import Row
from audit.state_fields import MachineField
from members import columns
from members.fields import EncryptedTextField
from members.machines import IDENTITY_QUESTION
from members.models.people import Person
from pages.states import Shape, StateChoices


class IdentityStatus(StateChoices):
    """Whether it is known who somebody is. Nothing is paid while it is not."""

    OPEN = "open", Shape.TODO, _("To be settled")
    CONFIRMED = "confirmed", Shape.GOOD, _("Identity confirmed")
    REFUTED = "refuted", Shape.BAD, _("Identity not confirmed")


class Doubt(models.TextChoices):
    """The values of `members.rules.identity.IdentityDoubt` in words."""

    CHECK_DIGIT = "check_digit", _("the check digit of the number is wrong")
    BIRTH = "birth", _("the number contains another date of birth")
    SEX = "sex", _("the number belongs to the other sex")
    OLD_FORM = "old_form", _("the number has 15 digits, a form that is no longer given out")


class IdentityQuestion(ConcurrentTransitionMixin, Row):
    """What speaks against somebody's identity number; `row` is the line of the file that they were imported from."""

    Status = IdentityStatus

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="identity_question")
    status = MachineField(_("status"), default=IDENTITY_QUESTION.initial, states=IdentityStatus)
    doubts = ArrayField(models.CharField(max_length=20, choices=Doubt), verbose_name=_("doubts"))
    row = models.PositiveBigIntegerField(_("row of the file"), null=True, blank=True)
    asked_at = models.DateTimeField(_("noticed"))
    reason = EncryptedTextField(_("reason"), blank=True)
    settled_at = models.DateTimeField(_("identity settled"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("question about an identity")
        verbose_name_plural = _("questions about identities")
        constraints = [
            models.CheckConstraint(
                condition=Q(status="open", settled_at=None, settled_by=None)
                | Q(status__in=["confirmed", "refuted"], settled_at__isnull=False, settled_by__isnull=False),
                name="an_identity_is_settled_by_somebody",
            ),
            models.CheckConstraint(condition=Q(doubts__len__gte=1), name="a_question_has_a_doubt"),
        ]
        indexes = [models.Index(fields=["status", "-id"])]
        triggers: ClassVar[list[object]] = machine_triggers(IDENTITY_QUESTION) + column_triggers(
            columns.IDENTITY_QUESTION
        )

    def __str__(self) -> str:
        return f"identity question:{self.pk}"

    @property
    def doubt_words(self) -> list[str]:
        """The doubts in words."""
        return [str(Doubt(doubt).label) for doubt in self.doubts]

    @transition(field=status, source=IDENTITY_QUESTION.sources("confirm"), target=IDENTITY_QUESTION.target("confirm"))
    def confirm(self) -> None:
        """A person has seen who it is."""

    @transition(field=status, source=IDENTITY_QUESTION.sources("refute"), target=IDENTITY_QUESTION.target("refute"))
    def refute(self) -> None:
        """A person has found that it is not shown who it is."""
