"""The root of all domain exceptions: facts in the domain's words, translated, shown to the user as they are."""

from __future__ import annotations

from django.utils.translation import gettext as _


class DomainError(Exception):
    """A rule of the plan or of the procedure forbids the act. The text names the thing, the rule and the next step."""

    http_status = 409


class NotAllowed(DomainError):
    """This person may not do this act."""

    http_status = 403


class LogNotSigned(DomainError):
    """Nothing is signed yet, so there is nothing that could be shown or taken out."""

    def __str__(self) -> str:
        return _("The log has no checkpoint yet: come back in a few seconds.")


class NotYetProven(DomainError):
    """An entry that no checkpoint covers yet has no proof."""

    def __str__(self) -> str:
        return _("No checkpoint covers this entry yet. One is signed every few seconds: ask again in a moment.")
