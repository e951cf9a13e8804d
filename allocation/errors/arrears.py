"""What forbids paying a share, or moving to another plan."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError
from members.rules.money import Money


class NothingOwed(DomainError):
    text = _("This membership owes no shares: everything is paid or otherwise settled. Nothing was collected.")


class OwesBeforeMoving(DomainError):
    """An unpaid share must be paid before its member moves; otherwise moving would be a way not to pay it."""

    text = _(
        "%(amount)s of this membership could not be collected and is owed (notice of %(day)s). A member can move "
        "only when nothing is owed: pay it under “My shares” first."
    )
    amount: Money
    day: dt.date
