"""Why a juror may step down: jurors choose from the first six, the service itself records the last three."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RecusalReason(TextChoices):
    """A reason for giving up a seat."""

    KNOWS_SOMEBODY = "knows_somebody", _("I know or may know someone involved")
    INTEREST = "interest", _("I could gain or lose by the outcome")
    NOT_IMPARTIAL = "not_impartial", _("I can't judge this impartially")
    HEALTH = "health", _("I am ill, or the case would burden me too much")
    NO_TIME = "no_time", _("I have no time before the close")
    OTHER = "other", _("another reason")
    CONFLICT = "conflict", _("found to be close to someone involved")
    LAPSED = "lapsed", _("left the pool of jurors")
    UNREACHED = "unreached", _("the summons did not get through")


OFFERED = (
    RecusalReason.KNOWS_SOMEBODY,
    RecusalReason.INTEREST,
    RecusalReason.NOT_IMPARTIAL,
    RecusalReason.HEALTH,
    RecusalReason.NO_TIME,
    RecusalReason.OTHER,
)
"""What a juror chooses from; `recuse_seat` takes the value of one of them."""
