"""The app's configuration."""

from django.utils.translation import gettext_lazy as _

from audit.rooms import RoomConfig
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
    message_kinds = MESSAGE_KINDS
    told = TOLD
