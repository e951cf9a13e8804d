"""Where a membership stands, as pages and the API tell it."""

from django.utils.translation import gettext_lazy as _

from pages.states import Shape, StateChoices


class MembershipState(StateChoices):
    """Waiting, in force, or over."""

    ACTIVE = "active", Shape.GOOD, _("Active")
    IN_WAIT = "in_wait", Shape.WAITING, _("In the waiting period")
    ENDED = "ended", Shape.CLOSED, _("Ended")
