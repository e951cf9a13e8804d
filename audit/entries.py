"""The kinds of entries that this room writes, each in plain words for the reader of a story."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FILLER, FILLER_STREAM = "log.filler", "log:fillers"
"""What the tree is filled up with before it is signed."""

ENTRY_WORDS: dict[str, str | Promise] = {
    FILLER: _("An entry that says nothing: it fills the log, so that its growth does not show how much happened"),
    "log.exported": _("The results of a search of the log were exported as a file"),
    "log.key_introduced": _("The log began to sign with its first key"),
    "log.key_retired": _("The log stopped signing with a key"),
    "log.key_rotated": _("The log began to sign with a new key"),
    "log.witness_introduced": _("A witness cosigned the log under this key for the first time"),
    "log.witness_refused": _("A witness refused to cosign the log"),
}
