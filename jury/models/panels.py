"""Panels: the commitment, the draw and the seats."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import ConcurrentTransitionMixin, transition

from audit.columns import column_triggers
from audit.guards import machine_triggers
from audit.pairing import paired
from audit.rows import Row
from audit.state_fields import MachineField, StateField
from jury import columns
from jury.machines import PANEL, SEAT
from jury.models.jurors import Juror
from members.models import Plan
from members.rules.verdicts import Verdict
from pages.states import Shape, StateChoices


class PanelStatus(StateChoices):
    """Where a panel is."""

    COMMITTED = "committed", Shape.WAITING, _("Draw committed")
    OPEN = "open", Shape.ACTIVE, _("Voting open")
    CLOSED = "closed", Shape.CLOSED, _("Closed")
    ABANDONED = "abandoned", Shape.CLOSED, _("Abandoned")


_STREAM = "'claim:' || NEW.case_ref"


class Panel(ConcurrentTransitionMixin, Row):
    """One draw and one vote on one opaque case. One panel for each (case_ref, round), never restarted.

    `case_file` is the masked file, frozen: every juror sees this one and no other. The commitment is logged before
    the entropy exists: `checkpoint_size` names the signed checkpoint that covers it, and without one there is neither
    a word nor a draw (a trigger). Counts and verdict stay empty until the close; `closed_in` is the database's number
    of the close's transaction (a trigger), in which alone openings can be written.
    """

    Status = PanelStatus
    Verdict = Verdict

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+", verbose_name=_("plan"))
    case_ref = models.CharField(_("case"), max_length=40)
    round = models.PositiveSmallIntegerField(_("round"))
    status = MachineField(_("status"), default=PANEL.initial, states=PanelStatus)
    case_file = models.JSONField(_("case file"))
    file_digest = models.CharField(_("digest of the case file"), max_length=64)
    case_facts = models.JSONField(_("facts for conflicts (digests)"), default=dict)
    rules_digest = models.CharField(_("digest of the rules"), max_length=64)
    seats_wanted = models.PositiveSmallIntegerField(_("seats"))
    quorum = models.PositiveSmallIntegerField(_("quorum"))
    pool_high = models.PositiveIntegerField(_("highest juror number"))
    commitment = models.JSONField(_("commitment"))
    commitment_digest = models.CharField(_("digest of the commitment"), max_length=64)
    committed_at = models.DateTimeField(_("committed"))
    nonce_due_at = models.DateTimeField(_("applicant's word due"))
    nonce = models.CharField(_("applicant's word"), max_length=64, blank=True)
    chain_index = models.PositiveIntegerField(_("link of the hash chain"))
    checkpoint_size = models.PositiveBigIntegerField(_("checkpoint over the commitment"), null=True, blank=True)
    entropy = models.CharField(_("entropy"), max_length=400, blank=True)
    drawn_at = models.DateTimeField(_("drawn"), null=True, blank=True)
    voting_hours = models.PositiveSmallIntegerField(_("hours to vote"))
    extension_hours = models.PositiveSmallIntegerField(_("hours of extension below quorum"), default=0)
    is_extended = models.BooleanField(_("extended"), default=False)
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    addendum_at = models.DateTimeField(_("addendum released"), null=True, blank=True)
    close_waits_since = models.DateTimeField(_("the close waits for a checkpoint since"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    closed_in = models.BigIntegerField(null=True, blank=True, editable=False)
    public_key = models.BinaryField(max_length=32)
    wrapped_private_key = models.BinaryField(max_length=200)
    support_count = models.PositiveIntegerField(_("for support"), null=True, blank=True)
    against_count = models.PositiveIntegerField(_("against"), null=True, blank=True)
    medical_flag_count = models.PositiveIntegerField(_("called it a medical question"), null=True, blank=True)
    verdict = StateField(_("verdict"), max_length=10, states=Verdict, blank=True)

    class Meta:
        verbose_name = _("panel")
        verbose_name_plural = _("panels")
        constraints = [
            models.UniqueConstraint(fields=["case_ref", "round"], name="one_draw_a_case_and_round"),
            models.UniqueConstraint(fields=["chain_index"], name="a_chain_link_is_used_once"),
            models.CheckConstraint(
                condition=Q(status="closed", verdict__in=Verdict.values, support_count__isnull=False)
                | (~Q(status="closed") & Q(verdict="", support_count=None, against_count=None)),
                name="counts_appear_with_the_close",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["open", "closed"]) | Q(drawn_at__isnull=False, closes_at__isnull=False),
                name="an_open_panel_has_been_drawn",
            ),
        ]
        indexes = [models.Index(fields=["status", "closes_at"])]
        triggers: ClassVar[list[object]] = [
            *machine_triggers(PANEL),
            *column_triggers(columns.PANEL),
            paired(
                "commitment",
                kinds=["draw.committed"],
                stream=_STREAM,
                facts={"panel": "NEW.id", "round": "NEW.round", "commitment_digest": "NEW.commitment_digest"},
            ),
            paired(
                "close",
                kinds=["panel.closed"],
                stream=_STREAM,
                into=("status", "closed"),
                facts={
                    "panel": "NEW.id",
                    "round": "NEW.round",
                    "verdict": "NEW.verdict",
                    "support": "NEW.support_count",
                    "against": "NEW.against_count",
                    "medical_flags": "NEW.medical_flag_count",
                },
            ),
        ]

    def __str__(self) -> str:
        return f"panel:{self.pk}"

    @transition(field=status, source=PANEL.sources("seat"), target=PANEL.target("seat"))
    def seat(self) -> None:
        """The draw is made."""

    @transition(field=status, source=PANEL.sources("close"), target=PANEL.target("close"))
    def close(self) -> None:
        """The tally is made."""

    @transition(field=status, source=PANEL.sources("abandon"), target=PANEL.target("abandon"))
    def abandon(self) -> None:
        """The claim was withdrawn."""


class DrawStep(Row):
    """One number of the walk. The public sees seated or skipped; the reason is the auditor's."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveIntegerField(_("position in the walk"))
    number = models.PositiveIntegerField(_("juror number"))
    outcome = models.CharField(_("outcome"), max_length=20)

    class Meta:
        verbose_name = _("step of the draw")
        verbose_name_plural = _("steps of the draw")
        ordering = ["panel", "position"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "position"], name="one_number_a_step"),
            models.UniqueConstraint(fields=["panel", "number"], name="a_number_is_drawn_once"),
        ]

    def __str__(self) -> str:
        return f"{self.panel} step {self.position}"


class SeatStatus(StateChoices):
    """Where a seat is."""

    SUMMONED = "summoned", Shape.TODO, _("Summoned")
    RECUSED = "recused", Shape.CLOSED, _("Stepped down")


class Seat(ConcurrentTransitionMixin, Row):
    """A juror's place on a panel, known to the others only by its name ("Juror 3")."""

    Status = SeatStatus

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="seats", verbose_name=_("panel"))
    juror = models.ForeignKey(Juror, on_delete=models.PROTECT, related_name="seats", verbose_name=_("juror"))
    place = models.PositiveSmallIntegerField(_("place"))
    status = MachineField(_("status"), default=SEAT.initial, states=SeatStatus)
    summoned_at = models.DateTimeField(_("summoned"))
    first_seen_at = models.DateTimeField(_("case file first opened"), null=True, blank=True)
    recused_at = models.DateTimeField(_("stepped down"), null=True, blank=True)
    recusal_reason = models.CharField(_("reason for stepping down"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering = ["panel", "place"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "juror"], name="one_person_one_seat"),
            models.UniqueConstraint(fields=["panel", "place"], name="one_seat_a_place"),
            models.CheckConstraint(
                condition=Q(status="recused", recused_at__isnull=False) | Q(status="summoned", recused_at=None),
                name="a_recusal_has_its_moment",
            ),
        ]
        triggers: ClassVar[list[object]] = machine_triggers(SEAT) + column_triggers(columns.SEAT)

    def __str__(self) -> str:
        return f"seat:{self.pk}"

    @property
    def known_as(self) -> str:
        """How staff read of it: with the case, without the juror."""
        return f"{self} on {self.panel.case_ref}"

    @property
    def last_sequence(self) -> int:
        """How many ballots were cast from it, which is the number of the last one; lists annotate `ballots_cast`."""
        known = self.__dict__.get("ballots_cast")
        return known if known is not None else self.ballots.aggregate(last=Max("sequence"))["last"] or 0

    @transition(field=status, source=SEAT.sources("recuse"), target=SEAT.target("recuse"))
    def recuse(self) -> None:
        """The juror steps down."""
