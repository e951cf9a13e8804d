"""Reasons to refuse an act on the draft of a claim."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError, Words


class DraftUnknown(DomainError):
    http_status = 404
    text = _("You have no such draft. Start a new claim.")


class DraftAlreadySent(DomainError):
    text = _("This was already sent: it is claim %(ref)s. Follow it in your list.")
    ref: str


class DraftIncomplete(DomainError):
    text = _("These steps are not finished: %(steps)s. Finish them, then send the claim.")
    steps: Sequence[Words]
