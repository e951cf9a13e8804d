"""The app's configuration."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from adjudication.columns import COLUMNS
from adjudication.entries import ENTRY_WORDS
from adjudication.machines import MACHINES
from adjudication.messages import MESSAGE_KINDS, TOLD
from audit.rooms import LookUp, PeriodicTask, RoomConfig
from audit.waits import Wait
from pages.navigation import NavLink
from pages.waiting import Waiting


class AdjudicationConfig(RoomConfig):
    """The `adjudication` app."""

    name = "adjudication"
    verbose_name = _("Adjudication")
    entry_words = ENTRY_WORDS
    machines = MACHINES
    columns = COLUMNS
    message_kinds = MESSAGE_KINDS
    told = TOLD
    periodic_tasks = {
        "sweep-deadlines": PeriodicTask(
            "adjudication.sweep_deadlines",
            every_s=15.0,
            words=_("Deadlines of claims, juries and opinions"),
            when_late=_(
                "Juries are drawn and votes are closed later than announced, and claims wait for their next step."
            ),
        ),
    }

    def navigation(self) -> Sequence[NavLink]:
        """The links of `navigation.py`."""
        from adjudication.navigation import LINKS

        return LINKS

    def asked(self) -> Mapping[str, LookUp]:
        """What `selectors/asked.py` finds."""
        from adjudication.selectors.asked import answers, holds, reports, takings, words

        return {"answer": answers, "word": words, "report": reports, "taking": takings, "hold": holds}

    def waits(self) -> Sequence[Wait]:
        """The table of `waits.py`."""
        from adjudication.waits import WAITS

        return WAITS

    def waiting(self, user: Any) -> Sequence[Waiting]:
        """What `selectors/waiting.py` finds."""
        from adjudication.selectors.waiting import waiting_for

        return list(waiting_for(user))
