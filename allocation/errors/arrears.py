"""What forbids paying a share, or moving to another plan."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, NotAllowed
from members.rules.money import Money


class NothingOwed(DomainError):
    text = _("This membership owes no shares: everything is paid or otherwise settled. Nothing was collected.")


class NoSuchShareNotice(DomainError):
    text = _("This message is no notice of an owed share. Choose one from the page “Members who were not reached”.")


class NoShareAwaited(DomainError):
    text = _("This share is no longer owed, so nobody needs to be reached about it. Nothing was recorded.")


class OwnShare(NotAllowed):
    text = _("This share is your own, or of somebody you pay for, so another reviewer records attempts to reach you.")


class OwesBeforeMoving(DomainError):
    """An unpaid share must be paid before its member moves; otherwise moving would be a way not to pay it."""

    text = _(
        "%(amount)s of this membership could not be collected and is owed (notice of %(day)s). A member can move "
        "only when nothing is owed: pay it under “My shares” first."
    )
    amount: Money
    day: dt.date
