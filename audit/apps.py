"""The app's configuration."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.entries import ENTRY_WORDS
from audit.messages import TOLD
from audit.own_columns import COLUMNS
from audit.rooms import PeriodicTask, RoomConfig
from pages.navigation import NavLink
from pages.waiting import Waiting


class AuditConfig(RoomConfig):
    """The `audit` app."""

    name = "audit"
    verbose_name = _("Audit")
    entry_words = ENTRY_WORDS
    told = TOLD
    columns = COLUMNS
    periodic_tasks = {
        "publish-log": PeriodicTask(
            "audit.publish",
            every_s=5.0,
            words=_("Publishing the log"),
            when_late=_("New entries are not signed yet, so nobody can prove them, and no jury is drawn."),
            late_after_s=60.0,
        ),
        "offer-checkpoint": PeriodicTask(
            "audit.offer",
            every_s=5.0,
            words=_("Offering the log to its witnesses"),
            when_late=_("Checkpoints of the log wait to be cosigned. Everything else goes on."),
        ),
    }

    def navigation(self) -> Sequence[NavLink]:
        """The links of `navigation.py`."""
        from audit.navigation import LINKS

        return LINKS

    def waiting(self, user: Any) -> Sequence[Waiting]:
        """What `selectors/waiting.py` finds."""
        from audit.selectors.waiting import waiting_for

        return list(waiting_for(user))

    def ready(self) -> None:
        """Let pages follow the one clock; a witness setting that can't be read fails now, not at a checkpoint."""
        from audit import clock
        from audit.selectors.witnesses import configured_witnesses
        from pages import moments

        moments.follow(clock.now)
        configured_witnesses()
