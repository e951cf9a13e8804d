"""What a decision says."""

from django.utils.translation import gettext_lazy as _

from pages.states import Shape, StateChoices


class DecisionOutcome(StateChoices):
    """What was decided."""

    APPROVED = "approved", Shape.GOOD, _("Approved")
    REJECTED = "rejected", Shape.BAD, _("Rejected")
