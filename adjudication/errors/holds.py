"""What a hold prevents, and reasons to refuse placing or lifting one."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, Words


class ClaimOnHold(DomainError):
    """A claim on hold does not move, and can't be put on hold a second time."""

    text = _("Claim %(ref)s is on hold: %(reason)s. Lift the hold first.")
    ref: str
    reason: str


class ClaimNotOnHold(DomainError):
    text = _("Claim %(ref)s is not on hold, so there is no hold to lift. Reload the page.")
    ref: str


class NothingToHold(DomainError):
    """The claim has ended, so there is nothing to stop."""

    text = _("Claim %(ref)s is %(status)s, so it can no longer be put on hold.")
    ref: str
    status: Words


class HoldReasonUnfit(DomainError):
    """The member reads why their claim is on hold, so a short reason is required."""

    text = _("Say in 1 to %(most)s characters why the claim is put on hold: the member will read it.")
    most: int
