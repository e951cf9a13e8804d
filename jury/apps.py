"""The app's configuration."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from audit.rooms import LookUp, RoomConfig
from jury.columns import COLUMNS
from jury.entries import ENTRY_WORDS, RETIRED_KINDS
from jury.machines import MACHINES
from jury.messages import MESSAGE_KINDS, TOLD


class JuryConfig(RoomConfig):
    """The `jury` app."""

    name = "jury"
    verbose_name = _("Jury")
    entry_words = ENTRY_WORDS
    retired_kinds = RETIRED_KINDS
    machines = MACHINES
    columns = COLUMNS
    message_kinds = MESSAGE_KINDS
    told = TOLD

    def asked(self) -> Mapping[str, LookUp]:
        """What `selectors/asked.py` finds."""
        from jury.selectors.asked import opinions, votes

        return {"vote": votes, "opinion": opinions}
