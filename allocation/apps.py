"""The app's configuration."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from allocation.columns import COLUMNS
from allocation.entries import ENTRY_WORDS, RETIRED_KINDS
from allocation.machines import MACHINES
from allocation.messages import MESSAGE_KINDS, TOLD
from audit.rooms import LookUp, PeriodicTask, RoomConfig
from audit.waits import Wait
from pages.navigation import NavLink
from pages.waiting import Waiting


class AllocationConfig(RoomConfig):
    """The `allocation` app."""

    name = "allocation"
    verbose_name = _("Allocation")
    entry_words = ENTRY_WORDS
    retired_kinds = RETIRED_KINDS
    machines = MACHINES
    columns = COLUMNS
    message_kinds = MESSAGE_KINDS
    told = TOLD
    periodic_tasks = {
        "sweep-payments": PeriodicTask(
            "allocation.sweep_payments",
            every_s=15.0,
            words=_("Collections and payouts"),
            when_late=_("Shares are collected and aid is paid later. No payment is lost or made twice."),
        ),
        "sweep-arrears": PeriodicTask(
            "allocation.sweep_arrears",
            every_s=60.0,
            words=_("Unpaid shares and refunds at the payment service"),
            when_late=_("Unpaid shares are collected again later, and refunds are paid later."),
        ),
        "sweep-money-deadlines": PeriodicTask(
            "allocation.sweep_deadlines",
            every_s=15.0,
            words=_("Deadlines of memberships, refunds and periods"),
            when_late=_("Memberships in arrears end later, refunds are opened later, and paid periods stay open."),
        ),
        "sweep-dissolutions": PeriodicTask(
            "allocation.sweep_dissolutions",
            every_s=60.0,
            words=_("Ends of plans"),
            when_late=_("The memberships of a plan that has ended still read as running."),
        ),
    }

    def navigation(self) -> Sequence[NavLink]:
        """The links of `navigation.py`."""
        from allocation.navigation import LINKS

        return LINKS

    def asked(self) -> Mapping[str, LookUp]:
        """What `selectors/asked.py` finds."""
        from allocation.selectors.asked import charges, shares

        return {"share": shares, "charge": charges}

    def waits(self) -> Sequence[Wait]:
        """The table of `waits.py`."""
        from allocation.waits import WAITS

        return WAITS

    def waiting(self, user: Any) -> Sequence[Waiting]:
        """What `selectors/waiting.py` finds."""
        from allocation.selectors.waiting import waiting_for

        return list(waiting_for(user))
