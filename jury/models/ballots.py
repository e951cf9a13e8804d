"""Ballots and what the close makes of them. A ballot leads to its seat, an opening to no ballot."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.clock import DatabaseNow
from audit.pairing import paired
from audit.rows import Row
from audit.state_fields import StateField
from jury.models.panels import Panel, Seat
from jury.rules.verdicts import Choice


class Ballot(Row):
    """One casting: which seat, its how many-th, the sealed bytes, and the moment, which the database sets.

    A juror may cast again until the close: the last one counts, the others stay sealed. Written once and never changed;
    a trigger refuses any but the next one of a held seat of an open panel. Nothing that an opening shows stands here.
    """

    Choice = Choice

    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="ballots", verbose_name=_("seat"))
    sequence = models.PositiveSmallIntegerField(_("sequence"))
    sealed = models.BinaryField(_("sealed ballot"))
    cast_at = models.DateTimeField(_("cast"), db_default=DatabaseNow())

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        constraints = [
            models.UniqueConstraint(fields=["seat", "sequence"], name="one_ballot_a_seat_and_sequence"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="ballots_count_from_one"),
        ]
        triggers: ClassVar[list[object]] = [
            paired(
                "ballot",
                kinds=["ballot.cast"],
                stream="'claim:' || (SELECT p.case_ref FROM jury_seat s JOIN jury_panel p ON p.id = s.panel_id"
                " WHERE s.id = NEW.seat_id)",
                facts={"sequence": "NEW.sequence", "sealed": "encode(sha256(NEW.sealed), 'hex')"},
            )
        ]

    def __str__(self) -> str:
        return f"ballot of {self.seat} no. {self.sequence}"


class BallotOpening(Row):
    """What a counted ballot said, written by the close in the order of the receipts, without reference to a ballot.

    Rows come in the close's own transaction or never (trigger), and never change. Two may have one receipt, where one
    ballot was sealed twice: both count, and the fault is public.
    """

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="openings")
    receipt = models.CharField(_("receipt"), max_length=40)
    commitment = models.CharField(_("commitment"), max_length=64)
    choice = StateField(_("choice"), max_length=10, states=Choice)
    reason_codes = models.JSONField(_("reason codes"), default=list)
    words = models.TextField(_("in the juror's words"), blank=True)
    words_digest = models.CharField(_("digest of the words"), max_length=64)
    is_medical_question = models.BooleanField(_("called it a medical question"), default=False)
    salt = models.CharField(_("salt of the commitment"), max_length=64)

    class Meta:
        verbose_name = _("opened ballot")
        verbose_name_plural = _("opened ballots")
        indexes = [models.Index(fields=["panel", "receipt"])]

    def __str__(self) -> str:
        return f"opening {self.receipt}"


class CountedToken(Row):
    """The token of a seat from which a ballot was counted, in the order of the tokens; as many as openings."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="counted_tokens")
    token = models.CharField(_("seat token"), max_length=40)

    class Meta:
        verbose_name = _("token of a seat that voted")
        verbose_name_plural = _("tokens of seats that voted")
        indexes = [models.Index(fields=["panel", "token"])]

    def __str__(self) -> str:
        return self.token


class FaultKind(models.TextChoices):
    """What the close found wrong. The first two set a ballot aside; with the others it counts."""

    NO_ENTRY = "no_entry", _("set aside: the log has no entry of this ballot")
    UNREADABLE = "unreadable", _("set aside: it does not open as a ballot of its seat")
    NO_PLACE = "no_place", _("counted: its entry has no place in the log's tree")
    NO_CHECKPOINT = "no_checkpoint", _("counted: no signed checkpoint covered its entry within an hour")
    NO_BALLOT = "no_ballot", _("the log has an entry of a ballot that is not there")
    OTHER_TOKEN = "other_token", _("counted: the seat's ballots were entered under different tokens")
    TOKEN_TWICE = "token_twice", _("counted: two seats' ballots were entered under one token")
    RECEIPT_TWICE = "receipt_twice", _("counted: two ballots have one receipt")


SETS_ASIDE = (FaultKind.NO_ENTRY, FaultKind.UNREADABLE)


class BallotFault(Row):
    """A fault that the close published. It names token, sequence and digest, or the receipt, and never both."""

    Kind = FaultKind

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="faults")
    kind = models.CharField(_("fault"), max_length=20, choices=FaultKind)
    token = models.CharField(_("seat token"), max_length=40, blank=True)
    sequence = models.PositiveSmallIntegerField(_("sequence"), null=True, blank=True)
    ballot_digest = models.CharField(_("digest of the sealed ballot"), max_length=64, blank=True)
    receipt = models.CharField(_("receipt"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("fault of a ballot")
        verbose_name_plural = _("faults of ballots")
        constraints = [
            models.CheckConstraint(
                condition=Q(receipt="") | Q(token="", sequence=None, ballot_digest=""), name="no_receipt_beside_a_token"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.token or self.receipt or self.ballot_digest}"

    @property
    def sets_aside(self) -> bool:
        """Whether the ballot was not counted."""
        return self.kind in SETS_ASIDE


class SeatDispute(Row):
    """A juror says that the ballots which came from their seat are not what they did. Once a seat, never changed."""

    seat = models.OneToOneField(Seat, on_delete=models.PROTECT, related_name="dispute", verbose_name=_("seat"))
    ballots = models.PositiveSmallIntegerField(_("ballots that came from the seat"))
    disputed_at = models.DateTimeField(_("disputed"))

    class Meta:
        verbose_name = _("disputed seat")
        verbose_name_plural = _("disputed seats")

    def __str__(self) -> str:
        return f"dispute of {self.seat}"
