"""What every payment has until its answer is final: its next moment, its silence, the record of its exchanges."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from allocation import columns
from allocation.rules.asking import in_flight_until, next_attempt_at
from audit.clock import DatabaseNow
from audit.columns import column_triggers
from audit.rows import Row

TAKEN_UP = ("attempted_at", "next_attempt_at")
"""What changes when an exchange begins."""
EXCHANGED = (*TAKEN_UP, "unanswered", "unanswered_since", "escalated_at")
"""What can change when it has ended."""


class AskingRound(Row):
    """A request by a person to ask about every payment without an answer again; the workers do it."""

    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("requested"))
    payments = models.PositiveIntegerField(_("payments"))

    class Meta:
        verbose_name = _("request to ask again")
        verbose_name_plural = _("requests to ask again")
        ordering = ["-pk"]
        constraints = [models.CheckConstraint(condition=Q(payments__gt=0), name="a_round_asks_about_something")]

    def __str__(self) -> str:
        return f"round {self.pk}"


class Asked(Row):
    """A payment that is ordered and asked about under one key until the answer is final.

    `next_attempt_at` is empty once nothing is left to ask; `attempted_at` is when the last exchange began, and empty if
    nothing can have been sent yet. `unanswered` counts the exchanges since `unanswered_since`
    that brought no final answer. `escalated_at` says since when a person has been told.
    """

    key: models.CharField[str, str]

    next_attempt_at = models.DateTimeField(_("next exchange"), null=True, blank=True, db_default=DatabaseNow())
    attempted_at = models.DateTimeField(_("last exchange"), null=True, blank=True)
    unanswered = models.PositiveIntegerField(_("exchanges without an answer"), default=0)
    unanswered_since = models.DateTimeField(_("without an answer since"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("escalated to a person"), null=True, blank=True)
    # No index of its own: the partial one holds the few that were ever asked about again.
    asking_round = models.ForeignKey(
        AskingRound, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        abstract = True

    def take_up(self, at: dt.datetime, timeout_s: float) -> None:
        """An exchange is about to begin. If this process dies in it, the payment is due again after a while."""
        self.attempted_at = at
        self.next_attempt_at = in_flight_until(at, timeout_s)

    def note_silence(self, at: dt.datetime) -> None:
        """An exchange brought no answer: ask again later, and later each time."""
        self.unanswered += 1
        self.unanswered_since = self.unanswered_since or at
        self.next_attempt_at = next_attempt_at(
            key=self.key, unanswered=self.unanswered, since=self.unanswered_since, at=at
        )

    def note_answer(self) -> None:
        """The answer is final: nothing is left to ask."""
        self.unanswered, self.unanswered_since, self.escalated_at = 0, None, None
        self.next_attempt_at = None


def asked_constraints(name: str) -> list[models.BaseConstraint]:
    """What holds of every kind of payment, under names of its own."""
    return [
        models.CheckConstraint(
            condition=Q(unanswered=0, unanswered_since=None) | Q(unanswered__gt=0, unanswered_since__isnull=False),
            name=f"{name}_silence_has_a_beginning",
        )
    ]


def asked_indexes(name: str) -> list[models.Index]:
    """What the sweep looks for and what a person is shown: as long as what is open, not as what was ever paid."""
    return [
        models.Index(
            fields=["next_attempt_at"], condition=Q(next_attempt_at__isnull=False), name=f"{name}_by_next_attempt"
        ),
        models.Index(fields=["escalated_at"], condition=Q(escalated_at__isnull=False), name=f"{name}_escalated"),
        models.Index(fields=["asking_round"], condition=Q(asking_round__isnull=False), name=f"{name}_of_round"),
    ]


class PaymentAttempt(Row):
    """One exchange with the payment service about the payment of this key; written once.

    `reason` says why there was no answer: the name of an exception's class, never its words, which may name people.
    """

    key = models.CharField(_("key"), max_length=80)
    number = models.PositiveIntegerField(_("number"))
    act = models.CharField(_("act"), max_length=10)
    answer = models.CharField(_("answer"), max_length=40)
    reason = models.CharField(_("reason"), max_length=80, blank=True)
    made_at = models.DateTimeField(_("made"), db_default=DatabaseNow(), editable=False)

    class Meta:
        verbose_name = _("exchange with the payment service")
        verbose_name_plural = _("exchanges with the payment service")
        ordering = ["key", "number"]
        constraints = [models.UniqueConstraint(fields=["key", "number"], name="exchanges_are_numbered")]

    def __str__(self) -> str:
        return f"exchange {self.number} about {self.key}"


class PaymentService(Row):
    """How well the payment service of this name answers: one row for each adapter, made at its first silence.

    It counts as silent after several unanswered exchanges in a row, whatever they were about. Until a probe is
    answered, nothing else is sent.
    """

    name = models.CharField(_("name"), max_length=200, unique=True)
    unanswered = models.PositiveIntegerField(_("exchanges without an answer"), default=0)
    unanswered_since = models.DateTimeField(_("without an answer since"), null=True, blank=True)
    silent_since = models.DateTimeField(_("silent since"), null=True, blank=True)
    next_probe_at = models.DateTimeField(_("next probe"), null=True, blank=True)
    probes = models.PositiveIntegerField(_("probes"), default=0)

    class Meta:
        verbose_name = _("payment service")
        verbose_name_plural = _("payment services")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(silent_since=None, next_probe_at=None)
                | Q(silent_since__isnull=False, next_probe_at__isnull=False),
                name="a_silent_service_is_probed",
            )
        ]
        triggers: ClassVar[list[object]] = column_triggers(columns.PAYMENT_SERVICE)

    def __str__(self) -> str:
        return self.name
