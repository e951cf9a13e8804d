"""Relations to a member that somebody who decides has declared."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from adjudication import columns
from adjudication.machines import RELATION
from adjudication.models.claims import Claim
from audit.columns import column_triggers
from audit.guards import machine_triggers
from audit.rows import Row
from audit.state_fields import MachineField
from members.fields import EncryptedTextField
from pages.states import Shape, StateChoices


class RelationStatus(StateChoices):
    """Whether a declared relation counts; it does until a second person has agreed that it does not hold."""

    DECLARED = "declared", Shape.ACTIVE, _("Declared")
    WITHDRAWAL_ASKED = "withdrawal_asked", Shape.WAITING, _("Withdrawal asked for")
    WITHDRAWN = "withdrawn", Shape.CLOSED, _("Withdrawn")


class RelationKind(models.TextChoices):
    """What somebody has to do with a member. Only the kind is kept: more would be data about both."""

    FAMILY = "family", _("We are related, or live together")
    FRIEND = "friend", _("We know each other in private")
    WORK = "work", _("We work or worked together, or one for the other")
    TREATED = "treated", _("I treated the member, or work at the hospital")
    MONEY = "money", _("I could gain or lose by the outcome")
    OTHER = "other", _("Something else that could bias me")


class DeclaredRelation(ConcurrentTransitionMixin, Row):
    """Somebody's word that they are close to the member of a claim: a conflict for each claim of this member."""

    Status = RelationStatus
    Kind = RelationKind

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="relations", verbose_name=_("claim"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=RelationKind)
    status = MachineField(_("status"), default=RELATION.initial, states=RelationStatus)
    declared_at = models.DateTimeField(_("declared"))
    why_withdrawn = EncryptedTextField(_("why it does not hold"), blank=True)
    ended_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("declared relation")
        verbose_name_plural = _("declared relations")
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "user"], condition=~Q(status="withdrawn"), name="one_relation_a_claim_and_user"
            ),
            models.CheckConstraint(condition=Q(kind__in=RelationKind.values), name="relation_kind_is_known"),
            models.CheckConstraint(
                condition=(~Q(status="withdrawn") & Q(ended_at=None, ended_by=None))
                | (Q(status="withdrawn", ended_at__isnull=False, ended_by__isnull=False) & ~Q(ended_by=F("user"))),
                name="a_relation_is_withdrawn_by_a_second_person",
            ),
        ]
        indexes = [models.Index(fields=["user", "status"])]
        triggers: ClassVar[list[object]] = machine_triggers(RELATION) + column_triggers(columns.DECLARED_RELATION)

    def __str__(self) -> str:
        return f"relation:{self.pk}"

    @transition(field=status, source=RELATION.sources("ask_withdrawal"), target=RELATION.target("ask_withdrawal"))
    def ask_withdrawal(self) -> None:
        """Who declared it asks a second person to withdraw it."""

    @transition(field=status, source=RELATION.sources("keep"), target=RELATION.target("keep"))
    def keep(self) -> None:
        """The second person keeps it."""

    @transition(field=status, source=RELATION.sources("withdraw"), target=RELATION.target("withdraw"))
    def withdraw(self) -> None:
        """The second person agrees."""
