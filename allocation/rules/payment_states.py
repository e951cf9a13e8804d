"""Where the payment of one member's share stands."""

from django.utils.translation import gettext_lazy as _

from pages.states import Shape, StateChoices


class PaymentState(StateChoices):
    """From the notice to the end of the share; from `owed` on, the state of its arrear."""

    ANNOUNCED = "announced", Shape.WAITING, _("Announced")
    NOTHING_TO_PAY = "nothing_to_pay", Shape.CLOSED, _("Nothing to pay")
    COLLECTING = "collecting", Shape.WAITING, _("Being collected")
    COLLECTED = "collected", Shape.GOOD, _("Collected")
    PAID_LATER = "paid_later", Shape.GOOD, _("Paid later")
    OWED = "owed", Shape.BAD, _("Owed")
    NETTED = "netted", Shape.CLOSED, _("Taken off the aid")
    WRITTEN_OFF = "written_off", Shape.CLOSED, _("Borne by the sponsor")
