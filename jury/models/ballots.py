"""Ballots: sealed when cast, opened once, in the close."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.state_fields import StateField
from jury.models.panels import Seat
from jury.rules.verdicts import Choice


class Ballot(models.Model):
    """One casting. A juror may cast again until the close: the last one counts, the others stay sealed.

    Written once and never changed (trigger); a trigger also refuses any ballot on a panel that isn't open.
    """

    Choice = Choice

    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="ballots", verbose_name=_("seat"))
    sequence = models.PositiveSmallIntegerField(_("sequence"))
    sealed = models.BinaryField(_("sealed ballot"))
    commitment = models.CharField(_("commitment"), max_length=64)
    receipt = models.CharField(_("receipt"), max_length=40)
    cast_at = models.DateTimeField(_("cast"))

    class Meta:
        verbose_name = _("ballot")
        verbose_name_plural = _("ballots")
        constraints = [
            models.UniqueConstraint(fields=["seat", "sequence"], name="one_ballot_a_seat_and_sequence"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="ballots_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"ballot of {self.seat} no. {self.sequence}"


class BallotOpening(models.Model):
    """What the counted ballot of a seat said, written by the close. Never changed (trigger)."""

    ballot = models.OneToOneField(Ballot, on_delete=models.PROTECT, related_name="opening")
    choice = StateField(_("choice"), max_length=10, states=Choice)
    reason_codes = models.JSONField(_("reason codes"), default=list)
    words = models.TextField(_("in the juror's words"), blank=True)
    is_medical_question = models.BooleanField(_("called it a medical question"), default=False)
    salt = models.CharField(_("salt of the commitment"), max_length=64)

    class Meta:
        verbose_name = _("opened ballot")
        verbose_name_plural = _("opened ballots")

    def __str__(self) -> str:
        return f"opening of {self.ballot}"
