"""What a panel and professionals may say, and the outcome of a claim: the words of a plan's decision table."""

from django.utils.translation import gettext_lazy as _

from pages.states import Shape, StateChoices


class Verdict(StateChoices):
    """What a panel says."""

    SUPPORT = "support", Shape.GOOD, _("For the claim")
    AGAINST = "against", Shape.BAD, _("Against the claim")
    HUNG = "hung", Shape.WAITING, _("No majority")


class Opinion(StateChoices):
    """What the professionals say of the medical questions: is what the claim rests on confirmed?"""

    CONFIRMED = "confirmed", Shape.GOOD, _("Confirmed")
    NOT_CONFIRMED = "not_confirmed", Shape.BAD, _("Not confirmed")
    INCONCLUSIVE = "inconclusive", Shape.WAITING, _("Inconclusive")


class RoundOutcome(StateChoices):
    """What happens to the matter after a round."""

    APPROVED = "approved", Shape.GOOD, _("Approved")
    REJECTED = "rejected", Shape.BAD, _("Rejected")
    FRESH_PANEL = "fresh_panel", Shape.WAITING, _("A fresh panel")  # opinion in the file; its verdict is final
    # once; then the verdict stands, or for a hung panel the recommendation
    REINVESTIGATE = "reinvestigate", Shape.WAITING, _("Back to investigation, once")
