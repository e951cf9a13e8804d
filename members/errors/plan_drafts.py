"""What the rules of drafting and publishing plan versions forbid."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from audit.errors import DomainError, Words


class DraftProposed(DomainError):
    text = _("Draft %(number)s is proposed, and its text stays as it is. Send it back first.")
    number: int


class DraftClosed(DomainError):
    text = _("Draft %(number)s is %(status)s and stays as it is. Begin a new draft.")
    number: int
    status: Words


class DraftNotProposed(DomainError):
    text = _("Draft %(number)s is %(status)s: only a proposed one can be published or sent back. Look at it again.")
    number: int
    status: Words


class DraftChanged(DomainError):
    text = _("Somebody saved another text of draft %(number)s since you read it. Nothing was stored: read it again.")
    number: int


class DraftEmpty(DomainError):
    http_status = 400
    text = _("There is no text. Choose a version to start from, paste a plan file or choose one to upload.")


class DraftTooLong(DomainError):
    http_status = 400
    text = ngettext_lazy(
        "A plan file has at most %(most)s character, and this one has more.",
        "A plan file has at most %(most)s characters, and this one has more.",
        "most",
    )
    most: int
