"""The app's configuration."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.rooms import PeriodicTask, RoomConfig
from members.columns import COLUMNS
from members.entries import ENTRY_WORDS
from members.machines import MACHINES
from members.messages import MESSAGE_KINDS, TOLD
from pages.navigation import NavLink
from pages.waiting import Waiting


class MembersConfig(RoomConfig):
    """The `members` app."""

    name = "members"
    verbose_name = _("Members")
    entry_words = ENTRY_WORDS
    machines = MACHINES
    columns = COLUMNS
    message_kinds = MESSAGE_KINDS
    told = TOLD
    periodic_tasks = {
        "sweep-messages": PeriodicTask(
            "members.sweep_messages",
            every_s=15.0,
            words=_("Messages to people"),
            when_late=_("Messages leave later by e-mail and as texts. The inbox has each of them at once."),
        ),
        "send-digests": PeriodicTask(
            "members.send_digests",
            every_s=300.0,
            words=_("Daily digests of staff"),
            when_late=_("Staff get the list of what waits for them later. Their start page has it at any time."),
        ),
        "sweep-ages": PeriodicTask(
            "members.sweep_ages",
            every_s=3600.0,
            words=_("Members past the oldest age"),
            when_late=_("Members are told later that their cover ends by age, and their memberships end later."),
        ),
        "read-reports": PeriodicTask(
            "members.read_reports",
            every_s=60.0,
            words=_("Reading what came back"),
            when_late=_("Mails that came back, and reports of the text service, are noticed later."),
        ),
    }

    def navigation(self) -> Sequence[NavLink]:
        """The links of `navigation.py`."""
        from members.navigation import LINKS

        return LINKS

    def waiting(self, user: Any) -> Sequence[Waiting]:
        """What `selectors/waiting.py` finds."""
        from members.selectors.waiting import waiting_for

        return list(waiting_for(user))

    def ready(self) -> None:
        """Connect the record of log-ins."""
        from members import accounts  # noqa: F401
